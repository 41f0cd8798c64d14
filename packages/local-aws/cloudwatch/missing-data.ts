export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmWindow {
  /** N: how many periods count. */
  readonly evaluationPeriods: number;
  /** M: how many of them have to breach. */
  readonly datapointsToAlarm: number;
  /** `missing`, `ignore`, `breaching` or `notBreaching`. */
  readonly treatMissingData: string;
}

/** So many periods more than N are looked at, for values to take the place of those that are missing: in AWS's example 5 for 3. */
export const FURTHER_PERIODS = 2;

/**
 * The state by the periods of the evaluation range, newest first: whether each breaches, undefined where it has no value.
 * With N values or more the newest N decide; with fewer, those that lack are filled as `treatMissingData` says.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function alarmState(
  range: readonly (boolean | undefined)[],
  { evaluationPeriods, datapointsToAlarm, treatMissingData }: AlarmWindow,
  before: AlarmState,
): AlarmState {
  const real = range.filter((breaches) => breaches !== undefined).slice(0, evaluationPeriods);
  const breaching = real.filter(Boolean).length;
  const lacking = evaluationPeriods - real.length;
  const byCount = (count: number) => (count >= datapointsToAlarm ? 'ALARM' : 'OK');
  if (lacking === 0 || treatMissingData === 'notBreaching') {
    return byCount(breaching);
  }
  if (treatMissingData === 'breaching') {
    return byCount(breaching + lacking);
  }
  if (treatMissingData === 'ignore') {
    // What is there decides where the missing ones could not change it.
    const surely = byCount(breaching);
    return surely === byCount(breaching + lacking) ? surely : before;
  }
  if (real.length === 0) {
    return 'INSUFFICIENT_DATA';
  }
  return byCount(breaching) === 'ALARM' || isEarly(range.slice(0, evaluationPeriods), datapointsToAlarm)
    ? 'ALARM'
    : 'OK';
}

/** The oldest breaching period is at least M periods old, and all after it breach or are missing. */
function isEarly(window: readonly (boolean | undefined)[], datapointsToAlarm: number): boolean {
  const oldest = window.lastIndexOf(true);
  return oldest + 1 >= datapointsToAlarm && window.slice(0, oldest).every((breaches) => breaches !== false);
}
