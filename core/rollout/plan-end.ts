import type { Rollout } from '../ledger/record-schema-2';

/**
 * When a rollout is over: from then on everybody is on stable, until somebody settles or ends it. Undefined for one that has
 * no end.
 *
 * @param began when the record was written that began the plan, ISO 8601
 */
export function endOf({ for: seconds }: Pick<Rollout, 'for'>, began: string): Date | undefined {
  return seconds === undefined ? undefined : new Date(Date.parse(began) + seconds * 1_000);
}

/** Whether a rollout is over at a time. */
export function isOver(rollout: Pick<Rollout, 'for'>, began: string, at: Date): boolean {
  const end = endOf(rollout, began);
  return end !== undefined && at >= end;
}

/** `2026-12-14 17:00 UTC`: when a split ends, to the minute, since one may last an hour. */
export function endMinute(ends: string): string {
  return `${ends.slice(0, 16).replace('T', ' ')} UTC`;
}
