import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordDiff } from '../../../core/text/word-diff';

describe('Word diff', () => {
  it('shows the words that changed', () => {
    expect(wordDiff('You are a balanced investment advisor', 'You are a conservative investment advisor')).toBe(
      'You are a [-balanced-]{+conservative+} investment advisor',
    );
    expect(wordDiff('same', 'same')).toBe('same');
    expect(wordDiff('', 'new')).toBe('{+new+}');
    expect(wordDiff('one\ntwo', 'one\n\ntwo')).toBe('one\n{+\n+}two');
  });

  it('holds both texts', () => {
    const prose = fc
      .array(fc.constantFrom('You', 'are', 'a', 'bold', 'advisor', ' ', '\n', '. '))
      .map((words) => words.join(''));
    fc.assert(
      fc.property(prose, prose, (before, after) => {
        const diff = wordDiff(before, after);
        expect(diff.replace(/\{\+.*?\+\}/gs, '').replace(/\[-(.*?)-\]/gs, '$1')).toBe(before);
        expect(diff.replace(/\[-.*?-\]/gs, '').replace(/\{\+(.*?)\+\}/gs, '$1')).toBe(after);
      }),
    );
  });
});
