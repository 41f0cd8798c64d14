import {
  CancelUpdateStackCommand,
  type RollbackConfiguration,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${name}`;
const watched = (minutes: number, ...names: string[]): RollbackConfiguration => ({
  RollbackTriggers: names.map((name) => ({ Arn: arn(name), Type: 'AWS::CloudWatch::Alarm' })),
  MonitoringTimeInMinutes: minutes,
});
const template = (value: string) =>
  JSON.stringify({
    Resources: { P: parameter(value) },
    Outputs: { Value: { Value: value } },
  });

let bench: StackBench;
let number = 0;
const StackName = () => `Watched${number}`;
/** Three minutes take a fifth of a second. */
const speed = 1_000;

beforeAll(async () => {
  bench = await StackBench.start();
  bench.aws.setSpeed(speed);
});
afterAll(() => bench.aws.stop());
beforeEach(async () => {
  number += 1;
  bench.stackName = StackName();
  await ring('INSUFFICIENT_DATA');
  await bench.deploy({ P: parameter('1') });
});

/** An alarm without data, which keeps what somebody set. */
async function ring(StateValue: 'ALARM' | 'INSUFFICIENT_DATA', AlarmName = 'worse') {
  const client = bench.client(CloudWatchClient);
  const metric = { Namespace: 'x', MetricName: 'y', Period: 60, Statistic: 'Sum' as const, Threshold: 1 };
  const how = { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' as const, TreatMissingData: 'ignore' };
  await client.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...how }));
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
}
const update = (value: string, RollbackConfiguration?: RollbackConfiguration) =>
  bench.cloudFormation.send(
    new UpdateStackCommand({ StackName: StackName(), TemplateBody: template(value), RollbackConfiguration }),
  );
const settled = () => bench.settled();
/** Until all resources and outputs are as wanted. */
const deployed = async (value: string) => {
  for (;;) {
    const { Outputs = [], StackStatus } = await bench.describe();
    if (Outputs[0]?.OutputValue === value) return StackStatus;
  }
};

describe('an operation that alarms watch', () => {
  it('ends once its time is over, and its alarms watch the next one as well, until an empty list', async () => {
    const began = bench.aws.now().getTime();
    await update('2', watched(3, 'worse'));
    expect(await settled()).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      RollbackConfiguration: watched(3, 'worse'),
    });
    expect(bench.aws.now().getTime() - began).toBeGreaterThanOrEqual(180_000);
    await update('3');
    await ring('ALARM');
    expect(await settled()).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
    await update('4', watched(0));
    expect(await settled()).toMatchObject({ StackStatus: 'UPDATE_COMPLETE', RollbackConfiguration: watched(0) });
  });

  it('goes back when one rings after all resources are deployed, outputs too', async () => {
    await update('2', watched(0));
    await settled();
    await update('3', watched(180, 'worse'));
    expect(await deployed('3')).toBe('UPDATE_IN_PROGRESS');
    await ring('ALARM');
    expect(await settled()).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE', Outputs: [{ OutputValue: '2' }] });
    const reasons = (await bench.events()).map(({ ResourceStatusReason }) => ResourceStatusReason);
    expect(reasons).toContain(`The rollback trigger ${arn('worse')} went to ALARM state. `);
  });

  it('goes back when somebody cancels it while it is watched', async () => {
    await update('2', watched(180));
    await deployed('2');
    await bench.cloudFormation.send(new CancelUpdateStackCommand({ StackName: StackName() }));
    expect((await settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('fails where an alarm is not there, or rings already', async () => {
    await update('2', watched(0, 'nobody'));
    expect((await settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    await ring('ALARM');
    await update('2', watched(0, 'worse'));
    expect((await settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it.each([
    ['six alarms', watched(1, ...'abcdef')],
    ['181 minutes', watched(181)],
    ['half a minute', watched(0.5)],
    ['an alarm that is a topic', { RollbackTriggers: [{ Arn: 'arn:aws:sns:x', Type: 'AWS::CloudWatch::Alarm' }] }],
    ['another type', { RollbackTriggers: [{ Arn: arn('worse'), Type: 'AWS::SNS::Topic' }] }],
  ])('is refused with %s', async (_, configuration) => {
    await expect(update('2', configuration)).rejects.toMatchObject({ name: /ValidationError|MalformedInput/ });
  });
});
