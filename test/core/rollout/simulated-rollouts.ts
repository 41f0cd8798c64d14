import type { ArmCounts } from '../../../core/rollout/arm-counts';
import { type Bets, betOn, haltsAt, NO_BETS, surenessOf } from '../../../core/rollout/worse-than-stable';
import { beta, binomial, drawer, normal, seeded } from './random-counts';

/** 5, 25 and 50 %, ten minutes each. */
const SHARES = [0.05, 0.25, 0.5].flatMap((share) => Array.from({ length: 10 }, () => share));

export interface SimulatedHalt {
  /** Minute, from 1; undefined where none happened. */
  readonly minute?: number;
  /** First uses of the candidate up to then. */
  readonly uses: number;
  readonly failures: number;
}

/** A rollout under the shipped test, which looks every minute. */
function rollout(
  minuteOf: (minute: number, share: number) => ArmCounts,
  shares: readonly number[] = SHARES,
): SimulatedHalt {
  let bets: Bets = NO_BETS;
  const seen = { uses: 0, failures: 0 };
  for (const [index, share] of shares.entries()) {
    const span = minuteOf(index, share);
    seen.uses += span.candidate.uses;
    seen.failures += span.candidate.failures;
    bets = betOn(bets, span);
    if (surenessOf(bets) >= haltsAt(1)) return { minute: index + 1, ...seen };
  }
  return seen;
}

/** Users who are alike: each call is one more user. */
export interface EqualUsers {
  readonly perMinute: number;
  /** Share of calls that fail, of either version. */
  readonly stable: number;
  readonly candidate: number;
  /** What the shares of a minute are multiplied with: an outage that comes, grows and goes. */
  readonly drift?: (minute: number) => number;
}

export function equalUsers({ perMinute, stable, candidate, drift }: EqualUsers, next: () => number): SimulatedHalt {
  return rollout((minute, share) => {
    const times = drift?.(minute) ?? 1;
    const mean = perMinute * share;
    const uses = Math.max(0, Math.min(perMinute, Math.round(mean + normal(next) * Math.sqrt(mean * (1 - share)))));
    const others = perMinute - uses;
    const failures = (n: number, chance: number) => binomial(n, Math.min(0.95, chance * times), next);
    return {
      candidate: { uses, failures: failures(uses, candidate) },
      stable: { uses: others, failures: failures(others, stable) },
    };
  });
}

/** At 50 % for so many minutes as good as the stable version, and from then on worse. */
export function worseLater(after: number, { perMinute, stable, candidate }: EqualUsers, next: () => number) {
  const failures = (chance: number) => binomial(perMinute / 2, chance, next);
  return rollout(
    (minute) => ({
      candidate: { uses: perMinute / 2, failures: failures(minute < after ? stable : candidate) },
      stable: { uses: perMinute / 2, failures: failures(stable) },
    }),
    Array.from({ length: after + 60 }, () => 0.5),
  );
}

/** × 0.4 to × 9: what R tried as well. */
export function outage(minute: number): number {
  return minute < 8 ? 0.4 + 0.075 * minute : minute < 16 ? 1 + (minute - 8) : minute < 22 ? 9 - (minute - 16) : 1;
}

/** Users who differ: some call often, some fail often, and each is served by any of several processes. */
export interface UnequalUsers {
  readonly users: number;
  /** The smaller, the more their shares of failures differ. */
  readonly concentration: number;
  /** Zipf's exponent of how often they call: 0 for alike. */
  readonly skew: number;
  readonly processes: number;
  readonly perMinute: number;
  /** Each user's chance of a failure with the candidate, by that with the stable version. */
  readonly times?: number;
  /** Who fails: anybody, those who call often or seldom more than the others, or some always and the others never. */
  readonly failing?: 'any' | 'often' | 'seldom' | 'some always';
  /** When a use counts: the first in a step by version and process, as shipped; the first in the whole rollout; every call. */
  readonly counted?: 'step' | 'rollout' | 'call';
}

const MEAN_FAILURES = 0.02;

/** A fifth, those who call most, fail 16 times as often as the others; or they a sixth as often. */
function chanceOf({ failing = 'any', concentration }: UnequalUsers, rank: number, next: () => number): number {
  const isFrequent = rank < 0.2;
  if (failing === 'often') return isFrequent ? 0.08 : 0.005;
  if (failing === 'seldom') return isFrequent ? 0.005 : 0.03;
  if (failing === 'some always') return Number(next() < MEAN_FAILURES);
  return beta(MEAN_FAILURES, concentration, next);
}

export function unequalUsers(truth: UnequalUsers, seed: number): SimulatedHalt {
  const next = seeded(seed);
  const { users, skew, processes, perMinute, times = 1, counted = 'step' } = truth;
  const chances = Array.from({ length: users }, (_, rank) => chanceOf(truth, rank / users, next));
  const draw = drawer(Array.from({ length: users }, (_, rank) => (rank + 1) ** -skew));
  const places = Array.from({ length: users }, () => next());
  const seen = new Uint8Array(users * processes);
  let last = 0;
  return rollout((_minute, share) => {
    if (share !== last && counted === 'step') seen.fill(0);
    last = share;
    const counts = { candidate: { uses: 0, failures: 0 }, stable: { uses: 0, failures: 0 } };
    for (let call = 0; call < perMinute; call++) {
      const user = draw(next);
      const isCandidate = (places[user] as number) < share;
      const failed = next() < Math.min(1, (chances[user] as number) * (isCandidate ? times : 1));
      const slot = user * processes + Math.floor(next() * processes);
      // A user moves from stable to the candidate once and never back: one mark for each version.
      const mark = isCandidate ? 2 : 1;
      if (counted !== 'call' && ((seen[slot] as number) & mark) !== 0) continue;
      seen[slot] = (seen[slot] as number) | mark;
      const arm = isCandidate ? counts.candidate : counts.stable;
      arm.uses++;
      if (failed) arm.failures++;
    }
    return counts;
  });
}

/** The upper 95 % bound of a share of which so many of so many were seen (Clopper and Pearson, by bisection). */
export function upperBound(seen: number, of: number): number {
  if (seen >= of) return 1;
  let [low, high] = [seen / of, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (atMost(seen, of, middle) > 0.025) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X ≤ seen) of a binomial. */
function atMost(seen: number, of: number, p: number): number {
  let log = of * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let k = 1; k <= seen; k++) {
    log += Math.log((of - k + 1) / k) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(log);
  }
  return sum;
}
