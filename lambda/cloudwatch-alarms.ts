import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

/** The states of alarms by their ARNs; one that does not exist has none. */
export interface AlarmStates {
  states(arns: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** CloudWatch's own API, for alarms of this account and Region. */
export class CloudWatchAlarms implements AlarmStates {
  constructor(private readonly client: CloudWatchClient) {}

  /** A call takes 100 names, far more than a rollout has guards. Without their types it answers no composite alarms. */
  async states(arns: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.client.send(
      new DescribeAlarmsCommand({
        AlarmNames: arns.map((arn) => arn.split(':').slice(6).join(':')),
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
    );
    return new Map(
      [...MetricAlarms, ...CompositeAlarms].map(({ AlarmArn = '', StateValue = '' }) => [AlarmArn, StateValue]),
    );
  }
}
