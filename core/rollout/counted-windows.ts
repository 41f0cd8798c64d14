import type { RolloutStep } from '../ledger/rollout-step';

/** A time whose uses are counted, in spans of one length. */
export interface CountedWindow {
  readonly from: Date;
  readonly to: Date;
  /** Length of a span: a period of CloudWatch's. */
  readonly seconds: 60 | 300;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * CloudWatch keeps minutes for 15 days. A rollout that is older is judged anew from every 14 days on.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
const JUDGED_FOR = 14 * DAY;

/**
 * From the first step on, as far as spans are over: a span that is still filling would be looked at twice, and with the
 * second look it would be no fair bet. By minutes on the first day, then by five, so that there are not too many.
 */
export function countedWindows(steps: readonly RolloutStep[], now: Date): CountedWindow[] {
  const [first] = steps;
  const begin = first ? Date.parse(first.at) : Number.POSITIVE_INFINITY;
  if (begin >= now.getTime()) return [];
  const start = Math.ceil((begin + Math.floor((now.getTime() - begin) / JUDGED_FOR) * JUDGED_FOR) / MINUTE) * MINUTE;
  const later = Math.ceil((start + DAY) / (5 * MINUTE)) * 5 * MINUTE;
  return [windowOf(start, Math.min(later, now.getTime()), 60), windowOf(later, now.getTime(), 300)].filter(
    ({ from, to }) => from < to,
  );
}

/** Whether the share stays the same in all of a span: uses of before and after would be of different hours. */
export function isOfOneShare(from: Date, seconds: number, steps: readonly RolloutStep[]): boolean {
  const end = from.getTime() + seconds * 1000;
  return steps.every(({ at }) => Date.parse(at) <= from.getTime() || Date.parse(at) >= end);
}

function windowOf(from: number, to: number, seconds: 60 | 300): CountedWindow {
  const span = seconds * 1000;
  return { from: new Date(from), to: new Date(Math.floor(to / span) * span), seconds };
}
