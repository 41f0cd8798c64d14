import { describe, expect, it } from 'vitest';
import { type PairedCounts, pairedInterval } from '../../../core/evaluation/paired-interval';
import { verdictOf } from '../../../core/evaluation/verdict';

/** Of each cell, as many as `npm test` has time for; EVALUATIONS=50000 for the whole proof, SEED to repeat one: npm run prove -- evaluation. */
const EVALUATIONS = Number(process.env.EVALUATIONS ?? 300);
const SEED = Number(process.env.SEED ?? 1);

/** What is true of a suite's cases: with `flips` as likely both ways, and `loss` that only the candidate has. */
interface Truth {
  readonly cases: number;
  /** Share of cases that pass with the live version. */
  readonly live: number;
  readonly flips: number;
  readonly loss: number;
}

const MARGIN = 0.1;

/** Mulberry32: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function evaluated({ cases, live, flips, loss }: Truth, next: () => number): PairedCounts {
  const gained = flips / 2;
  const lost = gained + loss;
  const kept = live - lost;
  const found = { both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 };
  for (let index = 0; index < cases; index++) {
    const drawn = next();
    if (drawn < kept) found.both++;
    else if (drawn < kept + gained) found.onlyCandidate++;
    else if (drawn < kept + gained + lost) found.onlyLive++;
    else found.neither++;
  }
  return found;
}

interface Shares {
  /** Of evaluations whose lower bound, or upper bound, is on the right side of what is true. */
  readonly low: number;
  readonly high: number;
  readonly passes: number;
}

function simulated(truth: Truth, seed: number): Shares {
  const next = random(seed);
  const found = { low: 0, high: 0, passes: 0 };
  const rounding = 1e-12;
  for (let run = 0; run < EVALUATIONS; run++) {
    const counts = evaluated(truth, next);
    const { low, high } = pairedInterval(counts);
    if (low <= -truth.loss + rounding) found.low++;
    if (high >= -truth.loss - rounding) found.high++;
    if (verdictOf(counts, MARGIN).verdict === 'not worse') found.passes++;
  }
  return { low: found.low / EVALUATIONS, high: found.high / EVALUATIONS, passes: found.passes / EVALUATIONS };
}

/** Four standard errors of a share that is simulated. */
const beyond = (share: number) => 4 * Math.sqrt((share * (1 - share)) / EVALUATIONS);

const TRUTHS: readonly Truth[] = [50, 100, 200, 400].flatMap((cases) =>
  [0.7, 0.8, 0.9, 0.95].flatMap((live) =>
    [0.06, 0.1, 0.14].flatMap((flips) =>
      [0, 0.05, MARGIN]
        .map((loss) => ({ cases, live, flips, loss }))
        // Cases that flip pass at times, and three in fifty are too few to speak of shares.
        .filter((truth) => truth.live + truth.flips / 2 <= 1 && (truth.cases > 50 || truth.flips > 0.06)),
    ),
  ),
);

describe('Simulated evaluations', { timeout: 1_800_000 }, () => {
  it('hold what the verdicts promise', () => {
    const wrong: string[] = [];
    for (const [index, truth] of TRUTHS.entries()) {
      const { low, high, passes } = simulated(truth, SEED * 1_000 + index);
      const note = (what: string) => wrong.push(`${JSON.stringify(truth)}: ${what}`);
      for (const [side, share] of Object.entries({ low, high })) {
        const isCovered = share >= 0.93 - beyond(0.93) && share <= 0.98 + beyond(0.98);
        if (!isCovered) note(`the ${side} bound holds in ${share}`);
      }
      if (truth.loss === MARGIN && passes > 0.07 + beyond(0.07)) note(`a loss of the margin passes in ${passes}`);
      const isEqual = truth.loss === 0 && truth.cases >= 200;
      if (isEqual && passes < 0.95 - beyond(0.95)) note(`an equal prompt passes in ${passes}`);
    }
    if (process.env.EVALUATIONS)
      console.log(`${TRUTHS.length * EVALUATIONS} evaluations, ${wrong.length} wrong, ${TRUTHS.length} cells`);
    expect(wrong).toEqual([]);
  });

  it('pass a loss of the margin more often where an edit breaks cases and flips none, and these are few', () => {
    const passes = (cases: number) => simulated({ cases, live: 0.7, flips: 0, loss: MARGIN }, SEED).passes;
    expect(passes(50)).toBeGreaterThan(0.08);
    expect(passes(50)).toBeLessThan(0.12 + beyond(0.12));
    expect(passes(400)).toBeLessThan(0.07 + beyond(0.07));
  });
});
