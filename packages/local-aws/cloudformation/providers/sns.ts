import {
  CreateTopicCommand,
  DeleteTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { notImplemented } from '../../aws-error';
import { as, type ResourceProvider, unlessGone } from './provider';

interface TopicProperties {
  readonly TopicName?: string;
  readonly DisplayName?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const snsTopic: ResourceProvider = {
  properties: 'TopicName DisplayName Tags',

  async create(properties, context) {
    const { TopicName, DisplayName, Tags = [] } = as<TopicProperties>(properties);
    const Name = TopicName ?? context.generatedName(256);
    const Attributes = DisplayName === undefined ? undefined : { DisplayName };
    const command = new CreateTopicCommand({ Name, Attributes, Tags: [...Tags] });
    const arn = String((await context.client(SNSClient).send(command)).TopicArn);
    return { physicalId: arn, attributes: { TopicArn: arn, TopicName: Name } };
  },

  async update(TopicArn, properties, before, context) {
    const client = context.client(SNSClient);
    const [to, from] = [as<TopicProperties>(properties), as<TopicProperties>(before)];
    const AttributeValue = to.DisplayName ?? '';
    await client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'DisplayName', AttributeValue }));
    const TagKeys = (from.Tags ?? []).map(({ Key }) => Key).filter((key) => !to.Tags?.some(({ Key }) => Key === key));
    if (TagKeys.length > 0) {
      await client.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys }));
    }
    if (to.Tags?.length) {
      await client.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [...to.Tags] }));
    }
    return { TopicArn, TopicName: TopicArn.slice(TopicArn.lastIndexOf(':') + 1) };
  },

  async remove(TopicArn, _, context) {
    await unlessGone(context.client(SNSClient).send(new DeleteTopicCommand({ TopicArn })));
  },
};

interface TopicPolicyProperties {
  readonly PolicyDocument?: object;
  readonly Topics?: readonly string[];
}

export const snsTopicPolicy: ResourceProvider = {
  properties: 'PolicyDocument Topics',

  async create(properties, context) {
    await putPolicies(as(properties), as({}), context.client(SNSClient));
    const physicalId = context.generatedName(256);
    return { physicalId, attributes: { Id: physicalId } };
  },

  async update(physicalId, properties, before, context) {
    await putPolicies(as(properties), as(before), context.client(SNSClient));
    return { Id: physicalId };
  },

  async remove(_, properties, context) {
    await putPolicies({}, as(properties), context.client(SNSClient));
  },
};

/** A topic that leaves the policy gets its first one back. */
async function putPolicies(to: TopicPolicyProperties, from: TopicPolicyProperties, client: SNSClient): Promise<void> {
  const set = (TopicArn: string, AttributeValue: string) =>
    client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  for (const topic of (from.Topics ?? []).filter((arn) => !to.Topics?.includes(arn))) {
    await unlessGone(set(topic, ''));
  }
  for (const topic of to.Topics ?? []) {
    await set(topic, JSON.stringify(to.PolicyDocument));
  }
}

export const snsSubscription: ResourceProvider = {
  properties: 'TopicArn Protocol Endpoint RawMessageDelivery',

  async create(properties, context) {
    const { TopicArn, Protocol, Endpoint, RawMessageDelivery } = as<Record<string, string | undefined>>(properties);
    const Attributes =
      RawMessageDelivery === undefined ? undefined : { RawMessageDelivery: String(RawMessageDelivery) };
    const input = { TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true };
    const { SubscriptionArn } = await context.client(SNSClient).send(new SubscribeCommand(input));
    return { physicalId: String(SubscriptionArn), attributes: { Arn: SubscriptionArn } };
  },

  async update() {
    throw notImplemented('a change of an AWS::SNS::Subscription in place');
  },

  async remove(SubscriptionArn, _, context) {
    await unlessGone(context.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn })));
  },
};
