import { randomUUID } from 'node:crypto';
import type {
  CreateTopicCommandInput,
  CreateTopicCommandOutput,
  DeleteTopicCommandInput,
  GetSubscriptionAttributesCommandInput,
  GetSubscriptionAttributesCommandOutput,
  GetTopicAttributesCommandInput,
  GetTopicAttributesCommandOutput,
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsByTopicCommandOutput,
  ListSubscriptionsCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTopicsCommandOutput,
  PublishCommandInput,
  PublishCommandOutput,
  SetSubscriptionAttributesCommandInput,
  SetTopicAttributesCommandInput,
  SubscribeCommandInput,
  SubscribeCommandOutput,
  Subscription,
  TagResourceCommandInput,
  UnsubscribeCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-sns';
import * as client from '@aws-sdk/client-sns';
import { AwsError, notImplemented } from '../aws-error';
import type { Authorization, Call } from '../call';
import { mergedTags } from '../iam/iam-roles';
import { type PolicyDocument, parsePolicyDocument } from '../iam/policy-document';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { Query } from '../wire/query';
import { DEFAULT_STATEMENT, type Topic, type Topics } from './topics';

const protocols = ['http', 'https', 'email', 'email-json', 'sqs'];

/** Standard topics whose messages are kept for reading and sent nowhere. No FIFO, no keys, no filters. */
export function sns(topics: Topics): Service {
  const onTopic = (arn: string | undefined, { operation: name }: Call): Authorization => ({
    action: `sns:${name}`,
    resource: arn ?? '',
    resourcePolicy: topics.find(arn)?.policy.value,
  });
  const subscription = (arn: string | undefined) => {
    const topic = topics.find(arn?.slice(0, arn.lastIndexOf(':')));
    const found = topic?.subscriptions.get(arn ?? '');
    if (!topic || !found) {
      throw new AwsError('NotFound', 404, 'Subscription does not exist');
    }
    return { topic, found };
  };
  const onSubscription = ({ SubscriptionArn = '' }: { SubscriptionArn?: string }, call: Call) => [
    onTopic(SubscriptionArn.slice(0, SubscriptionArn.lastIndexOf(':')), call),
  ];

  const operations: Record<string, Operation> = {
    CreateTopic: operation<CreateTopicCommandInput, CreateTopicCommandOutput>({
      authorize: ({ Name }, call) => [{ action: 'sns:CreateTopic', resource: arnOf(call, Name) }],
      run: async (input, call) => {
        supportedMembers(call, input, 'Name Attributes Tags');
        const { Name = '', Attributes = {}, Tags = [] } = input;
        if (!/^[A-Za-z0-9_-]{1,256}$/.test(Name)) {
          throw invalid('Topic Name');
        }
        const arn = arnOf(call, Name);
        if (!topics.find(arn)) {
          const policy = await defaultPolicy(arn, call.account);
          const empty = { attributes: new Map(), subscriptions: new Map(), messages: [] };
          const topic: Topic = { arn, account: call.account, policy, tags: mergedTags([], Tags) as [], ...empty };
          for (const [name, value] of Object.entries(Attributes)) {
            await setAttribute(topic, name, value);
          }
          topics.add(topic);
        }
        return { TopicArn: arn };
      },
    }),
    DeleteTopic: operation<DeleteTopicCommandInput, object>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: ({ TopicArn = '' }) => {
        topics.delete(TopicArn);
        return {};
      },
    }),
    ListTopics: operation<object, ListTopicsCommandOutput>({
      authorize: () => [{ action: 'sns:ListTopics', resource: '*' }],
      run: () => ({ Topics: topics.list().map(({ arn }) => ({ TopicArn: arn })) }),
    }),
    GetTopicAttributes: operation<GetTopicAttributesCommandInput, GetTopicAttributesCommandOutput>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: ({ TopicArn }) => {
        const { arn, account, policy, attributes, subscriptions } = topics.topic(TopicArn);
        const confirmed = [...subscriptions.values()].filter(({ attributes: its }) => !isPending(its)).length;
        const counts = {
          SubscriptionsConfirmed: String(confirmed),
          SubscriptionsPending: String(subscriptions.size - confirmed),
        };
        const known = { TopicArn: arn, Owner: account, Policy: policy.text, ...counts };
        return { Attributes: { ...known, ...Object.fromEntries(attributes) } };
      },
    }),
    SetTopicAttributes: operation<SetTopicAttributesCommandInput, object>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: async ({ TopicArn, AttributeName = '', AttributeValue = '' }) => {
        await setAttribute(topics.topic(TopicArn), AttributeName, AttributeValue);
        return {};
      },
    }),
    Publish: operation<PublishCommandInput, PublishCommandOutput>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: (input, call) => {
        supportedMembers(call, input, 'TopicArn Message Subject');
        const { TopicArn, Message: message = '', Subject: subject } = input;
        if (message === '' || Buffer.byteLength(message) > 262_144) {
          throw invalid(message === '' ? 'Empty message' : 'Message too long');
        }
        const published = { id: randomUUID(), message, subject, time: call.time, publisher: call.principal.arn };
        topics.topic(TopicArn).messages.push(published);
        return { MessageId: published.id };
      },
    }),
    Subscribe: operation<SubscribeCommandInput, SubscribeCommandOutput>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: (input, call) => {
        supportedMembers(call, input, 'TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn');
        const { TopicArn, Protocol = '', Endpoint, Attributes = {}, ReturnSubscriptionArn } = input;
        if (!protocols.includes(Protocol)) {
          throw notImplemented(`sns Subscribe: ${Protocol}`);
        }
        const unknown = Object.keys(Attributes).find((name) => name !== 'RawMessageDelivery');
        if (unknown) {
          throw notImplemented(`sns Subscribe: ${unknown}`);
        }
        const topic = topics.topic(TopicArn);
        const all = [...topic.subscriptions.values()];
        const same = all.find((known) => known.Protocol === Protocol && known.Endpoint === Endpoint);
        const arn = same?.SubscriptionArn ?? `${topic.arn}:${randomUUID()}`;
        const pending = Protocol !== 'sqs';
        if (!same) {
          const attributes = new Map([...Object.entries(Attributes), ['PendingConfirmation', String(pending)]]);
          const described = { SubscriptionArn: arn, TopicArn: topic.arn, Protocol, Endpoint, Owner: topic.account };
          topic.subscriptions.set(arn, { ...described, attributes });
        }
        return { SubscriptionArn: pending && !ReturnSubscriptionArn ? 'pending confirmation' : arn };
      },
    }),
    Unsubscribe: operation<UnsubscribeCommandInput, object>({
      authorize: onSubscription,
      run: ({ SubscriptionArn }) => {
        const { topic, found } = subscription(SubscriptionArn);
        topic.subscriptions.delete(found.SubscriptionArn ?? '');
        return {};
      },
    }),
    ListSubscriptions: operation<object, ListSubscriptionsCommandOutput>({
      authorize: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
      run: () => ({ Subscriptions: topics.list().flatMap(described) }),
    }),
    ListSubscriptionsByTopic: operation<ListSubscriptionsByTopicCommandInput, ListSubscriptionsByTopicCommandOutput>({
      authorize: ({ TopicArn }, call) => [onTopic(TopicArn, call)],
      run: ({ TopicArn }) => ({ Subscriptions: described(topics.topic(TopicArn)) }),
    }),
    GetSubscriptionAttributes: operation<GetSubscriptionAttributesCommandInput, GetSubscriptionAttributesCommandOutput>(
      {
        authorize: onSubscription,
        run: ({ SubscriptionArn }) => {
          const { attributes, ...plain } = subscription(SubscriptionArn).found;
          return { Attributes: { ...(plain as Record<string, string>), ...Object.fromEntries(attributes) } };
        },
      },
    ),
    SetSubscriptionAttributes: operation<SetSubscriptionAttributesCommandInput, object>({
      authorize: onSubscription,
      run: ({ SubscriptionArn, AttributeName = '', AttributeValue = '' }) => {
        if (AttributeName !== 'RawMessageDelivery') {
          throw notImplemented(`sns SetSubscriptionAttributes: ${AttributeName}`);
        }
        subscription(SubscriptionArn).found.attributes.set(AttributeName, AttributeValue);
        return {};
      },
    }),
    TagResource: operation<TagResourceCommandInput, object>({
      authorize: ({ ResourceArn }, call) => [onTopic(ResourceArn, call)],
      run: ({ ResourceArn, Tags = [] }) => {
        const topic = topics.topic(ResourceArn);
        topic.tags = mergedTags(topic.tags, Tags) as typeof topic.tags;
        return {};
      },
    }),
    UntagResource: operation<UntagResourceCommandInput, object>({
      authorize: ({ ResourceArn }, call) => [onTopic(ResourceArn, call)],
      run: ({ ResourceArn, TagKeys = [] }) => {
        const topic = topics.topic(ResourceArn);
        topic.tags = topic.tags.filter(({ Key = '' }) => !TagKeys.includes(Key));
        return {};
      },
    }),
    ListTagsForResource: operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
      authorize: ({ ResourceArn }, call) => [onTopic(ResourceArn, call)],
      run: ({ ResourceArn }) => ({ Tags: topics.topic(ResourceArn).tags }),
    }),
  };
  const protocol = new Query('http://sns.amazonaws.com/doc/2010-03-31/');
  return { name: 'sns', signingName: 'sns', client, protocol, operations };
}

