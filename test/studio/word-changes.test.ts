import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WordChange, wordChanges } from '../../studio/diff/word-changes';

const words = fc.array(
  fc.constantFrom('you', 'are', 'a', 'balanced', 'advisor', ' ', '\n', '  ', '{{x}}', '日本', '\r\n', '.'),
  {
    maxLength: 60,
  },
);
const text = fc.oneof(
  words.map((list) => list.join(' ')),
  words.map((list) => list.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

const side = (changes: readonly WordChange[], gone: 'added' | 'removed') =>
  changes.map((change) => (change.kind === gone ? '' : change.text)).join('');

describe('The words that changed', () => {
  it('are none between a text and itself', () => {
    fc.assert(fc.property(text, (a) => wordChanges(a, a).every(({ kind }) => kind === 'same')));
  });

  it('make the second text out of the first, and the first out of the second', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const changes = wordChanges(a, b);
        expect(side(changes, 'added')).toBe(a);
        expect(side(changes, 'removed')).toBe(b);
      }),
      { numRuns: 1000 },
    );
  });

  it('are all shown: a word that stands on one side only is never among the equal ones', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const changes = wordChanges(`${a.join(' ')} onlybefore`, `onlyafter ${b.join(' ')}`);
        const kindOf = (word: string) => changes.find((change) => change.text.includes(word))?.kind;
        expect([kindOf('onlybefore'), kindOf('onlyafter')]).toEqual(['removed', 'added']);
      }),
    );
  });

  it('never repeat a kind twice in a row, nor hold an empty stretch', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const changes = wordChanges(a, b);
        expect(changes.every((change, index) => change.text !== '' && change.kind !== changes[index + 1]?.kind)).toBe(
          true,
        );
      }),
    );
  });

  it.each<[string, string, string]>([
    [
      'You are a balanced advisor.',
      'You are a conservative advisor.',
      'You are a [-balanced-]{+conservative+} advisor.',
    ],
    ['one\ntwo\nthree', 'one\nthree', 'one\n[-two\n-]three'],
    ['be brief and kind', 'be short but kind', 'be [-brief and-]{+short but+} kind'],
    ['価格を説明', '価値を説明', '価[-格-]{+値+}を説明'],
    ['{{ticker}} fell', '{{symbol}} fell', '{{[-ticker-]{+symbol+}}} fell'],
    ['', 'new', '{+new+}'],
  ])('%j to %j', (a, b, marked) => {
    const shown = wordChanges(a, b).map(({ kind, text: part }) =>
      kind === 'same' ? part : kind === 'removed' ? `[-${part}-]` : `{+${part}+}`,
    );
    expect(shown.join('')).toBe(marked);
  });

  it('are found in long texts that have almost nothing in common', () => {
    const many = (seed: number) => Array.from({ length: 20_000 }, (_, i) => `w${(i * seed) % 9973}`).join(' ');
    const [a, b] = [`${many(31)} anchor ${many(7)}`, `${many(17)} anchor ${many(5)}`];
    const changes = wordChanges(a, b);
    expect(side(changes, 'added')).toBe(a);
    expect(side(changes, 'removed')).toBe(b);
  });
});
