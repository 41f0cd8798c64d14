import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanAnswers } from '../../../core/experiment/answers';
import { intervalOf, logAgainst, pValue } from '../../../core/experiment/difference';
import { holm } from '../../../core/experiment/holm';
import { isSplitFaulty, logAgainstSplit } from '../../../core/experiment/sample-ratio';
import { NO_WAGER, wagerOn } from '../../../core/experiment/wager';
import { binomial, seeded } from '../rollout/random-counts';

const span = (n1: number, k1: number, n0: number, k0: number): SpanAnswers => ({
  candidate: { n: n1, yes: k1 },
  stable: { n: n0, yes: k0 },
});
const times = (count: number, one: SpanAnswers) => Array.from({ length: count }, () => one);
const anySpan = fc
  .record({ n1: fc.nat(40), n0: fc.nat(40) })
  .chain(({ n1, n0 }) => fc.tuple(fc.constant(n1), fc.nat(n1), fc.constant(n0), fc.nat(n0)))
  .map((counts) => span(...counts));

/** P(k of n) of a binomial, by its product. */
function chance(n: number, k: number, p: number): number {
  let found = 1;
  for (let index = 1; index <= k; index++) found *= ((n - k + index) / index) * p;
  return found * (1 - p) ** (n - k);
}

describe('A bet against a difference', () => {
  it('gains nothing in the mean, over all that the next span can hold, where that is the difference', () => {
    const shares = fc.record({
      difference: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
      place: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(anySpan, { minLength: 2, maxLength: 20 }),
        shares,
        fc.nat(8),
        fc.nat(8),
        (past, truth, n1, n0) => {
          const { difference, place } = truth;
          const stable = Math.max(0, -difference) + place * (1 - Math.abs(difference));
          const before = past.reduce((wager, one) => wagerOn(wager, one, difference), NO_WAGER);
          let mean = 0;
          for (let k1 = 0; k1 <= n1; k1++) {
            for (let k0 = 0; k0 <= n0; k0++) {
              const gain = Math.exp(wagerOn(before, span(n1, k1, n0, k0), difference).log - before.log);
              mean += chance(n1, k1, stable + difference) * chance(n0, k0, stable) * gain;
            }
          }
          expect(mean).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gains where the arms differ otherwise, and where both move alike it says nothing of them', () => {
    const hours = Array.from({ length: 100 }, (_, hour) => (hour % 10) / 10);
    const alike = hours.map((share) => span(200, 20 + 100 * share, 200, 20 + 100 * share));
    expect(pValue(alike)).toBe(1);
    const apart = hours.map((share) => span(200, 40 + 100 * share, 200, 20 + 100 * share));
    expect(pValue(apart)).toBeLessThan(1e-6);
  });

  it('is not moved by a change of the split, where shares change with it', () => {
    // Few candidates in a bad time, many in a good one: pooled it looks as if they were better.
    const steps = [...times(40, span(20, 10, 380, 190)), ...times(40, span(200, 20, 200, 20))];
    expect(pValue(steps)).toBe(1);
    const { low, high } = intervalOf(steps, 0.05);
    expect([low < 0, high > 0, low > -0.15, high < 0.15]).toEqual([true, true, true, true]);
  });
});

describe('The interval of a difference', () => {
  it('leaves out 0 where the p-value is below its level, and only there', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 40 }), fc.constantFrom(0.05, 0.01, 0.0167), (spans, level) => {
        const interval = intervalOf(spans, level);
        const p = pValue(spans);
        if (Math.abs(p - level) < 1e-6) return;
        expect(interval.low > 0 || interval.high < 0).toBe(p < level);
      }),
      { numRuns: 60 },
    );
  });

  it('cuts nothing off: whatever is outside of it could be bet against', () => {
    const spans = [...times(30, span(50, 20, 50, 15)), ...times(30, span(50, 10, 50, 12))];
    const { low, high } = intervalOf(spans, 0.05);
    for (let difference = -0.99; difference < 1; difference += 0.01) {
      const isOutside = difference < low || difference > high;
      if (isOutside) expect(logAgainst(spans, difference)).toBeGreaterThanOrEqual(Math.log(20) - 1e-6);
    }
  });

  it.each<[string, SpanAnswers[]]>([
    ['nobody answered', []],
    ['one arm only', times(50, span(100, 60, 0, 0))],
    ['the other arm only', times(50, span(0, 0, 100, 60))],
    ['hours of one arm, then hours of the other', [...times(50, span(9, 9, 0, 0)), ...times(50, span(0, 0, 9, 0))]],
    ['one hour of both', [span(100, 90, 100, 10)]],
  ])('is everything where %s', (_, spans) => {
    expect(intervalOf(spans, 0.05)).toEqual({ low: -1, high: 1 });
    expect(pValue(spans)).toBe(1);
  });

  it('is wider where a user may have been counted several times, as with so many fewer users', () => {
    const width = (spans: SpanAnswers[], repeats?: number) => {
      const { low, high } = intervalOf(spans, 0.05, repeats);
      return high - low;
    };
    const spans = times(200, span(100, 60, 100, 55));
    expect(width(spans, 10)).toBeGreaterThan(2.5 * width(spans));
    expect(width(spans, 10) / width(times(200, span(10, 6, 10, 6)))).toBeCloseTo(1, 0);
  });

  it.each([[24], [100]])(
    'is seldom wrong where the same users give the same answers in all of %i spans, divided',
    (many) => {
      const random = seeded(1);
      const yes = () => binomial(500, 0.3, random);
      const experiments = Array.from({ length: 200 }, () => times(many, span(500, yes(), 500, yes())));
      // By measurement: a later bet was learned from the same users, so that it is no fair one.
      expect(experiments.filter((spans) => pValue(spans, many) <= 0.05).length).toBeLessThan(0.05 * 200);
      expect(experiments.filter((spans) => pValue(spans) <= 0.05).length).toBeGreaterThan(0.3 * 200);
    },
  );

  it.each([[0], [1]])('holds at the end of the scale: all answers are %i', (yes) => {
    const spans = times(100, span(50, 50 * yes, 50, 50 * yes));
    const { low, high } = intervalOf(spans, 0.05);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    expect(high - low).toBeLessThan(0.02);
  });
});

