import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PairedCounts, pairedInterval } from '../../../core/evaluation/paired-interval';
import { DEFAULT_MARGIN, provableMargin, verdictOf, worstOf } from '../../../core/evaluation/verdict';

const counts = (both: number, onlyCandidate: number, onlyLive: number, neither: number): PairedCounts => ({
  ...{ both, onlyCandidate, onlyLive, neither },
});

const anyCounts = fc
  .tuple(...Array.from({ length: 4 }, () => fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2_000 }))))
  .map(([a = 0, b = 0, c = 0, d = 0]) => counts(a, b, c, d))
  .filter(({ both, onlyCandidate, onlyLive, neither }) => both + onlyCandidate + onlyLive + neither > 0);

/** Both bounds are where a quadratic equation is zero, and the correlation is that of two columns of zeros and ones. */
function byHand({ both, onlyCandidate, onlyLive, neither }: PairedCounts, z: number) {
  const rows = [
    [1, 1, both],
    [1, 0, onlyCandidate],
    [0, 1, onlyLive],
    [0, 0, neither],
  ] as const;
  const n = rows.reduce((sum, [, , many]) => sum + many, 0);
  const mean = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + of(row) * row[2], 0) / n;
  const [p, q] = [mean(([x]) => x), mean(([, y]) => y)];
  // (x − p)² = z² x (1 − x) / n
  const roots = (share: number) => {
    const [a, b, c] = [1 + z ** 2 / n, -(2 * share + z ** 2 / n), share ** 2];
    const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)] as const;
  };
  const [[l1, u1], [l2, u2]] = [roots(p), roots(q)];
  const covariance = mean(([x, y]) => x * y) - p * q;
  const spread = Math.sqrt(p * (1 - p) * q * (1 - q));
  // In shares of n², a half of n is 1 / 2n.
  const corrected = covariance > 0 ? Math.max(0, covariance - 1 / (2 * n)) : covariance;
  const phi = spread > 1e-12 ? corrected / spread : 0;
  const side = (a: number, b: number) => Math.sqrt(Math.max(0, a ** 2 + b ** 2 - 2 * phi * a * b));
  return { difference: p - q, low: p - q - side(p - l1, u2 - q), high: p - q + side(u1 - p, q - l2) };
}

describe("Newcombe's paired interval", () => {
  it('is the one of the paper', () => {
    // Table II of the paper, method 10, two-sided 95 %: 36, 12, 2, 0.
    const { difference, low, high } = pairedInterval(counts(36, 12, 2, 0), 1.959963984540054);
    expect([difference, low, high].map((value) => value.toFixed(4))).toEqual(['0.2000', '0.0569', '0.3404']);
  });

  it('agrees with a second implementation', () => {
    fc.assert(
      fc.property(anyCounts, fc.constantFrom(1.2816, 1.6449, 1.96, 2.5758), (found, z) => {
        const [ours, theirs] = [pairedInterval(found, z), byHand(found, z)];
        for (const name of ['difference', 'low', 'high'] as const) expect(ours[name]).toBeCloseTo(theirs[name], 7);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same from the other side, holds the difference and stays a difference of shares', () => {
    fc.assert(
      fc.property(anyCounts, (found) => {
        const { difference, low, high } = pairedInterval(found);
        const swapped = pairedInterval({ ...found, onlyCandidate: found.onlyLive, onlyLive: found.onlyCandidate });
        expect(swapped.low).toBeCloseTo(-high, 12);
        expect(low).toBeLessThanOrEqual(difference);
        expect(high).toBeGreaterThanOrEqual(difference);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-9);
      }),
    );
  });
});

describe('The verdict', () => {
  it.each([
    ['an equal prompt of 200 cases', counts(178, 5, 5, 12), 'not worse'],
    ['half of what passed is lost', counts(30, 0, 20, 0), 'worse'],
    ['ten points lost, and 50 cases', counts(45, 0, 5, 0), 'inconclusive'],
    ['few cases', counts(20, 2, 3, 5), 'inconclusive'],
    ['one case that passes', counts(1, 0, 0, 0), 'inconclusive'],
    ['no case', counts(0, 0, 0, 0), 'inconclusive'],
    ['all fail with both', counts(0, 0, 0, 200), 'not worse'],
  ])('%s: %j → %s', (_, found, verdict) => {
    expect(verdictOf(found).verdict).toBe(verdict);
  });

  it('takes a loss that the usual test calls not significant for no pass', () => {
    // McNemar: (9 − 4)² / 13 = 1.9, p = 0.17.
    expect(verdictOf(counts(36, 4, 9, 1)).verdict).toBe('inconclusive');
  });

  it('says how many cases would decide, and that more of the same would not', () => {
    const { wouldDecide } = verdictOf(counts(20, 2, 3, 5));
    expect(wouldDecide).toBe(108);
    const scaled = (many: number) =>
      verdictOf(counts((20 * many) / 30, (2 * many) / 30, (3 * many) / 30, (5 * many) / 30));
    expect(scaled(108).verdict).toBe('not worse');
    expect(scaled(107).verdict).toBe('inconclusive');
    expect(verdictOf(counts(45, 0, 5, 0)).wouldDecide).toBeNull();
    expect(verdictOf(counts(178, 5, 5, 12)).wouldDecide).toBeNull();
    expect(verdictOf(counts(0, 0, 0, 0)).wouldDecide).toBeNull();
  });

  it('says the smallest margin that the suite can prove: with it an equal prompt passes in nine runs of ten', () => {
    for (const [cases, flips] of [
      [50, 6],
      [200, 20],
      [400, 60],
    ] as const) {
      const neither = Math.round(cases * 0.05);
      const both = cases - flips - neither;
      const margin = provableMargin(counts(both, flips / 2, flips / 2, neither));
      let passes = 0;
      let chance = 2 ** -flips;
      for (let up = 0; up <= flips; up++) {
        if (verdictOf(counts(both, up, flips - up, neither), margin + 1e-9).verdict === 'not worse') passes += chance;
        chance *= (flips - up) / (up + 1);
      }
      expect(passes).toBeGreaterThanOrEqual(0.9);
      expect(passes).toBeLessThan(0.99);
    }
    expect(provableMargin(counts(100_000, 0, 0, 0))).toBeLessThan(0.001);
    expect(provableMargin(counts(90_000, 5_000, 5_000, 0))).toBeLessThan(0.01);
    expect(provableMargin(counts(0, 0, 0, 0))).toBe(1);
  });

  it('of several metrics is the worst', () => {
    expect(worstOf(['not worse', 'inconclusive', 'worse'])).toBe('worse');
    expect(worstOf(['not worse', 'inconclusive'])).toBe('inconclusive');
    expect(worstOf(['not worse'])).toBe('not worse');
  });

  it('has a margin of ten points', () => {
    expect(DEFAULT_MARGIN).toBe(0.1);
    expect(verdictOf(counts(170, 10, 10, 10)).verdict).toBe('not worse');
    expect(verdictOf(counts(170, 10, 10, 10), 0.03).verdict).toBe('inconclusive');
  });
});
