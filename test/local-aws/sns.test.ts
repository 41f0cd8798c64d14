import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sns } from '../../packages/local-aws/sns/sns';
import { Topics } from '../../packages/local-aws/sns/topics';
import { ACCOUNT, REGION, type Served, serve } from './serve';

const TopicArn = `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`;

let topics: Topics;
let served: Served;
let client: SNSClient;

beforeEach(async () => {
  topics = new Topics();
  served = await serve(() => [sns(topics)]);
  client = new SNSClient(served.administrator);
  const Tags = [{ Key: 'a', Value: '1' }];
  const created = await client.send(new CreateTopicCommand({ Name: 'alerts', Attributes: { DisplayName: 'A' }, Tags }));
  expect(created.TopicArn).toBe(TopicArn);
});
afterEach(() => served.stop());

async function attributes(): Promise<Record<string, string>> {
  return (await client.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
}

describe('a topic', () => {
  it('is made once for a name, described, listed, tagged and deleted', async () => {
    await client.send(new CreateTopicCommand({ Name: 'alerts' }));
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    expect(await attributes()).toMatchObject({ TopicArn, Owner: ACCOUNT, DisplayName: 'A', SubscriptionsPending: '0' });

    await client.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'b', Value: '2' }] }));
    await client.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ['a'] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);

    await client.send(new DeleteTopicCommand({ TopicArn }));
    await client.send(new DeleteTopicCommand({ TopicArn }));
    await expect(attributes()).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('keeps what is published to it, in order', async () => {
    await client.send(new PublishCommand({ TopicArn, Message: 'first', Subject: 'S' }));
    await client.send(new PublishCommand({ TopicArn, Message: 'second & <last>' }));
    expect(topics.topic(TopicArn).messages).toMatchObject([
      { message: 'first', subject: 'S', publisher: `arn:aws:iam::${ACCOUNT}:user/somebody` },
      { message: 'second & <last>' },
    ]);
    await expect(client.send(new PublishCommand({ TopicArn, Message: '' }))).rejects.toThrow('Empty message');
  });

  it('has a policy that is read, checked and can deny', async () => {
    const deny = { Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: TopicArn };
    const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement: [deny] });
    await client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
    expect((await attributes()).Policy).toBe(AttributeValue);
    await expect(client.send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toThrow('explicit deny');

    const wrong = { TopicArn, AttributeName: 'Policy', AttributeValue: '{}' };
    await expect(client.send(new SetTopicAttributesCommand(wrong))).rejects.toThrow('Statement is required');
  });

  it('has subscriptions, which are records: an address has to confirm first', async () => {
    const mail = { TopicArn, Protocol: 'email', Endpoint: 'on-call@example.com' };
    expect((await client.send(new SubscribeCommand(mail))).SubscriptionArn).toBe('pending confirmation');
    await client.send(new SubscribeCommand(mail));
    const queue = { TopicArn, Protocol: 'sqs', Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:q` };
    const { SubscriptionArn } = await client.send(new SubscribeCommand(queue));
    expect(await attributes()).toMatchObject({ SubscriptionsPending: '1', SubscriptionsConfirmed: '1' });
    const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions?.map((found) => found.SubscriptionArn)).toEqual(['PendingConfirmation', SubscriptionArn]);

    const raw = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await client.send(new SetSubscriptionAttributesCommand(raw));
    expect((await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes).toMatchObject({
      ...{ Protocol: 'sqs', RawMessageDelivery: 'true', PendingConfirmation: 'false' },
    });
    await client.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['sns PublishBatch', () => client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [] }))],
    ['sns Subscribe: lambda', () => client.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: 'f' }))],
    [
      'sns Publish: MessageStructure',
      () => client.send(new PublishCommand({ TopicArn, Message: '{}', MessageStructure: 'json' })),
    ],
    [
      'the attribute KmsMasterKeyId of an SNS topic',
      () => client.send(new CreateTopicCommand({ Name: 'b', Attributes: { KmsMasterKeyId: 'alias/aws/sns' } })),
    ],
  ])('answers 501 by name for %s', async (what, send) => {
    await expect(send()).rejects.toMatchObject({ message: `local-aws does not implement ${what}` });
  });

  it('asks IAM', async () => {
    const limited = new SNSClient(served.as([{ Effect: 'Allow', Action: 'sns:Publish', Resource: `${TopicArn}-2` }]));
    // A topic's own policy speaks for its account alone: what a user may is up to the user's policies, or the topic's.
    await expect(limited.send(new DeleteTopicCommand({ TopicArn: `${TopicArn}-2` }))).rejects.toMatchObject({
      ...{ name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } },
    });
  });
});
