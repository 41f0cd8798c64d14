import { randomUUID } from 'node:crypto';
import type { Subscription, Tag } from '@aws-sdk/client-sns';
import { AwsError } from '../aws-error';
import type { Authorizer } from '../iam/authorizer';
import type { PolicyDocument } from '../iam/policy-document';

/** The statement of the policy that a topic begins with: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const DEFAULT_STATEMENT = '__default_statement_ID';

/** A message as its topic got it. */
export interface TopicMessage {
  readonly id: string;
  readonly message: string;
  readonly subject?: string;
  readonly time: Date;
  /** ARN of the caller, or the service's principal. */
  readonly publisher: string;
}

export interface Topic {
  readonly arn: string;
  /** Who made it: the only account that may use it while it has no other policy. */
  readonly account: string;
  readonly attributes: Map<string, string>;
  policy: PolicyDocument;
  tags: Tag[];
  readonly subscriptions: Map<string, Subscription & { readonly attributes: Map<string, string> }>;
  readonly messages: TopicMessage[];
}

/** Topics of one Region. Messages are kept for reading, not sent: an address of a subscription is a record. */
export class Topics {
  private readonly topics = new Map<string, Topic>();

  list(): Topic[] {
    return [...this.topics.values()];
  }

  find(arn: string | undefined): Topic | undefined {
    return this.topics.get(arn ?? '');
  }

  /** Throws NotFound. */
  topic(arn: string | undefined): Topic {
    const found = this.find(arn);
    if (!found) {
      throw new AwsError('NotFound', 404, 'Topic does not exist');
    }
    return found;
  }

  add(topic: Topic): void {
    this.topics.set(topic.arn, topic);
  }

  delete(arn: string): void {
    this.topics.delete(arn);
  }
}

/** Publishes in the name of a rule of EventBridge or of an alarm, if the topic's policy lets the service do so for it. */
export function publishForService(topics: Topics, authorizer: Authorizer, now: () => Date, publisher: string) {
  return async (topicArn: string, message: string, sourceArn: string): Promise<void> => {
    const topic = topics.topic(topicArn);
    const [, , , region = '', account = ''] = sourceArn.split(':');
    const principal = { arn: publisher, account, service: { sourceArn } };
    const question = { action: 'sns:Publish', resource: topicArn, resourcePolicy: topic.policy.value };
    // The first policy lets the owner's account publish, and alarms publish for it.
    const isOwner = publisher === 'cloudwatch.amazonaws.com' && topic.policy.text.includes(DEFAULT_STATEMENT);
    if (!isOwner) {
      await authorizer.require(principal, region, question);
    }
    topic.messages.push({ id: randomUUID(), message, time: now(), publisher });
  };
}
