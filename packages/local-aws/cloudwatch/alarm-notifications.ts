import type { Undelivered } from '../eventbridge/event-rules';
import type { Authorizer } from '../iam/authorizer';
import type { Outstanding } from '../outstanding';
import { publishForService, type Topics } from '../sns/topics';
import type { Alarm } from './alarm';
import type { AlarmState } from './missing-data';

export interface AlarmNotificationsOptions {
  readonly account: string;
  readonly region: string;
  readonly topics: Topics;
  readonly authorizer: Authorizer;
  readonly outstanding: Outstanding;
  readonly now: () => Date;
  readonly undelivered: Undelivered[];
}

/**
 * Publishes an alarm's new state to a topic whose policy lets CloudWatch do so, as a topic's first policy does.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmNotifications(options: AlarmNotificationsOptions) {
  const { account, region, topics, authorizer, outstanding, now, undelivered } = options;
  const publish = publishForService(topics, authorizer, now, 'cloudwatch.amazonaws.com');
  return (topicArn: string, { settings, state, reason, updated }: Alarm, before: AlarmState): void => {
    const message = {
      ...{ AlarmName: settings.name, AlarmDescription: settings.description ?? null, AWSAccountId: account },
      ...{ NewStateValue: state, NewStateReason: reason, StateChangeTime: updated.toISOString(), Region: region },
      ...{ AlarmArn: settings.arn, OldStateValue: before },
    };
    outstanding.begin();
    publish(topicArn, JSON.stringify(message), settings.arn)
      .catch((error) => undelivered.push({ ruleName: settings.name, targetArn: topicArn, reason: error.message }))
      .finally(() => outstanding.end());
  };
}
