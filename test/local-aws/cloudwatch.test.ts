import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  type MetricDataQuery,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deployer, startLocalAws } from '../../packages/local-aws';
import { ACCOUNT, policy, startWithClock, statement } from './local-clients';

const MINUTE = 60_000;
const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:${name}`;
const line = (Version: string, values: Record<string, number | number[]>, time: number) =>
  JSON.stringify({
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        {
          Namespace: 'PromptRegistry',
          Dimensions: [['Prompt', 'Version']],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    ...{ Prompt: 'p', Version, ...values },
  });
const metric = (MetricName: string, Version = '4', Stat = 'Sum', Period = 60) => ({
  Metric: {
    ...{ Namespace: 'PromptRegistry', MetricName },
    Dimensions: [
      { Name: 'Version', Value: Version },
      { Name: 'Prompt', Value: 'p' },
    ],
  },
  ...{ Stat, Period },
});
const errorRate: MetricDataQuery[] = [
  { Id: 'uses', MetricStat: metric('Uses'), ReturnData: false },
  { Id: 'errors', MetricStat: metric('Errors'), ReturnData: false },
  { Id: 'rate', Expression: 'IF(uses >= 20, errors / uses, 0)' },
];

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloudwatch: CloudWatchClient;
beforeEach(async () => {
  local = await startWithClock();
  cloudwatch = new CloudWatchClient(local.settings);
});
afterEach(() => local.aws.stop());

/** So many uses of a version in this minute, some of them failed. */
const used = (uses: number, errors: number, version = '4') =>
  local.aws.logged(line(version, { Uses: uses, Errors: errors }, local.clock.time.getTime()));
/** The endpoint's clock goes on, and CloudWatch looks at its alarms. */
const later = (minutes = 1) => {
  local.pass(minutes * MINUTE);
  local.aws.passTime(0);
};
const put = (more: Partial<PutMetricAlarmCommandInput> = {}, client = cloudwatch) =>
  client.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'worse', Metrics: errorRate, EvaluationPeriods: 1, Threshold: 0.25 },
      ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching', ...more },
    }),
  );
const state = async (name = 'worse', AlarmTypes?: ('CompositeAlarm' | 'MetricAlarm')[]) => {
  const found = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes }));
  return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])][0]?.StateValue;
};
const data = async (MetricDataQueries: MetricDataQuery[], more: Partial<GetMetricDataCommandInput> = {}) => {
  const [StartTime, EndTime] = [new Date(local.clock.time.getTime() - 60 * MINUTE), local.clock.time];
  const input = { MetricDataQueries, StartTime, EndTime, ScanBy: 'TimestampAscending' as const, ...more };
  return (await cloudwatch.send(new GetMetricDataCommand(input))).MetricDataResults ?? [];
};

describe('metrics', () => {
  it('are what lines in the embedded format say, by period', async () => {
    used(3, 1);
    local.aws.logged(`a line of another kind\n${line('4', { Uses: [1, 2] }, local.clock.time.getTime() + 1)}\n`);
    local.pass(MINUTE);
    used(7, 0);
    local.pass(MINUTE);
    const [sum, average, samples, most] = await data([
      { Id: 'sum', MetricStat: metric('Uses') },
      { Id: 'average', MetricStat: metric('Uses', '4', 'Average', 3_600) },
      { Id: 'samples', MetricStat: metric('Uses', '4', 'SampleCount', 3_600) },
      { Id: 'most', MetricStat: metric('Uses', '4', 'p50', 3_600) },
    ]);
    expect(sum?.Values).toEqual([6, 7]);
    expect(sum?.Timestamps).toEqual([new Date('2026-11-22T12:00:00Z'), new Date('2026-11-22T12:01:00Z')]);
    expect([average?.Values, samples?.Values, most?.Values]).toEqual([[13 / 4], [4], [2]]);
  });

  it.each([
    ['a set of dimensions that is not filled', { Prompt: undefined }],
    ['a dimension that is no text', { Version: 4 }],
    ['a value that is no number', { Uses: '3' }],
    ['no time', { _aws: { CloudWatchMetrics: [] } }],
  ])('are not made of a line with %s', async (_, change) => {
    local.aws.logged(JSON.stringify({ ...JSON.parse(line('4', { Uses: 3 }, 1)), ...change }));
    expect((await cloudwatch.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
  });

  it('can be put, and are found by their dimensions', async () => {
    const MetricData = [
      { MetricName: 'Uses', Dimensions: metric('Uses').Metric.Dimensions, Values: [1, 5], Counts: [2, 1] },
    ];
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'PromptRegistry', MetricData }));
    local.pass(MINUTE);
    expect((await data([{ Id: 'a', MetricStat: metric('Uses') }]))[0]?.Values).toEqual([7]);
    const found = (Name: string, Value?: string) =>
      cloudwatch.send(new ListMetricsCommand({ Namespace: 'PromptRegistry', Dimensions: [{ Name, Value }] }));
    expect((await found('Version', '4')).Metrics).toHaveLength(1);
    expect((await found('Version', '3')).Metrics).toHaveLength(0);
  });

  it('are ranked by a value: how many of a hundred do not exceed it', async () => {
    for (const value of [100, 300, 301, 9_000])
      local.aws.logged(line('4', { Latency: value }, local.clock.time.getTime()));
    local.pass(MINUTE);
    const { Metric, Period } = metric('Latency');
    const rank = (Stat: string) => data([{ Id: 'a', MetricStat: { Metric, Period, Stat } }]);
    expect((await rank('PR(:300)'))[0]?.Values).toEqual([50]);
    expect((await rank('PR(:99.5)'))[0]?.Values).toEqual([0]);
    await expect(rank('PR(100:300)')).rejects.toThrow('PR(100:300)');
  });

  it('are searched as dashboards do, with a label of each', async () => {
    used(3, 0);
    used(5, 2, '3');
    local.pass(MINUTE);
    const Expression = `SEARCH('{PromptRegistry,Prompt,Version} MetricName="Uses" Prompt="p"', 'Sum')`;
    const results = await data([{ Id: 'a', Expression, Label: `PROD \${PROP('Dim.Version')}` }]);
    expect(results.map(({ Label, Values }) => [Label, Values])).toEqual([
      ['PROD 4', [3]],
      ['PROD 3', [5]],
    ]);
    expect((await data([{ Id: 'a', Expression: `SUM(${Expression})` }]))[0]?.Values).toEqual([8]);
    const shares = await data([{ Id: 'a', Expression: `100 * ${Expression} / SUM(${Expression})` }]);
    expect(shares.map(({ Values }) => Values)).toEqual([[37.5], [62.5]]);
    await expect(data([{ Id: 'a', Expression: `${Expression} / ${Expression}` }])).rejects.toThrow('at once');
    await expect(put({ Metrics: [{ Id: 'a', Expression: `SUM(${Expression})` }] })).rejects.toThrow('SEARCH');
  });

  it.each([
    ['Score', ['Score.helpful', 'HighScore2', 'score']],
    ['score', ['Score.helpful', 'HighScore2', 'score']],
    ['Help', []],
  ])('are searched by a word of their names: %s', async (word, names) => {
    for (const name of ['Score.helpful', 'HighScore2', 'score', 'Scores'])
      local.aws.logged(line('4', { [name]: 1 }, local.clock.time.getTime()));
    local.pass(MINUTE);
    const Expression = `SEARCH('{PromptRegistry,Prompt,Version} Prompt="p" MetricName=${word}', 'Sum')`;
    const results = await data([{ Id: 'a', Expression, Label: `\${PROP('MetricName')}` }]);
    expect(results.map(({ Label }) => Label)).toEqual(names);
  });

  it('are 500 at most in one answer, which says so', async () => {
    const Expression = `SEARCH('{PromptRegistry,Prompt,Version} MetricName="Uses"', 'Sum')`;
    const ask = async () => {
      const { time } = local.clock;
      const window = { StartTime: new Date(time.getTime() - 5 * MINUTE), EndTime: time };
      const MetricDataQueries = [...'abcde'].map((Id) => ({ Id, Expression }));
      return cloudwatch.send(new GetMetricDataCommand({ MetricDataQueries, ...window }));
    };
    const use = (version: number) =>
      local.aws.logged(line(String(version), { Uses: 1 }, local.clock.time.getTime() - MINUTE));
    for (let version = 1; version <= 100; version++) use(version);
    expect((await ask()).Messages).toEqual([]);
    use(101);
    const { MetricDataResults = [], Messages } = await ask();
    expect(MetricDataResults).toHaveLength(500);
    expect(Messages).toEqual([{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }]);
  });

  it('are selected by Metrics Insights, all versions as one', async () => {
    used(3, 0);
    used(5, 4, '3');
    local.pass(MINUTE);
    const select = async (text: string) => (await data([{ Id: 'a', Expression: text, Period: 60 }]))[0]?.Values;
    const from = 'FROM SCHEMA(PromptRegistry, Version, "Prompt")';
    expect(await select(`SELECT SUM(Uses) ${from}`)).toEqual([8]);
    expect(await select(`SELECT AVG("Errors") ${from} WHERE Prompt = 'p' AND Version = '3'`)).toEqual([4]);
    expect(await select(`SELECT MAX(Uses) ${from} WHERE Prompt = 'q'`)).toEqual([]);
    for (const more of ["WHERE Prompt != 'p'", 'GROUP BY Version', 'ORDER BY SUM()']) {
      await expect(select(`SELECT SUM(Uses) ${from} ${more}`)).rejects.toMatchObject({ name: 'NotImplemented' });
    }
  });

  it('of Bedrock say which model was called, and when', async () => {
    const bedrock = new BedrockRuntimeClient(local.settings);
    const call = (modelId: string) =>
      bedrock.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'x' }] }] }));
    await call('amazon.nova-pro-v1:0');
    await call('us.amazon.nova-pro-v1:0');
    const { Metrics = [] } = await cloudwatch.send(
      new ListMetricsCommand({ Namespace: 'AWS/Bedrock', MetricName: 'Invocations' }),
    );
    expect(Metrics.map(({ Dimensions }) => Dimensions)).toEqual([
      [{ Name: 'ModelId', Value: 'amazon.nova-pro-v1:0' }],
      [{ Name: 'ModelId', Value: 'us.amazon.nova-pro-v1:0' }],
    ]);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(uses)', 'the function ANOMALY_DETECTION_BAND of metric math'],
    ['uses ^ 2', 'the operator ^'],
    ["SEARCH('{A,B} x OR y', 'Sum')", 'the search'],
  ])('computed by %s answer 501 by name', async (Expression, name) => {
    const queries = [errorRate[0] as MetricDataQuery, { Id: 'x', Expression }];
    await expect(data(queries)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(name),
    });
  });

  it.each(['errors +', 'nobody / uses', '(uses', '1 + 1', 'rate'])('are not computed by %s', async (Expression) => {
    await expect(data([...errorRate.slice(0, 2), { Id: 'rate', Expression }])).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('are for those whom IAM lets', async () => {
    const allowed = JSON.parse(policy(statement('Allow', 'cloudwatch:GetMetricData', '*')));
    const client = new CloudWatchClient({ ...local.settings, credentials: local.aws.user('reader', [allowed]) });
    const [StartTime, EndTime] = [new Date(0), new Date(MINUTE)];
    await client.send(new GetMetricDataCommand({ MetricDataQueries: errorRate, StartTime, EndTime }));
    const MetricData = [{ MetricName: 'Uses', Value: 1 }];
    const refused = { name: 'AccessDenied' };
    await expect(client.send(new PutMetricDataCommand({ Namespace: 'x', MetricData }))).rejects.toMatchObject(refused);
    await expect(put({}, client)).rejects.toMatchObject(refused);
  });
});

describe('an alarm', () => {
  it('rings for the quotient of two metrics, and ends', async () => {
    await put();
    expect(await state()).toBe('INSUFFICIENT_DATA');
    later();
    expect(await state()).toBe('OK');
    used(10, 10);
    later();
    expect(await state()).toBe('OK');
    used(100, 26);
    later();
    expect(await state()).toBe('ALARM');
    used(100, 2);
    later();
    expect(await state()).toBe('OK');
  });

  it('needs as many periods as it says', async () => {
    await put({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    const states: unknown[] = [];
    for (const errors of [0, 90, 0, 0, 90, 90]) {
      used(100, errors);
      later();
      states.push(await state());
    }
    expect(states).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'ALARM']);
  });

  it('keeps its state when it is put again, and forgets what somebody set', async () => {
    await put();
    const ring = { AlarmName: 'worse', StateValue: 'ALARM' as const, StateReason: 'a test' };
    await cloudwatch.send(new SetAlarmStateCommand(ring));
    await put({ Threshold: 0.5 });
    expect(await state()).toBe('ALARM');
    later();
    expect(await state()).toBe('OK');
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['worse'] }));
    await expect(cloudwatch.send(new SetAlarmStateCommand(ring))).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  it('tells EventBridge and its topic, which must let it', async () => {
    const sns = new SNSClient(local.settings);
    const events = new EventBridgeClient(local.settings);
    const topic = async (Name: string) => (await sns.send(new CreateTopicCommand({ Name }))).TopicArn as string;
    const [alarms, states, closed] = [await topic('alarms'), await topic('states'), await topic('closed')];
    const setPolicy = (TopicArn: string, Service: string) => {
      const allow = { ...statement('Allow', 'sns:Publish', TopicArn), Principal: { Service } };
      const change = { TopicArn, AttributeName: 'Policy', AttributeValue: policy(allow) };
      return sns.send(new SetTopicAttributesCommand(change));
    };
    await setPolicy(states, 'events.amazonaws.com');
    await setPolicy(closed, 'events.amazonaws.com');
    const EventPattern = JSON.stringify({
      ...{ source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'], resources: [arn('worse')] },
      detail: { state: { value: ['ALARM'] } },
    });
    await events.send(new PutRuleCommand({ Name: 'rung', EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: 'rung', Targets: [{ Id: 'a', Arn: states }] }));
    await put({ AlarmActions: [alarms, closed], OKActions: [alarms] });
    later();
    used(100, 26);
    later();
    await local.aws.idle();
    const [event] = local.aws.topicMessages(states).map(({ message }) => JSON.parse(message));
    expect(event).toMatchObject({
      resources: [arn('worse')],
      detail: {
        alarmName: 'worse',
        state: { value: 'ALARM', timestamp: local.clock.time.toISOString() },
        previousState: { value: 'OK' },
        configuration: { metrics: [{ id: 'uses' }, { id: 'errors' }, { expression: errorRate[2]?.Expression }] },
      },
    });
    const messages = local.aws.topicMessages(alarms).map(({ message }) => JSON.parse(message));
    expect(messages.map(({ OldStateValue, NewStateValue }) => [OldStateValue, NewStateValue])).toEqual([
      ['INSUFFICIENT_DATA', 'OK'],
      ['OK', 'ALARM'],
    ]);
    expect(local.aws.undelivered).toMatchObject([{ ruleName: 'worse', targetArn: closed }]);
  });

  it('of alarms follows them', async () => {
    await put();
    await put({ AlarmName: 'other' });
    const rule = (AlarmRule: string) => cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule }));
    await rule(`ALARM("worse") OR (ALARM(${arn('other')}) AND NOT OK("worse"))`);
    const any = () => state('any', ['CompositeAlarm']);
    later();
    expect([await any(), await state('any')]).toEqual(['OK', undefined]);
    used(100, 26);
    later();
    expect(await any()).toBe('ALARM');
    used(100, 0);
    later();
    expect(await any()).toBe('OK');
    for (const text of ['ALARM(', 'ALARM("worse") worse', 'ALARM("nobody")', '']) {
      await expect(rule(text)).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });

  it.each([
    ['a comparison that nobody knows', { ComparisonOperator: 'Above' as never }, 'ValidationException'],
    ['more points than periods', { DatapointsToAlarm: 2 }, 'ValidationException'],
    ['two results', { Metrics: errorRate.map((one) => ({ ...one, ReturnData: true })) }, 'ValidationException'],
    ['an expression that ends too early', { Metrics: [{ Id: 'a', Expression: 'x +' }] }, 'ValidationException'],
    ['a metric and an expression', { MetricName: 'Uses' }, 'ValidationException'],
    ['a band', { ComparisonOperator: 'GreaterThanUpperThreshold' as const, Threshold: undefined }, 'NotImplemented'],
    [
      'an action that is no topic',
      { AlarmActions: [`arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`] },
      'NotImplemented',
    ],
  ])('with %s is refused', async (_, more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name });
    expect(await state()).toBeUndefined();
  });
});

describe('a stack', () => {
  it('has an alarm that rings for what its function logs, if the function may log', async () => {
    const aws = await startLocalAws();
    const deployer = new Deployer(aws);
    const settings = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const client = new CloudWatchClient(settings);
    const { strToU8, zipSync } = await import('fflate');
    const source = `exports.handler = async () => console.log(${JSON.stringify(line('4', { Uses: 30, Errors: 30 }, 0))}.replace('"Timestamp":0', '"Timestamp":' + Date.now()));`;
    await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
    await s3.send(
      new PutObjectCommand({ Bucket: 'code', Key: 'f.zip', Body: zipSync({ 'index.js': strToU8(source) }) }),
    );
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
    const template = (actions: string[], threshold: number) => ({
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
            Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [statement('Allow', actions, '*')] } }],
          },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            ...{ FunctionName: 'f', Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 20 },
            ...{ Code: { S3Bucket: 'code', S3Key: 'f.zip' }, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
          },
        },
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            ...{ AlarmName: 'worse', Metrics: errorRate, EvaluationPeriods: 1, Threshold: threshold },
            ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' },
            Tags: [{ Key: 'team', Value: 'x' }],
          },
        },
        Any: {
          Type: 'AWS::CloudWatch::CompositeAlarm',
          Properties: { AlarmRule: { 'Fn::Join': ['', ['ALARM("', { Ref: 'Alarm' }, '")']] } },
        },
      },
      Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } },
    });
    const ring = async () => {
      await new LambdaClient(settings).send(new InvokeCommand({ FunctionName: 'f' }));
      await aws.idle();
      aws.passTime(MINUTE);
      const found = await client.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }));
      return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])].map(({ StateValue }) => StateValue);
    };
    try {
      await deployer.deployTemplate('alarms', JSON.stringify(template(['s3:GetObject'], 0.25)));
      expect(await ring()).toEqual(['OK', 'OK']);
      await deployer.deployTemplate('alarms', JSON.stringify(template(['logs:PutLogEvents'], 0.5)));
      expect(await ring()).toEqual(['ALARM', 'ALARM']);
      await deployer.destroy('alarms');
      expect((await client.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
    } finally {
      await aws.stop();
    }
  });
});

describe('a faster clock', () => {
  it('is that of services, alarms and functions, and goes on from where it is', async () => {
    const aws = await startLocalAws();
    try {
      const settings = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
      const client = new CloudWatchClient(settings);
      const lambda = new LambdaClient(settings);
      const { strToU8, zipSync } = await import('fflate');
      const source = `exports.handler = async () => [Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date];`;
      const iam = new IAMClient(settings);
      const trust = { ...statement('Allow', 'sts:AssumeRole', ''), Principal: { Service: 'lambda.amazonaws.com' } };
      const AssumeRolePolicyDocument = policy({ ...trust, Resource: undefined });
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument }));
      await lambda.send(
        new CreateFunctionCommand({
          ...{ FunctionName: 'f', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: Role?.Arn },
          Code: { ZipFile: zipSync({ 'index.js': strToU8(source) }) },
        }),
      );
      const times = async () => {
        const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
        return JSON.parse(Payload?.transformToString() ?? '');
      };
      await times();
      const before = Date.now();
      aws.setSpeed(1_000);
      await put({}, client);
      aws.logged(line('4', { Uses: 30, Errors: 30 }, aws.now().getTime()));
      for (let value: string | undefined; value !== 'ALARM'; ) {
        const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
        value = MetricAlarms[0]?.StateValue;
      }
      expect(aws.now().getTime() - before).toBeGreaterThan(MINUTE);
      const earliest = aws.now().getTime();
      const [now, date, given, isDate] = await times();
      expect(now).toBeGreaterThanOrEqual(earliest);
      expect(date).toBeGreaterThanOrEqual(now);
      expect([given, isDate]).toEqual([5, true]);
      aws.setSpeed(1);
      expect(aws.now().getTime()).toBeGreaterThan(date);
      for (const speed of [0, -1, Number.NaN, 1e6]) {
        expect(() => aws.setSpeed(speed)).toThrow('expected a speed from 1');
      }
      expect(() => local.aws.setSpeed(2)).toThrow('expected no option now');
      const tomorrow = aws.now().getTime() + 1_440 * MINUTE;
      aws.skip(1_440 * MINUTE);
      expect(aws.now().getTime()).toBeGreaterThanOrEqual(tomorrow);
      expect((await times())[0]).toBeGreaterThanOrEqual(tomorrow);
      for (const ms of [-1, Number.NaN, 1e12]) {
        expect(() => aws.skip(ms)).toThrow('expected to skip');
      }
      expect(() => local.aws.skip(1)).toThrow('expected no option now');
    } finally {
      await aws.stop();
    }
  });
});
