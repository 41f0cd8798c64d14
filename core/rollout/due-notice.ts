import type { Rollout } from '../ledger/record-schema-2';
import type { RolloutStep } from '../ledger/rollout-step';
import { endOf } from './plan-end';

/** What people are told of: a step or a halt, a step that stays too long, a rollout that nobody settles, one at its end. */
export type NoticeAbout = 'step' | 'halt' | 'silence' | 'unsettled' | 'over';

export interface RolloutTimes {
  readonly rollout: Rollout;
  /** ISO 8601. */
  readonly began: string;
  /** The newest step. */
  readonly newest?: RolloutStep | undefined;
}

/** A step that stays for so many of its bakes stays for a reason that somebody should look at. */
const SILENT_BAKES = 3;

const DAY = 86_400_000;

/**
 * What became due after `since`, up to `now`: the most important of it. A controller that says so before it notes that it
 * was there tells everything once, and again only if it died between the two.
 */
export function dueNotice({ rollout, began, newest }: RolloutTimes, since: Date, now: Date): NoticeAbout | undefined {
  const isDue = (time: number) => time > since.getTime() && time <= now.getTime();
  if (newest && isDue(Date.parse(newest.time))) return newest.kind;
  const start = Date.parse(newest?.at ?? began);
  const daysFrom = (time: number) => Math.floor((now.getTime() - time) / DAY);
  const isHalted = newest?.kind === 'halt';
  const end = endOf(rollout, began)?.getTime();
  if (end !== undefined && !isHalted && now.getTime() >= end) {
    return isDue(end + daysFrom(end) * DAY) ? 'over' : undefined;
  }
  const canGoOn = !isHalted && (newest?.step ?? -1) < rollout.steps.length - 1;
  if (canGoOn && isDue(start + SILENT_BAKES * rollout.bake * 1000)) return 'silence';
  // Until its end nobody is to settle it.
  const isToSettle = end === undefined || isHalted;
  return isToSettle && daysFrom(start) > 0 && isDue(start + daysFrom(start) * DAY) ? 'unsettled' : undefined;
}