async function setAttribute(topic: Topic, name: string, value: string): Promise<void> {
  if (name === 'Policy') {
    topic.policy = await (value === ''
      ? defaultPolicy(topic.arn, topic.account)
      : parsePolicyDocument(value, 'resource', 'InvalidParameter'));
  } else if (name === 'DisplayName') {
    topic.attributes.set(name, value);
  } else {
    // A key that is accepted here and not asked would let a wrong key policy pass.
    throw notImplemented(`the attribute ${name} of an SNS topic`);
  }
}

/** No service is in it: those that publish have to be allowed, but for CloudWatch, which does so in its owner's name. */
function defaultPolicy(Resource: string, account: string): Promise<PolicyDocument> {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Action = ['GetTopicAttributes', 'SetTopicAttributes', 'DeleteTopic', 'Subscribe', 'Publish'];
  const Sid = DEFAULT_STATEMENT;
  const Statement = [{ Sid, Effect: 'Allow', Principal, Action: Action.map((name) => `sns:${name}`), Resource }];
  return parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement }), 'resource', 'InvalidParameter');
}

/** An address has to confirm before it has an ARN to be seen by. */
function described({ subscriptions }: Topic): Subscription[] {
  return [...subscriptions.values()].map(({ attributes, ...plain }) =>
    isPending(attributes) ? { ...plain, SubscriptionArn: 'PendingConfirmation' } : plain,
  );
}

function isPending(attributes: ReadonlyMap<string, string>): boolean {
  return attributes.get('PendingConfirmation') === 'true';
}

function arnOf({ region, account }: Call, name = ''): string {
  return `arn:aws:sns:${region}:${account}:${name}`;
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameter', 400, `Invalid parameter: ${what}`);
}
