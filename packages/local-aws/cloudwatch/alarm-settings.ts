import type {
  MetricDataQuery,
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import { supportedMembers } from '../supported-members';
import { type CompositeAlarmSettings, type MetricAlarmSettings, periodOf } from './alarm';
import { AlarmRule } from './alarm-rule';
import { isComparison } from './alarms';
import { checkPeriod } from './metric-queries';

const COMMON = 'AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions Tags';
const METRIC =
  'MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold ComparisonOperator TreatMissingData Metrics';
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'];
/** Seconds: the whole window of an alarm, a day for short periods, a week for periods of an hour or more. */
const DAY = 86_400;

type Given = Pick<
  PutMetricAlarmCommandInput,
  'AlarmName' | 'AlarmDescription' | 'ActionsEnabled' | 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'
>;

/** Throws ValidationException, and 501 for what is not here. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export function metricAlarm(input: PutMetricAlarmCommandInput, call: Call): MetricAlarmSettings {
  supportedMembers(call, input, `${COMMON} ${METRIC}`);
  const { EvaluationPeriods = 0, DatapointsToAlarm = EvaluationPeriods, Threshold, ComparisonOperator } = input;
  const { TreatMissingData = 'missing' } = input;
  const { AlarmName: _, AlarmDescription: __, ActionsEnabled: ___, Tags: ____, ...shown } = input;
  if (!isComparison(ComparisonOperator) || Threshold === undefined) {
    const isBand = /Threshold$/.test(ComparisonOperator ?? '') && /Upper|LowerThreshold/.test(ComparisonOperator ?? '');
    throw isBand ? notImplemented('anomaly detection') : validation('ComparisonOperator and Threshold are required');
  }
  if (!Number.isInteger(EvaluationPeriods) || EvaluationPeriods < 1) {
    throw validation('EvaluationPeriods must be 1 or more');
  }
  if (!Number.isInteger(DatapointsToAlarm) || DatapointsToAlarm < 1 || DatapointsToAlarm > EvaluationPeriods) {
    throw validation('DatapointsToAlarm must be from 1 to EvaluationPeriods');
  }
  if (!TREATMENTS.includes(TreatMissingData)) {
    throw validation(`Option ${TreatMissingData} is not supported for TreatMissingData`);
  }
  const settings: MetricAlarmSettings = {
    ...common(input, call),
    kind: 'metric',
    queries: queriesOf(input),
    ...{
      evaluationPeriods: EvaluationPeriods,
      datapointsToAlarm: DatapointsToAlarm,
      treatMissingData: TreatMissingData,
    },
    ...{ threshold: Threshold, comparison: ComparisonOperator as string, shown },
  };
  const period = periodOf(settings);
  checkPeriod(period);
  if (period * EvaluationPeriods > (period < 3_600 ? DAY : 7 * DAY)) {
    throw validation('Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).');
  }
  return settings;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
export function compositeAlarm(input: PutCompositeAlarmCommandInput, call: Call): CompositeAlarmSettings {
  supportedMembers(call, input, `${COMMON} AlarmRule`);
  return { ...common(input, call), kind: 'composite', rule: new AlarmRule(input.AlarmRule ?? '') };
}

export function alarmArn({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}

/** An alarm on one metric and one on an expression are the same thing from here on. */
function queriesOf(input: PutMetricAlarmCommandInput): readonly MetricDataQuery[] {
  const { Metrics, Namespace, MetricName, Dimensions, Period, Unit, Statistic, ExtendedStatistic } = input;
  if ((Metrics === undefined) === (MetricName === undefined)) {
    throw validation('A metric alarm takes either MetricName or Metrics');
  }
  if (Metrics) {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html
    if (Metrics.some(({ Expression = '' }) => /\bSEARCH\s*\(/.test(Expression))) {
      throw validation('SEARCH is not supported on Metric Alarms.');
    }
    return Metrics;
  }
  const Stat = Statistic ?? ExtendedStatistic;
  if (Stat === undefined || Period === undefined || (Statistic && ExtendedStatistic)) {
    throw validation('MetricName takes a Period, and either Statistic or ExtendedStatistic');
  }
  return [{ Id: 'm1', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat, Unit } }];
}

/** Actions that are no topic: 501. */
function common(input: Given, call: Call) {
  const { AlarmName: name = '', AlarmDescription: description, ActionsEnabled: actionsEnabled = true } = input;
  const { OKActions: OK = [], AlarmActions: ALARM = [], InsufficientDataActions: INSUFFICIENT_DATA = [] } = input;
  if (!/^[^\p{Cc}]{1,255}$/u.test(name)) {
    throw validation(`Value '${name}' at 'alarmName' failed to satisfy constraint`);
  }
  const other = [...OK, ...ALARM, ...INSUFFICIENT_DATA].find((arn) => !/^arn:aws:sns:/.test(arn));
  if (other !== undefined) {
    throw notImplemented(`${other} as an action of an alarm: only SNS topics`);
  }
  const actions = { OK, ALARM, INSUFFICIENT_DATA };
  return { name, arn: alarmArn(call, name), description, actionsEnabled, actions, configured: call.time };
}

function validation(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
