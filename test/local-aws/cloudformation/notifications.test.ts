import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import {
  EventBridgeClient,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  ListTagsForResourceCommand as ListTopicTagsCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

let bench: StackBench;
beforeEach(async () => {
  bench = await StackBench.start();
});
afterEach(() => bench.aws.stop());

interface Change {
  readonly eventName?: string;
  readonly targets?: string[];
  readonly tag?: string;
  readonly displayName?: string;
  readonly topics?: string[];
}

const resources = (change: Change = {}) => {
  const {
    eventName = 'PutParameter',
    targets = ['A'],
    tag = 'one',
    displayName = 'Alerts',
    topics = ['Topic'],
  } = change;
  const Tags = [{ Key: tag, Value: 'x' }];
  const Statement = [
    {
      ...{ Effect: 'Allow', Action: 'sns:Publish', Resource: '*', Principal: { Service: 'events.amazonaws.com' } },
      Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
    },
  ];
  const transformer = { InputPathsMap: { name: '$.detail.requestParameters.name' }, InputTemplate: '"<name>"' };
  return {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: displayName, Tags } },
    Other: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'other' } },
    Policy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        PolicyDocument: { Version: '2012-10-17', Statement },
        Topics: topics.map((Ref) => ({ Ref })),
      },
    },
    Mail: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'on-call@example.com' },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.ssm'], detail: { eventName: [eventName] } },
        ...{ State: 'ENABLED', Description: 'A rule', Tags },
        Targets: targets.map((Id) => ({ Id, Arn: { Ref: 'Topic' }, InputTransformer: transformer })),
      },
    },
    // A stack whose policy or rule alone changed would not show what both are in the end.
    Names: parameter({ 'Fn::Sub': `\${Topic.TopicName} \${Rule} \${Rule.Arn}` }),
  };
};

async function seen() {
  const [events, sns] = [bench.client(EventBridgeClient), bench.client(SNSClient)];
  const { Rules: [rule] = [] } = await events.send(new ListRulesCommand({}));
  const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: rule?.Name }));
  const { Tags: ruleTags = [] } = await events.send(new ListTagsForResourceCommand({ ResourceARN: rule?.Arn }));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const TopicArn = Topics.find((topic) => !topic.TopicArn?.endsWith(':other'))?.TopicArn;
  const { Tags: topicTags = [] } = await sns.send(new ListTopicTagsCommand({ ResourceArn: TopicArn }));
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return {
    ...{
      rule,
      topicArn: TopicArn ?? '',
      displayName: Attributes.DisplayName,
      isOpen: Attributes.Policy?.includes('events.'),
    },
    ...{ targets: Targets.map(({ Id }) => Id), tags: [...ruleTags, ...topicTags].map(({ Key }) => Key) },
    addresses: Subscriptions.map(({ Endpoint }) => Endpoint),
  };
}

it('A rule, its topic, the topic’s policy and a subscription are made, changed and deleted', async () => {
  expect((await bench.deploy(resources())).StackStatus).toBe('CREATE_COMPLETE');
  expect(await seen()).toMatchObject({
    ...{ targets: ['A'], tags: ['one', 'one'], displayName: 'Alerts', isOpen: true },
    addresses: ['on-call@example.com'],
  });

  const change = {
    eventName: 'DeleteParameter',
    targets: ['B', 'C'],
    tag: 'two',
    displayName: 'More',
    topics: ['Other'],
  };
  expect((await bench.deploy(resources(change))).StackStatus).toBe('UPDATE_COMPLETE');
  const after = await seen();
  expect(after).toMatchObject({ targets: ['B', 'C'], tags: ['two', 'two'], displayName: 'More', isOpen: false });
  expect(after.rule?.EventPattern).toContain('DeleteParameter');

  const { StackId = '' } = await bench.describe();
  await bench.cloudFormation.send(new DeleteStackCommand({ StackName: 'Bench' }));
  expect((await bench.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  expect((await bench.client(EventBridgeClient).send(new ListRulesCommand({}))).Rules).toEqual([]);
  expect((await bench.client(SNSClient).send(new ListTopicsCommand({}))).Topics).toEqual([]);
});

it('An update that fails leaves the rule with the targets that it had', async () => {
  await bench.deploy(resources());
  const failing = { ...resources({ targets: ['B'] }), Broken: parameter('{{nested}}') };
  expect((await bench.deploy(failing)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await seen()).targets).toEqual(['A']);
});

it('A call that a trail logs becomes a message of the topic, and one that no trail logs does not', async () => {
  await bench.deploy(resources());
  const { topicArn } = await seen();
  const put = async (Name: string) => {
    await bench.ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
    await bench.aws.idle();
    return bench.aws.topicMessages(topicArn).map(({ message }) => message);
  };
  expect(await put('/before')).toEqual([]);

  const Bucket = 'trail-files';
  const Statement = ['s3:GetBucketAcl', 's3:PutObject'].map((Action) => ({
    ...{ Effect: 'Allow', Action, Principal: { Service: 'cloudtrail.amazonaws.com' } },
    Resource: `arn:aws:s3:::${Bucket}${Action === 's3:PutObject' ? '/*' : ''}`,
  }));
  await bench.client(S3Client).send(new CreateBucketCommand({ Bucket }));
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await bench.client(S3Client).send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await bench.client(CloudTrailClient).send(new CreateTrailCommand({ Name: 'trail', S3BucketName: Bucket }));
  expect(await put('/not-logging-yet')).toEqual([]);
  await bench.client(CloudTrailClient).send(new StartLoggingCommand({ Name: 'trail' }));

  expect(await put('/logged')).toEqual(['"/logged"']);
  expect(bench.aws.undelivered).toEqual([]);
});
