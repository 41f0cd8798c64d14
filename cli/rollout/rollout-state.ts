import { endOf } from '../../core/rollout/plan-end';
import type { RolloutReading } from './read-rollout';

/** Where a rollout is. */
export type RolloutState =
  /** Before the first step, also while an alarm holds it. */
  | { readonly state: 'waiting' }
  /** A split that had its time: everybody is on the stable version. */
  | { readonly state: 'over'; readonly ends: string }
  | {
      readonly state: 'step';
      /** Percent. */
      readonly share: number;
      readonly at: string;
      /** Of a split: its end. */
      readonly ends?: string;
      /** The next step's percent; undefined in the last one. */
      readonly next: number | undefined;
      readonly notBefore: string;
    }
  | { readonly state: 'halted'; readonly at: string; readonly by: string; readonly reason: string | null }
  /** The controller did not come, or not again: everybody is on the stable version, since `until` where it ever wrote one. */
  | { readonly state: 'lost'; readonly until?: string };

/** It comes once a minute: what it did not do by then it does not do. */
const LATE_MS = 180_000;

/** By its step records; whether the controller is still there, by the parameter. */
export function rolloutState(
  { rollout, began, steps, until, held }: Pick<RolloutReading, 'rollout' | 'began' | 'steps' | 'until' | 'held'>,
  now: Date,
): RolloutState {
  const halt = steps.find(({ kind }) => kind === 'halt');
  if (halt) return { state: 'halted', at: halt.at, by: halt.by, reason: halt.reason };
  const end = rollout && began !== null ? endOf(rollout, began) : undefined;
  if (end && now >= end) return { state: 'over', ends: end.toISOString() };
  const newest = steps.at(-1);
  // The controller is right to do nothing then, and leaves no trace of it.
  if (held !== undefined) return { state: 'waiting' };
  if (isLost(until, newest?.time ?? began, now)) return { state: 'lost', ...(until !== undefined && { until }) };
  if (!newest || !rollout) return { state: 'waiting' };
  return {
    state: 'step',
    share: rollout.steps[newest.step] ?? 0,
    at: newest.at,
    ...(end && { ends: end.toISOString() }),
    next: rollout.steps[newest.step + 1],
    notBefore: new Date(Date.parse(newest.at) + rollout.bake * 1_000).toISOString(),
  };
}

/** @param last when something was recorded of the rollout */
export function isLost(until: string | undefined, last: string | null, now: Date): boolean {
  const deadline = until !== undefined ? Date.parse(until) : last !== null ? Date.parse(last) + LATE_MS : undefined;
  return deadline !== undefined && now.getTime() >= deadline;
}
