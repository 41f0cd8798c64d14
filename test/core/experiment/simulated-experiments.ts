import { type Answers, addAnswers, NO_ANSWERS, type SpanAnswers } from '../../../core/experiment/answers';
import { holm } from '../../../core/experiment/holm';
import { isSplitFaulty } from '../../../core/experiment/sample-ratio';
import { NO_WAGER, wagerOn } from '../../../core/experiment/wager';
import { beta, binomial, drawer, normal } from '../rollout/random-counts';

const DAYS = 14;
const HOURS = 24;
const LEVEL = 0.05;

/** What an experiment said at any of its looks, one a day. */
export interface Looks {
  /** That the arms differ, in any of the metrics. */
  readonly differs: boolean;
  /** An interval left out the difference that there is. */
  readonly missed: boolean;
  /** That the split is not as planned. */
  readonly faulty: boolean;
}

/** One metric: its share with the stable version, and how far the candidate is from that. */
export interface TrueShare {
  readonly stable: number;
  readonly difference: number;
}

/** Users who are alike, each counted once. */
export interface AlikeUsers {
  readonly users: number;
  readonly metrics: readonly TrueShare[];
  /** The candidate's share of the users, and the planned one. */
  readonly share: number;
  readonly planned: number;
  /** What is added to the shares of an hour, of both arms, as a part of what there is room for. */
  readonly drift?: (hour: number) => number;
}

export function alikeUsers({ users, metrics, share, planned, drift }: AlikeUsers, next: () => number): Looks {
  const mean = users / (DAYS * HOURS);
  return looksOf(metrics, planned, (hour) => {
    const all = Math.max(0, Math.round(mean + normal(next) * Math.sqrt(mean)));
    const candidates = binomial(all, share, next);
    const moved = drift?.(hour) ?? 0;
    return metrics.map(({ stable, difference }): SpanAnswers => {
      const room = 1 - stable - Math.max(0, difference);
      const answers = (n: number, by: number): Answers => ({ n, yes: binomial(n, stable + moved * room + by, next) });
      return { candidate: answers(candidates, difference), stable: answers(all - candidates, 0) };
    });
  });
}

/** Nights, and from the sixth day on an outage of ten hours. */
export function nightsAndOutage(hour: number): number {
  const outage = hour >= 5 * HOURS && hour < 5 * HOURS + 10 ? 0.5 : 0;
  return outage + 0.15 * (1 + Math.sin((2 * Math.PI * hour) / HOURS));
}

/** Looks at errors (the first metric) for the split. */
function looksOf(
  metrics: readonly TrueShare[],
  planned: number,
  spansOf: (hour: number) => readonly SpanAnswers[],
  repeats = 1,
): Looks {
  let [none, those] = [metrics.map(() => NO_WAGER), metrics.map(() => NO_WAGER)];
  const looks = { differs: false, missed: false, faulty: false };
  let seen = NO_ANSWERS;
  for (let hour = 0; hour < DAYS * HOURS; hour++) {
    const spans = spansOf(hour);
    none = none.map((wager, index) => wagerOn(wager, spans[index] ?? NO_ANSWERS, 0));
    those = those.map((wager, index) => {
      const { difference } = metrics[index] as TrueShare;
      return difference === 0 ? (none[index] ?? NO_WAGER) : wagerOn(wager, spans[index] ?? NO_ANSWERS, difference);
    });
    seen = addAnswers(seen, spans[0] ?? NO_ANSWERS);
    if ((hour + 1) % HOURS !== 0) continue;
    const pValues = none.map(({ log }) => Math.exp(-log / repeats));
    looks.differs ||= holm(pValues, LEVEL).some(({ differs }) => differs);
    looks.missed ||= those.some(({ log }) => log / repeats >= -Math.log(LEVEL));
    looks.faulty ||= isSplitFaulty({ candidate: seen.candidate.n, stable: seen.stable.n, share: planned }, repeats);
  }
  return looks;
}

/** Users who differ, behind several processes. */
export interface UnlikeUsers {
  readonly users: number;
  /** Calls of all of them, in all. */
  readonly calls: number;
  /** The smaller, the more their shares differ. */
  readonly concentration: number;
  /** Zipf's exponent of how often they call: 0 for alike. */
  readonly skew: number;
  readonly processes: number;
  /** Mean share of yes. */
  readonly mean: number;
  /** `first`: a key counts once in each process, as the client counts errors. `call`: each counts, as scores do. */
  readonly counted: 'first' | 'call';
}

/** What is said where counts are taken as they are, and where they are divided by how often a user counted at most. */
export interface UnlikeLooks {
  readonly asTheyAre: Looks;
  readonly divided: Looks;
  readonly repeats: number;
}

export function unlikeUsers(truth: UnlikeUsers, next: () => number): UnlikeLooks {
  const { users, calls, concentration, skew, processes, mean, counted } = truth;
  const shares = Array.from({ length: users }, () => beta(mean, concentration, next));
  const draw = drawer(Array.from({ length: users }, (_, rank) => (rank + 1) ** -skew));
  const isCandidate = Array.from({ length: users }, () => next() < 0.5);
  const seen = new Uint8Array(counted === 'first' ? users * processes : 0);
  const times = new Uint32Array(users);
  const spans = Array.from({ length: DAYS * HOURS }, () => {
    const counts = { candidate: { n: 0, yes: 0 }, stable: { n: 0, yes: 0 } };
    for (let call = 0; call < calls / (DAYS * HOURS); call++) {
      const user = draw(next);
      const slot = user * processes + Math.floor(next() * processes);
      if (seen[slot] === 1) continue;
      if (counted === 'first') seen[slot] = 1;
      times[user] = (times[user] ?? 0) + 1;
      const arm = isCandidate[user] ? counts.candidate : counts.stable;
      arm.n++;
      if (next() < (shares[user] ?? 0)) arm.yes++;
    }
    return counts;
  });
  const metrics = [{ stable: mean, difference: 0 }];
  const spansOf = (hour: number) => [spans[hour] ?? NO_ANSWERS];
  const repeats = Math.max(...times);
  return { asTheyAre: looksOf(metrics, 0.5, spansOf), divided: looksOf(metrics, 0.5, spansOf, repeats), repeats };
}
