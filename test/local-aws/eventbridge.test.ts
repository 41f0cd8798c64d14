import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventRules, type TrailRecord } from '../../packages/local-aws/eventbridge/event-rules';
import { eventBridge } from '../../packages/local-aws/eventbridge/eventbridge';
import { ScheduleClock } from '../../packages/local-aws/eventbridge/schedule-clock';
import { Authorizer } from '../../packages/local-aws/iam/authorizer';
import { Outstanding } from '../../packages/local-aws/outstanding';
import { sns } from '../../packages/local-aws/sns/sns';
import { publishForService, Topics } from '../../packages/local-aws/sns/topics';
import { ACCOUNT, REGION, type Served, serve } from './serve';

const RULE_ARN = `arn:aws:events:${REGION}:${ACCOUNT}:rule/moved`;
const TOPIC_ARN = `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`;
const ON_PARAMETERS = JSON.stringify({ source: ['aws.ssm'], detail: { eventName: ['PutParameter', 'GetParameter'] } });

let topics: Topics;
let rules: EventRules;
let served: Served;
let events: EventBridgeClient;
let topicClient: SNSClient;
const outstanding = new Outstanding();

beforeEach(async () => {
  topics = new Topics();
  const now = () => new Date('2026-11-22T12:00:00Z');
  const delivery = publishForService(
    topics,
    new Authorizer({ policiesInForce: () => [] }),
    now,
    'events.amazonaws.com',
  );
  rules = new EventRules(delivery, outstanding, new ScheduleClock(), now);
  served = await serve(() => [eventBridge(rules), sns(topics)]);
  events = new EventBridgeClient(served.administrator);
  topicClient = new SNSClient(served.administrator);
});
afterEach(() => served.stop());

const RECORD: TrailRecord & Record<string, unknown> = {
  ...{ eventSource: 'ssm.amazonaws.com', eventName: 'PutParameter', eventID: 'e-1', eventTime: '2026-11-22T12:00:00Z' },
  ...{ awsRegion: REGION, recipientAccountId: ACCOUNT, readOnly: false, managementEvent: true },
  ...{ requestParameters: { name: '/prompts/a/PROD' }, errorCode: undefined },
};

function putRule(more: Partial<PutRuleCommandInput> = {}) {
  return events.send(new PutRuleCommand({ Name: 'moved', EventPattern: ON_PARAMETERS, ...more }));
}

function putTargets(...Targets: Target[]) {
  return events.send(new PutTargetsCommand({ Rule: 'moved', Targets }));
}

async function allowEventBridge(Condition: object): Promise<void> {
  const statement = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish' };
  const Statement = [{ ...statement, Resource: TOPIC_ARN, Condition }];
  const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement });
  const input = { TopicArn: TOPIC_ARN, AttributeName: 'Policy', AttributeValue };
  await topicClient.send(new SetTopicAttributesCommand(input));
}

async function happens(record: TrailRecord): Promise<string[]> {
  rules.apiCallRecorded(record);
  await outstanding.none();
  return topics.topic(TOPIC_ARN).messages.map(({ message }) => message);
}

