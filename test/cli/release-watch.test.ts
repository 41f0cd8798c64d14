import {
  CloudWatchClient,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseWatch, watchedBy, watchWish } from '../../cli/release/release-watch';
import { watchingText } from '../../cli/release/watching-text';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';

const arn = (name: string, region = 'us-east-1', account = '111122223333') =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
const alarm = [arn('worse')];

describe('What --watch and --alarm say', () => {
  it.each([
    ['1m', 1],
    ['10m', 10],
    ['180m', 180],
    ['3h', 180],
  ])('%s is %d minutes', (watch, minutes) => {
    expect(watchWish({ watch, alarm: [...alarm, ...alarm] })).toEqual({ minutes, arns: alarm });
  });

  it('is nothing where both are left out', () => expect(watchWish({ to: ':2' })).toBeUndefined());

  it.each<[string, Parameters<typeof watchWish>[0], string]>([
    ['no time', { alarm }, '--alarm without --watch'],
    ['no alarm', { watch: '10m' }, '--watch without --alarm'],
    ['no minute', { watch: '0m', alarm }, 'from 1m to 180m, found 0m'],
    ['too many minutes', { watch: '181m', alarm }, 'found 181m'],
    ['too many hours', { watch: '4h', alarm }, 'found 4h'],
    ['a bare number', { watch: '10', alarm }, 'found 10'],
    ['seconds', { watch: '90s', alarm }, 'found 90s'],
    ['less than nothing', { watch: '-5m', alarm }, 'found -5m'],
    ['half a minute', { watch: '0.5m', alarm }, 'found 0.5m'],
    ['nothing at all', { watch: '', alarm }, 'from 1m'],
    ['six alarms', { watch: '10m', alarm: [...'abcdef'].map((name) => arn(name)) }, 'at most 5 alarms, found 6'],
    ['a name for an ARN', { watch: '10m', alarm: ['worse'] }, 'worse is no ARN'],
    ['a topic', { watch: '10m', alarm: ['arn:aws:sns:us-east-1:111122223333:worse'] }, 'is no ARN'],
    ['signs that nobody sees', { watch: '10m', alarm: ['wor\u200bse'] }, 'wor\\u{200b}se is no ARN'],
    ['a plan', { watch: '10m', alarm, plan: 'arn' }, '--watch with --plan'],
  ])('is refused with %s', (_, values, message) => {
    expect(() => watchWish(values)).toThrow(message);
  });
});

describe('Alarms that are to watch', () => {
  const stack = { stackName: 'Prompts', stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/1' };
  let aws: LocalAws;
  let client: CloudWatchClient;
  const look = (...arns: string[]) => releaseWatch(client, stack, { minutes: 10, arns });
  beforeAll(async () => {
    aws = await startLocalAws({ cloudFormation: { pageSize: 1 } });
    client = new CloudWatchClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
    for (const AlarmName of ['worse', 'a:b/c', 'rings']) {
      await client.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, Namespace: 'x', MetricName: 'y', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1 },
          ...{ Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore' },
        }),
      );
    }
    await client.send(new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM(worse)' }));
    const ring = { AlarmName: 'rings', StateValue: 'ALARM' as const, StateReason: 'three of three' };
    await client.send(new SetAlarmStateCommand(ring));
  });
  afterAll(() => aws.stop());

  it('are triggers of their kind, also with names of several parts', async () => {
    const watch = await look(arn('worse'), arn('any'), arn('a:b/c'));
    expect(watchedBy(watch)).toEqual({
      MonitoringTimeInMinutes: 10,
      RollbackTriggers: [
        { Arn: arn('worse'), Type: 'AWS::CloudWatch::Alarm' },
        { Arn: arn('any'), Type: 'AWS::CloudWatch::CompositeAlarm' },
        { Arn: arn('a:b/c'), Type: 'AWS::CloudWatch::Alarm' },
      ],
    });
    expect(watchedBy(undefined)).toEqual({ MonitoringTimeInMinutes: 0, RollbackTriggers: [] });
  });

  it.each([
    ['are not there', arn('nobody'), 'there is no alarm nobody'],
    ['are of another Region', arn('worse', 'eu-west-1'), 'an alarm of another Region'],
    ['are of another account', arn('worse', 'us-east-1', '222233334444'), 'an alarm of another account'],
    ['ring already', arn('rings'), 'rings rings already'],
  ])('are refused where they %s', async (_, one, message) => {
    await expect(look(arn('worse'), one)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      exitCode: 1,
    });
    await expect(look(one)).rejects.toThrow('nothing was moved');
  });

  it('say why they ring', async () => {
    await expect(look(arn('rings'))).rejects.toMatchObject({ why: expect.stringContaining('three of three') });
  });
});

describe('A watched release', () => {
  const watch = {
    minutes: 10,
    alarms: [{ name: 'worse', arn: arn('worse'), type: 'AWS::CloudWatch::Alarm' as const }],
  };
  const moved = {
    PhysicalResourceId: '/p/a/PROD',
    ResourceStatus: 'UPDATE_COMPLETE',
    Timestamp: new Date('2026-12-01T12:00:10Z'),
  } as const;
  const back = {
    PhysicalResourceId: 'stack',
    ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS',
    Timestamp: undefined,
  } as const;

  it.each([
    [
      'tells once that CloudFormation watches, and until when',
      watch,
      [{ ...moved, ResourceStatus: 'UPDATE_IN_PROGRESS' }, moved, moved],
      1,
    ],
    ['of its own alias only', watch, [{ ...moved, PhysicalResourceId: '/p/a/STAGING' }], 0],
    ['not on the way back', watch, [back, moved], 0],
    ['nor where nothing watches', undefined, [moved], 0],
  ] as const)('%s', (_, watched, events, times) => {
    const watching = watchingText(watched, '/p/a/PROD');
    const said = events.flatMap((event) => watching(event) ?? []);
    expect(said).toEqual(
      Array.from({ length: times }, () => 'watching worse until 12:11 UTC; Ctrl-C leaves it to CloudFormation'),
    );
  });
});
