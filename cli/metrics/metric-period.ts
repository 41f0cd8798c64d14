const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const PERIODS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY];
const MOST_POINTS = 60;

/**
 * Seconds of a period: at most 60 of them, and none that CloudWatch does not keep any more. It keeps minutes for 15 days,
 * five minutes for 63 days, hours for 455.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function metricPeriod(since: Date, now: Date): number {
  const seconds = (now.getTime() - since.getTime()) / 1_000;
  const kept = seconds <= 15 * DAY ? MINUTE : seconds <= 63 * DAY ? 5 * MINUTE : HOUR;
  return PERIODS.find((period) => period >= kept && seconds / period <= MOST_POINTS) ?? 7 * DAY;
}

/** CloudWatch keeps metrics for 455 days. */
export const METRICS_KEPT_DAYS = 455;