describe('a rule', () => {
  it('is put, described, listed, tagged, switched off and on, and deleted', async () => {
    expect((await putRule({ Description: 'Moves', Tags: [{ Key: 'a', Value: '1' }] })).RuleArn).toBe(RULE_ARN);
    const described = { Name: 'moved', Arn: RULE_ARN, EventPattern: ON_PARAMETERS, Description: 'Moves' };
    expect(await events.send(new DescribeRuleCommand({ Name: 'moved' }))).toMatchObject({
      ...described,
      State: 'ENABLED',
    });

    await events.send(new DisableRuleCommand({ Name: 'moved' }));
    expect((await events.send(new ListRulesCommand({ NamePrefix: 'mo' }))).Rules).toEqual([
      { ...described, State: 'DISABLED' },
    ]);
    expect((await events.send(new ListRulesCommand({ NamePrefix: 'x' }))).Rules).toEqual([]);
    await events.send(new EnableRuleCommand({ Name: 'moved' }));

    await events.send(new TagResourceCommand({ ResourceARN: RULE_ARN, Tags: [{ Key: 'b', Value: '2' }] }));
    await events.send(new UntagResourceCommand({ ResourceARN: RULE_ARN, TagKeys: ['a'] }));
    const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: RULE_ARN }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);

    await events.send(new DeleteRuleCommand({ Name: 'moved' }));
    await events.send(new DeleteRuleCommand({ Name: 'moved' }));
    await expect(events.send(new DescribeRuleCommand({ Name: 'moved' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('keeps its targets when it is put again, and cannot be deleted with them', async () => {
    await putRule();
    await putTargets({ Id: 'Target0', Arn: TOPIC_ARN });
    await putRule({ Description: 'again' });
    const list = () => events.send(new ListTargetsByRuleCommand({ Rule: 'moved' }));
    expect((await list()).Targets).toEqual([{ Id: 'Target0', Arn: TOPIC_ARN }]);
    await expect(events.send(new DeleteRuleCommand({ Name: 'moved' }))).rejects.toThrow('since it has targets');

    await events.send(new RemoveTargetsCommand({ Rule: 'moved', Ids: ['Target0'] }));
    expect((await list()).Targets).toEqual([]);
  });

  it.each<[string, Partial<PutRuleCommandInput>, string]>([
    ['a pattern of 2,049 characters', { EventPattern: ON_PARAMETERS.padEnd(2049) }, 'ValidationException'],
    ['a pattern that is none', { EventPattern: '{"source":"aws.ssm"}' }, 'InvalidEventPatternException'],
    ['a name with a blank', { Name: 'a b' }, 'ValidationException'],
    ['another bus', { EventBusName: 'mine' }, 'NotImplemented'],
    ['neither pattern nor schedule', { EventPattern: undefined }, 'ValidationException'],
    ['a cron schedule', { ScheduleExpression: 'cron(0 10 * * ? *)' }, 'NotImplemented'],
    ['1 in the plural', { ScheduleExpression: 'rate(1 days)' }, 'ValidationException'],
    ['5 in the singular', { ScheduleExpression: 'rate(5 minute)' }, 'ValidationException'],
    ['a rate of nothing', { ScheduleExpression: 'rate(0 days)' }, 'ValidationException'],
    ['seconds', { ScheduleExpression: 'rate(30 seconds)' }, 'ValidationException'],
  ])('is refused with %s', async (_, input, name) => {
    await expect(putRule(input)).rejects.toMatchObject({ name });
  });

  it('takes a pattern of 2,048 characters', async () => {
    await putRule({ EventPattern: ON_PARAMETERS.padEnd(2048) });
  });

  it.each<[string, Target, string]>([
    ['that is a queue', { Id: 'a', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs` }, 'NotImplemented'],
    ['with a role', { Id: 'a', Arn: TOPIC_ARN, RoleArn: `arn:aws:iam::${ACCOUNT}:role/r` }, 'NotImplemented'],
    ['with a path', { Id: 'a', Arn: TOPIC_ARN, InputPath: '$.detail' }, 'NotImplemented'],
    ['without an id', { Id: '', Arn: TOPIC_ARN }, 'ValidationException'],
    [
      'with a wrong template',
      { Id: 'a', Arn: TOPIC_ARN, InputTransformer: { InputTemplate: '<x>' } },
      'ValidationException',
    ],
  ])('refuses a target %s', async (_, target, name) => {
    await putRule();
    await expect(putTargets(target)).rejects.toMatchObject({ name });
  });

  it('takes five targets, not six', async () => {
    await putRule();
    const five = ['a', 'b', 'c', 'd', 'e'].map((Id) => ({ Id, Arn: TOPIC_ARN }));
    await putTargets(...five);
    await expect(putTargets({ Id: 'f', Arn: TOPIC_ARN })).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  it('needs the permission', async () => {
    const limited = new EventBridgeClient(
      served.as([{ Effect: 'Allow', Action: 'events:PutRule', Resource: `${RULE_ARN}-not` }]),
    );
    const put = limited.send(new PutRuleCommand({ Name: 'moved', EventPattern: ON_PARAMETERS }));
    await expect(put).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
  });
});

it('answers 501 by name for what it does not do', async () => {
  await expect(events.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
    message: 'local-aws does not implement events PutEvents',
  });
});

describe('what a trail logged', () => {
  beforeEach(async () => {
    await topicClient.send(new CreateTopicCommand({ Name: 'alerts' }));
    await putRule();
    const InputTransformer = {
      InputPathsMap: { name: '$.detail.requestParameters.name', id: '$.detail.eventID', error: '$.detail.errorCode' },
      InputTemplate: '"<name> <id> <error>"',
    };
    await putTargets({ Id: 'Target0', Arn: TOPIC_ARN, InputTransformer });
    await allowEventBridge({
      ArnEquals: { 'aws:SourceArn': RULE_ARN },
      StringEquals: { 'aws:SourceAccount': ACCOUNT },
    });
  });

  it('reaches the topic of a rule that matches, as the transformer says', async () => {
    expect(await happens(RECORD)).toEqual(['"/prompts/a/PROD e-1 "']);
    expect(topics.topic(TOPIC_ARN).messages[0]?.publisher).toBe('events.amazonaws.com');
  });

  it('reaches it as a whole without a transformer', async () => {
    await putTargets({ Id: 'Target0', Arn: TOPIC_ARN });
    const [message = ''] = await happens(RECORD);
    expect(JSON.parse(message)).toMatchObject({
      ...{ version: '0', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ssm', account: ACCOUNT },
      ...{ time: '2026-11-22T12:00:00Z', region: REGION, detail: { eventID: 'e-1' } },
    });
    expect(JSON.parse(message).detail).not.toHaveProperty('errorCode');
  });

  it('reaches nobody when no rule matches, or the rule is off', async () => {
    expect(await happens({ ...RECORD, eventSource: 's3.amazonaws.com' })).toEqual([]);
    await events.send(new DisableRuleCommand({ Name: 'moved' }));
    expect(await happens(RECORD)).toEqual([]);
    expect(rules.undelivered).toEqual([]);
  });

  it('is kept from rules while it only reads, unless they ask for that', async () => {
    const read = { ...RECORD, eventName: 'GetParameter', readOnly: true };
    expect(await happens(read)).toEqual([]);
    await putRule({ State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' });
    expect(await happens(read)).toHaveLength(1);
    await putRule({ State: 'ENABLED' });
    expect(await happens({ ...read, managementEvent: false }), 'a data event that reads').toHaveLength(2);
  });

  it.each<[string, object]>([
    ['another rule', { ArnEquals: { 'aws:SourceArn': `${RULE_ARN}-2` } }],
    ['another account', { StringEquals: { 'aws:SourceAccount': '444455556666' } }],
  ])('is lost where the topic’s policy allows %s only', async (_, condition) => {
    await allowEventBridge(condition);
    expect(await happens(RECORD)).toEqual([]);
    expect(rules.undelivered).toEqual([
      { ruleName: 'moved', targetArn: TOPIC_ARN, reason: expect.stringContaining('not authorized') },
    ]);
  });

  it('is lost where the topic has the policy that it was made with', async () => {
    const first = { TopicArn: TOPIC_ARN, AttributeName: 'Policy', AttributeValue: '' };
    await topicClient.send(new SetTopicAttributesCommand(first));
    expect(await happens(RECORD)).toEqual([]);
    expect(rules.undelivered).toHaveLength(1);
  });
});
