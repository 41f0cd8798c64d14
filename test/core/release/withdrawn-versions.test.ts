import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWithdrawnVersions, parseWithdrawnVersions } from '../../../core/release/withdrawn-versions';

describe('Withdrawn versions', () => {
  it('are none, or numbers, sorted and each once', () => {
    expect(parseWithdrawnVersions('none')).toEqual([]);
    expect(parseWithdrawnVersions('5,2,5,10')).toEqual([2, 5, 10]);
  });

  it.each(['', '0', '2,', ',2', '2, 5', '2;5', '2,none', '100000', 'all', '01'])('are never %j', (text) => {
    expect(() => parseWithdrawnVersions(text)).toThrow(
      expect.objectContaining({
        code: 'InvalidWithdrawnVersions',
        message: expect.stringContaining(JSON.stringify(text)),
      }),
    );
  });

  it('survive being written and read', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99_999 })), (versions) => {
        const sorted = [...new Set(versions)].sort((a, b) => a - b);
        expect(parseWithdrawnVersions(formatWithdrawnVersions(versions))).toEqual(sorted);
      }),
    );
  });
});
