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
 * on the same spans, as long as CloudWatch has all of them. Undefined where there is none.
 */
export function readoutWindow(times: ExperimentTimes, now: Date): ReadoutWindow | undefined {
  const { seconds, begin, end, isCut } = boundsOf(times, now);
  const span = seconds * 1_000;
  const [from, to] = [new Date(Math.ceil(begin / span) * span), new Date(Math.floor(end / span) * span)];
  return from < to ? { from, to, seconds, isCut } : undefined;
}

/** Why there is no window: none yet, or none for ever. */
export interface NoWindow extends Pick<ReadoutWindow, 'isCut'> {
  /** When the first span is over and its metrics are there; null where there will be nothing to read. */
  readonly next: Date | null;
}

/** Of times that have no window. */
export function noWindow(times: ExperimentTimes, now: Date): NoWindow {
  const { seconds, isCut } = boundsOf(times, now);
  const span = seconds * 1_000;
  const over = Math.ceil(times.first.getTime() / span) * span + span;
  const wasMeasured = times.ended === undefined || times.ended.getTime() >= over;
  return { next: wasMeasured && !isCut ? new Date(over + LATE) : null, isCut: wasMeasured && isCut };
}

/** Times in milliseconds since 1970, between which spans are whole. */
function boundsOf({ planned, first, ended }: ExperimentTimes, now: Date) {
  const [seconds, kept] = KEPT.find(([length]) => planned >= FEWEST_SPANS * length) ?? [60, 15 * DAY];
  const oldest = now.getTime() - kept * 1_000;
  const begin = Math.max(first.getTime(), oldest);
  const end = Math.min(now.getTime() - LATE, ended?.getTime() ?? Number.POSITIVE_INFINITY);
  return { seconds, begin, end, isCut: first.getTime() < oldest };
}
