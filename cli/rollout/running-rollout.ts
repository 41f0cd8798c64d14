import type { RolloutProgress } from '../../core/contract/rollout-parameters';
import type { LedgerRecord } from '../../core/ledger/record';
import { firstOf } from '../../core/release/replayed';
import { endMinute, endOf, isOver } from '../../core/rollout/plan-end';
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
  /** Of a split: its end, ISO 8601, and whether that has passed. */
  readonly ends?: string;
  readonly over?: boolean;
}

/** As the newest record and the controller's parameter have it. */
export async function runningRollout(
  history: AsyncIterable<LedgerRecord>,
  progress: RolloutProgress | undefined,
  now: Date,
): Promise<RunningRollout | undefined> {
  const { rollout } = (await firstOf(history)) ?? {};
  if (!rollout) return undefined;
  const { plan, steps, candidate } = rollout;
  const own = progress?.plan === plan ? progress : null;
  const share = shareAt({ v: 1, plan, to: '', steps, salt: '' }, own, now.getTime());
  const began = rollout.for === undefined ? undefined : await beganAt(plan, history);
  return {
    candidate: candidate.version,
    plan,
    steps,
    share,
    halted: own?.state === 'halt',
    ...(own && { until: own.until }),
    ...(began !== undefined && { ends: endOf(rollout, began)?.toISOString(), over: isOver(rollout, began, now) }),
  };
}

/** When the record was written that began a plan, ISO 8601. */
export async function beganAt(plan: number, history: AsyncIterable<LedgerRecord>): Promise<string | undefined> {
  for await (const { sequence, time } of history) if (sequence === plan) return time;
  return undefined;
}

/** `4 at 25 %`, `4 halted`; of a split `4 at 50 % until 2026-12-14 17:00 UTC`, `4 over since …`. */
export function runningText({ candidate, share, halted, ends, over }: Omit<RunningRollout, 'plan' | 'steps'>): string {
  if (halted) return `${candidate} halted`;
  if (ends === undefined) return `${candidate} at ${share} %`;
  const minute = endMinute(ends);
  return over ? `${candidate} over since ${minute}` : `${candidate} at ${share} % until ${minute}`;
}
