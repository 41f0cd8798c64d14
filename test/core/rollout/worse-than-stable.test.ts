import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArmCounts } from '../../../core/rollout/arm-counts';
import { logFactorial } from '../../../core/rollout/log-factorial';
import { haltsAt, sureness } from '../../../core/rollout/worse-than-stable';

const span = (n1: number, k1: number, n0: number, k0: number): ArmCounts => ({
  candidate: { uses: n1, failures: k1 },
  stable: { uses: n0, failures: k0 },
});

function choices(n: number, k: number): bigint {
  let found = 1n;
  for (let index = 1n; index <= k; index++) found = (found * (BigInt(n) + 1n - index)) / index;
  return found;
}

/** All ways in which as many failures fall to the candidate, with how often each happens: whole numbers, nothing rounded. */
function waysOf(n1: number, n0: number, failures: number): [failed: number, ways: bigint][] {
  const ways: [number, bigint][] = [];
  for (let failed = Math.max(0, failures - n0); failed <= Math.min(failures, n1); failed++) {
    ways.push([failed, choices(n1, failed) * choices(n0, failures - failed)]);
  }
  return ways;
}

const share = (part: bigint, whole: bigint) => Number((part * 10n ** 200n) / whole) / 1e200;

const margins = fc
  .record({ n1: fc.integer({ min: 1, max: 120 }), n0: fc.integer({ min: 1, max: 400 }) })
  .chain(({ n1, n0 }) => fc.record({ n1: fc.constant(n1), n0: fc.constant(n0), failures: fc.nat(n1 + n0) }));

describe('How sure it is that a candidate is worse', () => {
  it('is a fair bet in each span: 1 in the mean over all ways in which failures fall while it is no worse', () => {
    fc.assert(
      fc.property(margins, ({ n1, n0, failures }) => {
        const ways = waysOf(n1, n0, failures);
        const all = ways.reduce((sum, [, count]) => sum + count, 0n);
        const mean = ways.reduce((sum, [failed, count]) => {
          return sum + share(count, all) * sureness([span(n1, failed, n0, failures - failed)]);
        }, 0);
        expect(mean).toBeCloseTo(1, 6);
      }),
      { numRuns: 60 },
    );
  });

  it('is at most 1 in the mean where the candidate is better', () => {
    // Failures fall to the candidate with half the odds.
    const [n1, n0, failures] = [50, 200, 20];
    const ways = waysOf(n1, n0, failures).map(([failed, count]) => [failed, Number(count) / 2 ** failed] as const);
    const all = ways.reduce((sum, [, weight]) => sum + weight, 0);
    const mean = ways.reduce((sum, [failed, weight]) => {
      return sum + (weight / all) * sureness([span(n1, failed, n0, failures - failed)]);
    }, 0);
    expect(mean).toBeLessThan(1);
  });

  it('is the mean over the ratios, exactly', () => {
    const ways = waysOf(30, 300, 6);
    const all = ways.reduce((sum, [, count]) => sum + count, 0n);
    const bet = (ratio: number) =>
      ratio ** 4 / ways.reduce((sum, [failed, count]) => sum + share(count, all) * ratio ** failed, 0);
    const mean = (value: (ratio: number) => number) =>
      [1.5, 2, 3, 5, 10].reduce((sum, ratio) => sum + value(ratio) / 5, 0);
    // Half of the bet was made before, the other half is kept for later: a half of it for the second span.
    expect(sureness([span(30, 4, 300, 2)])).toBeCloseTo(mean(bet) / 2 + 1 / 2, 9);
    const twice = mean((ratio) => bet(ratio) ** 2) / 2 + mean(bet) / 4 + 1 / 4;
    expect(sureness([span(30, 4, 300, 2), span(30, 4, 300, 2)])).toBeCloseTo(twice, 6);
  });

  it('forgets no later hour for a good one before it', () => {
    const good = Array.from({ length: 1000 }, () => span(300, 3, 300, 3));
    const bad = Array.from({ length: 4 }, () => span(300, 30, 300, 3));
    expect(sureness(good)).toBeLessThan(1);
    expect(sureness([...good, ...bad])).toBeGreaterThan(haltsAt(1));
  });

  it.each<[string, ArmCounts[]]>([
    ['nothing is known', []],
    ['nothing failed', [span(50, 0, 900, 0)]],
    ['everything failed, of both', [span(50, 50, 900, 900)]],
    ['nobody used the stable version', [span(500, 400, 0, 0)]],
    ['nobody used the candidate', [span(0, 0, 500, 400)]],
  ])('is 1 while %s', (_name, spans) => {
    expect(sureness(spans)).toBe(1);
  });

  it('does not rise with an outage that hits both, and does with one that hits the candidate', () => {
    expect(sureness([span(50, 45, 950, 855)])).toBeLessThan(2);
    expect(sureness([span(50, 10, 950, 10)])).toBeGreaterThan(haltsAt(1));
    expect(haltsAt(1)).toBe(20);
    expect(haltsAt(2)).toBe(40);
  });

  it('takes counts of any size, and a failure that came before its use', () => {
    expect(sureness([span(3_000_000, 600_000, 3_000_000, 300_000)])).toBeGreaterThan(1e299);
    expect(sureness([span(3_000_000, 300_000, 3_000_000, 300_000)])).toBeLessThan(1);
    expect(Number.isFinite(sureness([span(2, 5, 3, 9)]))).toBe(true);
  });
});

describe('The logarithm of a factorial', () => {
  it('is the same by its series as by its sum', () => {
    let sum = 0;
    for (let n = 1; n <= 2000; n++) {
      sum += Math.log(n);
      expect(Math.abs(logFactorial(n) - sum)).toBeLessThan(1e-9);
    }
    expect(logFactorial(0)).toBe(0);
  });
});
