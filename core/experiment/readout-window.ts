/** What is read of an experiment: whole spans of one length. */
export interface ReadoutWindow {
  readonly from: Date;
  readonly to: Date;
  /** Length of a span: a period of CloudWatch's. */
  readonly seconds: number;
  /** CloudWatch no longer has the beginning. */
  readonly isCut: boolean;
}

const DAY = 86_400;

/**
 * For how long CloudWatch keeps periods of so many seconds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
const KEPT: readonly (readonly [seconds: number, kept: number])[] = [
  [3_600, 455 * DAY],
  [300, 63 * DAY],
  [60, 15 * DAY],
];

/** So many spans at least: the first one is only learned from. */
const FEWEST_SPANS = 24;

/** Until the lines of a span are metrics, in milliseconds. A span that is looked at too early would be looked at twice. */
const LATE = 2 * 60_000;

export interface ExperimentTimes {
  /** Seconds that the plan is to last. */
  readonly planned: number;
  /** When the first step was served. */
  readonly first: Date;
  /** When the plan was ended; undefined while it is in force. */
  readonly ended: Date | undefined;
}

/**
 * How long spans are follows from the plan alone, never from what was measured nor from when somebody looks: each look bets
 * on the same spans. Undefined before the first one is over.
 */
export function readoutWindow({ planned, first, ended }: ExperimentTimes, now: Date): ReadoutWindow | undefined {
  const [seconds, kept] = KEPT.find(([length]) => planned >= FEWEST_SPANS * length) ?? [60, 15 * DAY];
  const span = seconds * 1_000;
  const oldest = now.getTime() - kept * 1_000;
  const begin = Math.max(first.getTime(), oldest);
  const from = new Date(Math.ceil(begin / span) * span);
  const end = Math.min(now.getTime() - LATE, ended?.getTime() ?? Number.POSITIVE_INFINITY);
  const to = new Date(Math.floor(end / span) * span);
  return from < to ? { from, to, seconds, isCut: first.getTime() < oldest } : undefined;
}

/** When the first span is over and its metrics are there. */
export function firstLook({ planned, first }: ExperimentTimes): Date {
  const [seconds] = KEPT.find(([length]) => planned >= FEWEST_SPANS * length) ?? [60];
  const span = seconds * 1_000;
  return new Date(Math.ceil(first.getTime() / span) * span + span + LATE);
}
