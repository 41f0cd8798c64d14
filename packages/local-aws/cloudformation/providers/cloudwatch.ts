import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutCompositeAlarmCommand,
  type PutCompositeAlarmCommandInput,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Properties } from '../stack-target';
import { as, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

interface Tagged {
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const COMMON = 'AlarmName AlarmDescription ActionsEnabled AlarmActions OKActions InsufficientDataActions Tags';

export const cloudWatchAlarm = alarm(
  `${COMMON} MetricName Namespace Dimensions Metrics Statistic ExtendedStatistic Period Unit EvaluationPeriods DatapointsToAlarm Threshold ComparisonOperator TreatMissingData`,
  async (properties, context) => {
    const input = as<PutMetricAlarmCommandInput>(properties);
    await context.client(CloudWatchClient).send(new PutMetricAlarmCommand(input));
  },
);

export const cloudWatchCompositeAlarm = alarm(`${COMMON} AlarmRule`, async (properties, context) => {
  const input = as<PutCompositeAlarmCommandInput>(properties);
  await context.client(CloudWatchClient).send(new PutCompositeAlarmCommand(input));
});

/** `Ref` of an alarm is its name. */
function alarm(
  properties: string,
  put: (properties: Properties, context: ProviderContext) => Promise<void>,
): ResourceProvider {
  const attributes = (name: string, { region, account }: ProviderContext) => ({
    Arn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  });
  return {
    properties,
    async create(wanted, context) {
      const AlarmName = String(wanted.AlarmName ?? context.generatedName(255));
      await put({ ...wanted, AlarmName }, context);
      return { physicalId: AlarmName, attributes: attributes(AlarmName, context) };
    },
    async update(AlarmName, wanted, before, context) {
      const { Tags: _, ...settings } = wanted;
      await put({ ...settings, AlarmName }, context);
      const client = context.client(CloudWatchClient);
      const [{ Tags: to = [] }, { Tags: from = [] }] = [as<Tagged>(wanted), as<Tagged>(before)];
      const { Arn: ResourceARN } = attributes(AlarmName, context);
      const TagKeys = from.map(({ Key }) => Key).filter((key) => !to.some(({ Key }) => Key === key));
      if (TagKeys.length > 0) {
        await client.send(new UntagResourceCommand({ ResourceARN, TagKeys }));
      }
      if (to.length > 0) {
        await client.send(new TagResourceCommand({ ResourceARN, Tags: [...to] }));
      }
      return attributes(AlarmName, context);
    },
    async remove(AlarmName, _, context) {
      await unlessGone(context.client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
    },
  };
}
