import { describe, expect, it, vi } from 'vitest';
import { seeded } from '../rollout/random-counts';
import { upperBound } from '../rollout/simulated-rollouts';
import {
  type AlikeUsers,
  alikeUsers,
  type Looks,
  nightsAndOutage,
  type TrueShare,
  type UnlikeUsers,
  unlikeUsers,
} from './simulated-experiments';

/** As many of each cell as `npm test` has time for; the whole: npm run prove -- ab. SEED repeats one. */
const EXPERIMENTS = Number(process.env.EXPERIMENTS ?? 20);
const UNLIKE = Number(process.env.UNLIKE ?? 10);
const MOST_USERS = Number(process.env.MOST_USERS ?? 2_000);
const SEED = Number(process.env.SEED ?? 1);
/** The fixed seed comes to the same each time, so that nothing fails by chance; a drawn one must not in years. */
const RAREST = process.env.SEED === undefined ? 1e-3 : 1e-6;

// For the whole proof, on a machine that does other things as well.
vi.setConfig({ testTimeout: 7_200_000 });

const times = (count: number) => Array.from({ length: count }, (_, index) => index);
const count = (looks: readonly Looks[], what: keyof Looks) => looks.filter((one) => one[what]).length;

/** Few experiments say little: then a cell may have as many as `RAREST` of all samples of a test that holds. */
function isAtMost(found: number, of: number, level: number): boolean {
  if (of >= 10_000) return upperBound(found, of) <= level;
  let chance = (1 - level) ** of;
  let below = 0;
  for (let k = 0; k < found; k++) {
    below += chance;
    chance *= ((of - k) / (k + 1)) * (level / (1 - level));
  }
  return 1 - below > RAREST;
}

function show(cell: string, said: string, of: number, isRight: boolean) {
  if (process.env.EXPERIMENTS === undefined) return;
  console.log(`${cell}: ${said} | ${of} experiments, ${isRight ? 0 : of} wrong`);
}

const percent = (found: number, of: number) => `${((100 * found) / of).toFixed(2)} %`;

const NONE: TrueShare[] = [0.01, 0.1, 0.6].map((stable) => ({ stable, difference: 0 }));

const POPULATIONS = [2_000, 20_000, 200_000]
  .filter((users) => users <= MOST_USERS)
  .flatMap((users) => [undefined, nightsAndOutage].map((drift) => ({ users, ...(drift && { drift }) })));

const cellOf = ({ users, drift }: Pick<AlikeUsers, 'users' | 'drift'>) =>
  `${users} users${drift ? ', nights and an outage' : ''}`;

it('has so many experiments in each cell that it fails where all of them are wrong', () => {
  expect(isAtMost(EXPERIMENTS, EXPERIMENTS, 0.05)).toBe(false);
  expect(isAtMost(UNLIKE, UNLIKE, 0.05)).toBe(false);
});

describe('Two versions that are alike, three metrics, looked at on each of 14 days', () => {
  it.each(POPULATIONS)('differ in one experiment of twenty at most: $users users', (population) => {
    const next = seeded(SEED);
    const looks = times(EXPERIMENTS).map(() =>
      alikeUsers({ ...population, metrics: NONE, share: 0.5, planned: 0.5 }, next),
    );
    const [differ, faulty] = [count(looks, 'differs'), count(looks, 'faulty')];
    const isRight = isAtMost(differ, EXPERIMENTS, 0.05) && isAtMost(faulty, EXPERIMENTS, 0.01);
    const said = `differ ${percent(differ, EXPERIMENTS)}, split called faulty ${percent(faulty, EXPERIMENTS)}`;
    show(`alike, ${cellOf(population)}`, said, EXPERIMENTS, isRight);
    expect(isRight, said).toBe(true);
  });
});

