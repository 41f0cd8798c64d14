import type {
  CompositeAlarm,
  DeleteAlarmsCommandInput,
  DescribeAlarmsCommandInput,
  DescribeAlarmsCommandOutput,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  ListMetricsCommandInput,
  ListMetricsCommandOutput,
  ListTagsForResourceCommandOutput,
  MetricAlarm,
  MetricDatum,
  PutMetricDataCommandInput,
  SetAlarmStateCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch';
import * as client from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import { mergedTags } from '../iam/iam-roles';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { JsonRpc } from '../wire/json-rpc';
import { type Alarm, nameOf } from './alarm';
import { alarmArn, compositeAlarm, metricAlarm } from './alarm-settings';
import type { Alarms } from './alarms';
import { dimensionsOf, MetricQueries } from './metric-queries';
import type { MetricStore } from './metric-store';
import type { AlarmState } from './missing-data';

/** Queries of one GetMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MOST_QUERIES = 500;
/** Metrics of one answer, which searches may exceed. */
const MOST_METRICS = 500;
const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/** Metrics, and alarms on them. `aheadMs`: how far it is ahead of the clocks of its callers. */
export function cloudWatch(metrics: MetricStore, alarms: Alarms, aheadMs: () => number): Service {
  const onAlarm = <Input extends { AlarmName: string | undefined }>(run: (input: Input, call: Call) => void) =>
    operation<Input, object>({
      authorize: ({ AlarmName }, call) => [ofAlarm(call, AlarmName)],
      run: (input, call) => {
        run(input, call);
        return {};
      },
    });
  const onTags = <Input extends { ResourceARN: string | undefined }, Output>(
    run: (alarm: Alarm, input: Input) => Omit<Output, '$metadata'>,
  ) =>
    operation<Input, Output>({
      authorize: ({ ResourceARN = '' }, call) => [{ action: `cloudwatch:${call.operation}`, resource: ResourceARN }],
      run: (input) => run(alarms.alarm(nameOf(input.ResourceARN ?? '')), input),
    });

  const operations: Record<string, Operation> = {
    PutMetricData: operation<PutMetricDataCommandInput, object>({
      authorize: ({ Namespace = '' }) => [
        { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace } },
      ],
      run: (input, call) => {
        supportedMembers(call, input, 'Namespace MetricData');
        const { Namespace = '', MetricData = [] } = input;
        for (const datum of MetricData) {
          put(metrics, Namespace, datum, call, aheadMs());
        }
        return {};
      },
    }),
    GetMetricData: operation<GetMetricDataCommandInput, GetMetricDataCommandOutput>({
      authorize: () => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'MetricDataQueries StartTime EndTime ScanBy MaxDatapoints NextToken');
        return metricData(metrics, input, aheadMs());
      },
    }),
    ListMetrics: operation<ListMetricsCommandInput, ListMetricsCommandOutput>({
      authorize: () => [{ action: 'cloudwatch:ListMetrics', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'Namespace MetricName Dimensions NextToken');
        const { Namespace, MetricName, Dimensions = [] } = input;
        const found = metrics
          .list()
          .filter(({ namespace }) => Namespace === undefined || namespace === Namespace)
          .filter(({ name }) => MetricName === undefined || name === MetricName)
          .filter(({ dimensions }) =>
            Dimensions.every(({ Name = '', Value }) =>
              Value === undefined ? Object.hasOwn(dimensions, Name) : dimensions[Name] === Value,
            ),
          );
        return {
          Metrics: found.map(({ namespace, name, dimensions }) => ({
            ...{ Namespace: namespace, MetricName: name },
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          })),
        };
      },
    }),
    PutMetricAlarm: onAlarm<client.PutMetricAlarmCommandInput>((input, call) =>
      alarms.put(metricAlarm(input, call), input.Tags),
    ),
    PutCompositeAlarm: onAlarm<client.PutCompositeAlarmCommandInput>((input, call) =>
      alarms.put(compositeAlarm(input, call), input.Tags),
    ),
    DescribeAlarms: operation<DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput>({
      authorize: ({ AlarmNames = [] }, call) =>
        AlarmNames.length > 0 ? AlarmNames.map((name) => ofAlarm(call, name)) : [ofAlarm(call, undefined)],
      run: (input, call) => {
        supportedMembers(call, input, 'AlarmNames AlarmNamePrefix AlarmTypes StateValue MaxRecords NextToken');
        return describeAlarms(alarms, input);
      },
    }),
    DeleteAlarms: operation<DeleteAlarmsCommandInput, object>({
      authorize: ({ AlarmNames = [] }, call) => AlarmNames.map((name) => ofAlarm(call, name)),
      run: ({ AlarmNames = [] }) => {
        const all = AlarmNames.map((name) => alarms.alarm(name));
        for (const { settings } of all) {
          alarms.delete(settings.name);
        }
        return {};
      },
    }),
    SetAlarmState: onAlarm<SetAlarmStateCommandInput>(({ AlarmName, StateValue, StateReason, StateReasonData }) => {
      if (!STATES.includes(StateValue ?? '') || !StateReason) {
        throw validation(`StateValue must be one of ${STATES.join(', ')}, with a StateReason`);
      }
      alarms.set(AlarmName, StateValue as AlarmState, StateReason, StateReasonData);
    }),
    TagResource: onTags<TagResourceCommandInput, object>((alarm, { Tags = [] }) => {
      alarm.tags = mergedTags(alarm.tags, Tags) as typeof alarm.tags;
      return {};
    }),
    UntagResource: onTags<UntagResourceCommandInput, object>((alarm, { TagKeys = [] }) => {
      alarm.tags = alarm.tags.filter(({ Key = '' }) => !TagKeys.includes(Key));
      return {};
    }),
    ListTagsForResource: onTags<{ ResourceARN: string }, ListTagsForResourceCommandOutput>(({ tags }) => ({
      Tags: tags,
    })),
  };
  // Newer clients speak JSON: https://smithy.io/2.0/aws/protocols/aws-query-compatible-trait.html
  const protocol = new JsonRpc('GraniteServiceVersion20100801');
  return { name: 'cloudwatch', signingName: 'monitoring', client, protocol, operations };
}

