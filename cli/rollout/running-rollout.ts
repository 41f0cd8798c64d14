import type { RolloutProgress } from '../../core/contract/rollout-parameters';
import type { Rollout } from '../../core/ledger/record-schema-2';
import { shareAt } from '../../core/rollout/share';

/** A rollout that is in force, and how far it got. */
export interface RunningRollout {
  readonly candidate: number;
  /** Sequence number of the record that began it. */
  readonly plan: number;
  readonly steps: readonly number[];
  /** Percentage of the keys that get the candidate now. */
  readonly share: number;
  readonly halted: boolean;
  /** Until when readers believe the controller, ISO 8601; left out before it wrote. */
  readonly until?: string;
}

/** As the newest record and the controller's parameter have it. */
export function runningRollout(
  rollout: Rollout | null | undefined,
  progress: RolloutProgress | undefined,
  now: Date,
): RunningRollout | undefined {
  if (!rollout) return undefined;
  const { plan, steps, candidate } = rollout;
  const own = progress?.plan === plan ? progress : null;
  const share = shareAt({ v: 1, plan, to: '', steps, salt: '' }, own, now.getTime());
  return {
    candidate: candidate.version,
    plan,
    steps,
    share,
    halted: own?.state === 'halt',
    ...(own && { until: own.until }),
  };
}

/** `4 at 25 %`, `4 halted`. */
export function runningText({ candidate, share, halted }: Omit<RunningRollout, 'plan' | 'steps'>): string {
  return `${candidate} ${halted ? 'halted' : `at ${share} %`}`;
}
