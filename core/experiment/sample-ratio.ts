import { logFactorial } from '../rollout/log-factorial';

/** The chance that an experiment that gives out its versions as planned is ever called faulty. */
export const FALSE_ALARMS = 0.01;

/** What a fault looks like: some points, or anything at all. Half is bet on each. */
const WIDTH = 0.02;

export interface SampleRatio {
  readonly candidate: number;
  readonly stable: number;
  /** Planned share of the candidate, above 0 and below 1. */
  readonly share: number;
}

/**
 * ln of what a fair bet of 1 on *the split is not as planned* came to: the likelihood of the counts where the share is
 * drawn from beta distributions around the planned one, by that under the plan. However often somebody looks, it
 * reaches 1/α with a chance of at most α while the split is as planned.
 *
 * @param repeats how often one user may have been counted at most: its root then, as in `logAgainst`
 */
export function logAgainstSplit({ candidate, stable, share }: SampleRatio, repeats = 1): number {
  const plan = candidate * Math.log(share) + stable * Math.log1p(-share);
  const bets = [Math.round((share * (1 - share)) / WIDTH ** 2) - 1, 2].map((size) => {
    const all = Math.max(2, size);
    const a = Math.min(all - 1, Math.max(1, Math.round(share * all)));
    return logBeta(candidate + a, stable + all - a) - logBeta(a, all - a) - plan;
  });
  const most = Math.max(...bets);
  const mean = most + Math.log(bets.reduce((sum, bet) => sum + Math.exp(bet - most), 0) / bets.length);
  return mean / repeats;
}

/** Whether the versions were not given out as planned: then no difference between them says anything. */
export function isSplitFaulty(counts: SampleRatio, repeats = 1): boolean {
  return logAgainstSplit(counts, repeats) >= -Math.log(FALSE_ALARMS);
}

/** Of whole numbers. */
function logBeta(a: number, b: number): number {
  return logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);
}