describe('Several metrics', () => {
  it.each([
    [[0.04], [true], [0.05]],
    [
      [0.04, 0.5],
      [false, false],
      [0.025, 0.025],
    ],
    [
      [0.5, 0.01, 0.024],
      [false, true, true],
      [0.05, 0.05 / 3, 0.025],
    ],
    [
      [0.001, 0.02, 0.03],
      [true, true, true],
      [0.05 / 3, 0.025, 0.05],
    ],
    [
      [0.02, 0.001, 0.03],
      [true, true, true],
      [0.025, 0.05 / 3, 0.05],
    ],
    [
      [0.03, 0.03, 0.03],
      [false, false, false],
      [0.05 / 3, 0.05 / 3, 0.05 / 3],
    ],
    [
      [1, 1],
      [false, false],
      [0.025, 0.025],
    ],
    [[], [], []],
  ])('are judged by Holm: %j', (pValues, differ, levels) => {
    const answers = holm(pValues, 0.05);
    expect(answers.map(({ differs }) => differs)).toEqual(differ);
    expect(answers.map(({ level }) => level.toFixed(9))).toEqual(levels.map((level) => level.toFixed(9)));
  });
});

describe('The split of users', () => {
  it('is a fair bet: 1 in the mean while it is as planned', () => {
    for (const share of [0.05, 0.5, 0.9]) {
      const n = 60;
      let mean = 0;
      for (let k = 0; k <= n; k++)
        mean += chance(n, k, share) * Math.exp(logAgainstSplit({ candidate: k, stable: n - k, share }));
      expect(mean).toBeCloseTo(1, 9);
    }
  });

  it.each([
    ['as planned', 10_050, 9_950, 0.5, false],
    ['2 points off', 10_400, 9_600, 0.5, true],
    ['2 points off, the other way', 9_600, 10_400, 0.5, true],
    ['nobody at all', 0, 0, 0.5, false],
    ['one arm only', 60, 0, 0.5, true],
    ['5 % as planned', 510, 9_490, 0.05, false],
    ['5 % that are 7', 700, 9_300, 0.05, true],
  ])('is found faulty where it is: %s', (_, candidate, stable, share, found) => {
    expect(isSplitFaulty({ candidate, stable, share })).toBe(found);
  });

  it('is judged by so many fewer users where each may have been counted several times', () => {
    const counts = { candidate: 10_400, stable: 9_600, share: 0.5 };
    expect(isSplitFaulty(counts, 10)).toBe(false);
    expect(isSplitFaulty({ candidate: 104_000, stable: 96_000, share: 0.5 }, 10)).toBe(true);
  });
});