describe('The interval of a difference, looked at on each of 14 days', () => {
  const truths = [
    { stable: 0.01, difference: 0.02 },
    { stable: 0.1, difference: -0.02 },
    { stable: 0.6, difference: 0.05 },
  ];
  const cells = POPULATIONS.flatMap((population) => truths.map((truth) => ({ ...population, ...truth })));
  it.each(cells)(
    'leaves the true one out in one experiment of twenty at most: $users users, $stable and $difference more',
    ({ stable, difference, ...population }) => {
      const next = seeded(SEED);
      const looks = times(EXPERIMENTS).map(() =>
        alikeUsers({ ...population, metrics: [{ stable, difference }], share: 0.3, planned: 0.3 }, next),
      );
      const [missed, differ] = [count(looks, 'missed'), count(looks, 'differs')];
      const isRight = isAtMost(missed, EXPERIMENTS, 0.05);
      const said = `left out ${percent(missed, EXPERIMENTS)}, found to differ ${percent(differ, EXPERIMENTS)}`;
      show(`${stable} and ${difference} more, ${cellOf(population)}`, said, EXPERIMENTS, isRight);
      expect(isRight, said).toBe(true);
    },
  );
});

describe('A split that is not as planned', () => {
  it.each([0.48, 0.52])('is found in 95 of 100 experiments with 20,000 users, 50 are planned: %f', (share) => {
    const next = seeded(SEED);
    const truth = { users: 20_000, metrics: NONE.slice(0, 1), share, planned: 0.5 };
    const looks = times(EXPERIMENTS).map(() => alikeUsers(truth, next));
    const found = count(looks, 'faulty');
    const isRight = isAtMost(EXPERIMENTS - found, EXPERIMENTS, 0.05);
    const said = `found ${percent(found, EXPERIMENTS)}`;
    show(`${share} in place of 0.5, 20000 users`, said, EXPERIMENTS, isRight);
    expect(isRight, said).toBe(true);
  });
});

/** Errors: a first use counts in each process. Scores: each that is given counts. */
const UNEQUAL = [
  { users: 20_000, concentration: 50, skew: 0 },
  { users: 2_000, concentration: 20, skew: 0 },
  { users: 2_000, concentration: 5, skew: 0.7 },
  { users: 300, concentration: 2, skew: 1 },
];
const CELLS: UnlikeUsers[] = UNEQUAL.filter(({ users }) => users <= MOST_USERS).flatMap((users) => [
  ...[1, 10, 100].map((processes) => ({ ...users, processes, calls: 100_000, mean: 0.02, counted: 'first' as const })),
  ...[1, 10].map((each) => ({
    ...users,
    processes: 1,
    calls: each * users.users,
    mean: 0.6,
    counted: 'call' as const,
  })),
]);

describe('Two versions that are alike, and users who differ', () => {
  it.each(CELLS)(
    'differ in one of twenty at most where counts are divided: $users users, $skew, $processes processes, $calls calls, $counted',
    (truth) => {
      const next = seeded(SEED);
      const found = times(UNLIKE).map(() => unlikeUsers(truth, next));
      const asTheyAre = found.map((one) => one.asTheyAre);
      const divided = found.map((one) => one.divided);
      const { users, concentration, skew, processes, calls, counted } = truth;
      const holds = (looks: Looks[]) =>
        isAtMost(count(looks, 'differs'), UNLIKE, 0.05) && isAtMost(count(looks, 'faulty'), UNLIKE, 0.01);
      const once = counted === 'first' && processes === 1;
      const isRight = holds(divided) && (!once || holds(asTheyAre));
      const say = (looks: Looks[]) =>
        `differ ${percent(count(looks, 'differs'), UNLIKE)}, split ${percent(count(looks, 'faulty'), UNLIKE)}`;
      const said = `as they are ${say(asTheyAre)}; divided ${say(divided)}`;
      const what = counted === 'first' ? `errors, ${processes} processes` : `scores, ${calls / users} a user`;
      show(`${what}, ${users} users, ${concentration}, ${skew}`, said, UNLIKE, isRight);
      expect(isRight, said).toBe(true);
    },
  );
});
