import type { LockedModel } from './model-lock';

const DAY_MS = 86_400_000;

/** Whether a model's end has come. */
export function hasEnded({ status, end }: LockedModel, now: Date): boolean {
  return status === 'ENDED' || (end !== undefined && new Date(end) <= now);
}

/** Days from now until a moment, counted as a calendar does: tomorrow is in 1 day. Negative where it is over. */
export function daysUntil(moment: string, now: Date): number {
  return Math.ceil((new Date(moment).getTime() - now.getTime()) / DAY_MS);
}

/** Whole days since a day. */
export function daysSince(moment: string, now: Date): number {
  return Math.floor((now.getTime() - new Date(moment).getTime()) / DAY_MS);
}
