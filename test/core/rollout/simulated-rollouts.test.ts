import { describe, expect, it, vi } from 'vitest';
import { seeded } from './random-counts';
import {
  type EqualUsers,
  equalUsers,
  outage,
  type SimulatedHalt,
  type UnequalUsers,
  unequalUsers,
  upperBound,
  worseLater,
} from './simulated-rollouts';

/** As many of each cell as `npm test` has time for; the whole: npm run prove -- rollout-statistics. SEED repeats one. */
const ROLLOUTS = Number(process.env.ROLLOUTS ?? 15);
const UNEQUAL = Number(process.env.UNEQUAL ?? 5);
const WORSE = Number(process.env.WORSE ?? 20);
const SEED = Number(process.env.SEED ?? 1);

const FALSE_HALTS = 0.05;
/** Of candidates that fail half as often again. */
const LEAST_FOUND = 0.15;

// For the whole proof, on a machine that does other things as well.
vi.setConfig({ testTimeout: 3_600_000 });

/** Few rollouts say little: then a cell may have as many as one in a million samples of a test that holds. */
function isWithin(halts: number, rollouts: number): boolean {
  if (rollouts >= 10_000) return upperBound(halts, rollouts) <= FALSE_HALTS;
  const beyond = 5 * Math.sqrt((FALSE_HALTS * (1 - FALSE_HALTS)) / rollouts);
  return halts / rollouts <= FALSE_HALTS + beyond;
}

const haltsOf = (found: readonly SimulatedHalt[]) => found.filter(({ minute }) => minute !== undefined).length;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function show(cell: string, found: readonly SimulatedHalt[], isRight: boolean) {
  if (process.env.ROLLOUTS === undefined) return;
  const halts = haltsOf(found);
  const bound = (100 * upperBound(halts, found.length)).toFixed(2);
  console.log(`${cell}: ${halts} halted, at most ${bound} % | ${found.length} rollouts, ${isRight ? 0 : halts} wrong`);
}

const EQUAL: EqualUsers[] = [60, 600, 6000].flatMap((perMinute) =>
  [0.01, 0.03, 0.1].flatMap((share) =>
    [undefined, outage].map((drift) => ({ perMinute, stable: share, candidate: share, ...(drift && { drift }) })),
  ),
);

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

it('has so many rollouts in each cell that it fails where all of them are halted, or none', () => {
  for (const rollouts of [ROLLOUTS, UNEQUAL]) expect(isWithin(rollouts, rollouts)).toBe(false);
  expect(LEAST_FOUND * WORSE - 1).toBeGreaterThan(0);
});

describe('A candidate that is no worse, with users who are alike', () => {
  it.each(EQUAL)('is halted in one rollout of twenty at most: $perMinute a minute, $stable of them fail', (truth) => {
    const next = seeded(SEED);
    const found = times(ROLLOUTS).map(() => equalUsers(truth, next));
    const isRight = isWithin(haltsOf(found), ROLLOUTS);
    show(`${truth.perMinute} a minute, ${100 * truth.stable} % fail${truth.drift ? ', outage' : ''}`, found, isRight);
    expect(isRight, `${haltsOf(found)} of ${ROLLOUTS}`).toBe(true);
  });
});

/** By how much users differ; the last two for how many processes the test holds what it says. */
const POPULATIONS = [
  { users: 20_000, concentration: 50, skew: 0, upTo: 100 },
  { users: 2_000, concentration: 20, skew: 0, upTo: 100 },
  { users: 2_000, concentration: 5, skew: 0.7, upTo: 1 },
  { users: 300, concentration: 2, skew: 1, upTo: 1 },
];

const CELLS: (UnequalUsers & { upTo: number })[] = POPULATIONS.flatMap((population) =>
  [1, 10, 100].map((processes) => ({ ...population, processes, perMinute: 600 })),
);

/** Those who call often fail more, or less, or some always: one process. */
const KINDS: (UnequalUsers & { upTo: number })[] = [
  { users: 20_000, skew: 0.7 },
  { users: 2_000, skew: 0.7 },
  { users: 2_000, skew: 1 },
].flatMap((population) =>
  (['often', 'seldom', 'some always'] as const).map((failing) => ({
    ...population,
    ...{ failing, concentration: 5, processes: 1, perMinute: 600, upTo: 1 },
  })),
);