function put(metrics: MetricStore, namespace: string, datum: MetricDatum, call: Call, aheadMs: number): void {
  supportedMembers(call, datum, 'MetricName Dimensions Timestamp Value Values Counts Unit StorageResolution');
  const { MetricName: name = '', Dimensions, Timestamp = call.time, Value, Values, Counts, Unit: unit } = datum;
  if ((Value === undefined) === (Values === undefined) || (Counts && Counts.length !== Values?.length)) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      400,
      'A metric takes either Value, or Values with as many Counts',
    );
  }
  const values = Values ?? [Value as number];
  const time = Timestamp.getTime() + aheadMs;
  metrics.add({ namespace, name, dimensions: dimensionsOf(Dimensions), time, values, counts: Counts, unit });
}

function metricData(metrics: MetricStore, input: GetMetricDataCommandInput, aheadMs: number) {
  const { MetricDataQueries = [], StartTime, EndTime, ScanBy = 'TimestampDescending' } = input;
  const [start, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
  if (start >= end) {
    throw validation('The parameter StartTime must be less than the parameter EndTime.');
  }
  if (MetricDataQueries.length > MOST_QUERIES) {
    throw validation(`The parameter MetricDataQueries must be at most ${MOST_QUERIES} long`);
  }
  const results = new MetricQueries(metrics, MetricDataQueries, start + aheadMs, end + aheadMs).results();
  return {
    MetricDataResults: results.slice(0, MOST_METRICS).map(({ id: Id, label: Label, series }) => {
      const points = ScanBy === 'TimestampAscending' ? [...series] : [...series].reverse();
      return {
        ...{ Id, Label, StatusCode: 'Complete' as const },
        Timestamps: points.map(([time]) => new Date(time - aheadMs)),
        Values: points.map(([, value]) => value),
      };
    }),
    Messages:
      results.length > MOST_METRICS
        ? [{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }]
        : [],
  };
}

/** Without `AlarmTypes` metric alarms only. */
function describeAlarms(alarms: Alarms, input: DescribeAlarmsCommandInput) {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes = ['MetricAlarm'], StateValue } = input;
  const found = alarms
    .list()
    .filter(({ settings }) => AlarmNames === undefined || AlarmNames.includes(settings.name))
    .filter(({ settings }) => settings.name.startsWith(AlarmNamePrefix))
    .filter(({ state }) => StateValue === undefined || state === StateValue);
  const all = found.map(described);
  return {
    MetricAlarms: AlarmTypes.includes('MetricAlarm') ? all.filter((one) => !('AlarmRule' in one)) : [],
    CompositeAlarms: AlarmTypes.includes('CompositeAlarm') ? all.filter((one) => 'AlarmRule' in one) : [],
  };
}

function described({
  settings,
  state,
  reason,
  reasonData,
  updated,
  transitioned,
}: Alarm): MetricAlarm | CompositeAlarm {
  const { name, arn, description, actionsEnabled, actions, configured } = settings;
  return {
    ...{ AlarmName: name, AlarmArn: arn, AlarmDescription: description, ActionsEnabled: actionsEnabled },
    ...{ OKActions: [...actions.OK], AlarmActions: [...actions.ALARM] },
    InsufficientDataActions: [...actions.INSUFFICIENT_DATA],
    AlarmConfigurationUpdatedTimestamp: configured,
    ...{ StateValue: state, StateReason: reason, StateReasonData: reasonData },
    ...{ StateUpdatedTimestamp: updated, StateTransitionedTimestamp: transitioned },
    ...(settings.kind === 'metric' ? settings.shown : { AlarmRule: settings.rule.text }),
  };
}

function ofAlarm(call: Call, name: string | undefined) {
  const resource = name === undefined ? '*' : alarmArn(call, name);
  return { action: `cloudwatch:${call.operation}`, resource };
}

function validation(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