describe('A candidate that is no worse, with users who differ', () => {
  it.each([...CELLS, ...KINDS])(
    'is halted as docs/rollouts.md says: $users users, concentration $concentration, skew $skew, failing $failing, $processes processes',
    ({ upTo, ...truth }) => {
      const found = times(UNEQUAL).map((run) => unequalUsers(truth, SEED * 100_000 + run));
      const { users, concentration, skew, processes, failing = 'any' } = truth;
      // Where the page says that the guard must not be relied on, the figure is shown and nothing is promised.
      const isRight = processes > upTo || isWithin(haltsOf(found), UNEQUAL);
      show(`${users} users, ${concentration}, ${skew}, failing ${failing}, ${processes} processes`, found, isRight);
      expect(isRight, `${haltsOf(found)} of ${UNEQUAL}`).toBe(true);
    },
  );

  it('would be halted far more often if all calls were counted', () => {
    const truth = { users: 300, concentration: 2, skew: 1, processes: 1, perMinute: 600 };
    const runs = times(30);
    const calls = runs.map((run) => unequalUsers({ ...truth, counted: 'call' }, run));
    expect(haltsOf(calls)).toBeGreaterThan(3);
    expect(haltsOf(runs.map((run) => unequalUsers(truth, run)))).toBeLessThan(3);
  });
});

describe('A candidate that is no worse, where those who call often fail more', () => {
  it('would be halted far more often if a key counted once in the whole rollout', () => {
    const truth = {
      users: 20_000,
      concentration: 5,
      skew: 0.7,
      processes: 1,
      perMinute: 600,
      failing: 'often',
    } as const;
    const runs = times(20);
    const whole = runs.map((run) => unequalUsers({ ...truth, counted: 'rollout' }, run));
    expect(haltsOf(whole)).toBeGreaterThan(2);
    expect(haltsOf(runs.map((run) => unequalUsers(truth, run)))).toBeLessThan(2);
  });
});

describe('A candidate that is worse', () => {
  const runs = Math.min(ROLLOUTS, 2000);

  it('is halted by 100 of its calls at the median where 10 % fail instead of 1 %, at 600 a minute', () => {
    const next = seeded(SEED);
    const found = times(runs).map(() => equalUsers({ perMinute: 600, stable: 0.01, candidate: 0.1 }, next));
    expect(haltsOf(found)).toBe(runs);
    expect(median(found.map(({ uses }) => uses))).toBeLessThanOrEqual(100);
  });

  it('is halted by 5 failures at the median where every call fails, at 60 a minute, in a minute', () => {
    const next = seeded(SEED);
    const found = times(runs).map(() => equalUsers({ perMinute: 60, stable: 0.01, candidate: 1 }, next));
    expect(haltsOf(found)).toBe(runs);
    expect(median(found.map(({ failures }) => failures))).toBeLessThanOrEqual(5);
    expect(median(found.map(({ minute = 0 }) => minute))).toBe(1);
  });

  it.each([
    [1.5, 1, LEAST_FOUND],
    [2, 1, 0.6],
    [3, 1, 0.9],
    [5, 1, 0.9],
    [5, 10, 0.9],
  ])(
    'is found among 2,000 users as docs/rollouts.md says: %f times as many failures, %i processes',
    (worse, processes, least) => {
      const truth = { users: 2_000, concentration: 20, skew: 0, processes, perMinute: 600, times: worse };
      const found = times(WORSE).map((run) => unequalUsers(truth, SEED * 100_000 + run));
      const isRight = haltsOf(found) >= least * WORSE - 1;
      show(`2000 users, ${worse} times as many failures, ${processes} processes`, found, isRight);
      expect(isRight, `${haltsOf(found)} of ${WORSE}`).toBe(true);
    },
  );

  it.each([60, 1440])('is halted as well if it becomes worse after %i minutes', (after) => {
    const next = seeded(SEED);
    const found = times(Math.min(ROLLOUTS, 50)).map(() =>
      worseLater(after, { perMinute: 600, stable: 0.01, candidate: 0.1 }, next),
    );
    const late = found.filter(({ minute = 0 }) => minute > after);
    expect(late.length).toBeGreaterThan(found.length * 0.8);
    expect(median(late.map(({ minute = 0 }) => minute - after))).toBeLessThanOrEqual(3);
  });
});
