import { randomUUID } from 'node:crypto';
import { notImplemented } from '../aws-error';
import type { EndedCall } from '../call';
import type { Authorizer } from '../iam/authorizer';
import { functionPolicy } from '../lambda/function-policy';
import type { LambdaEvents } from '../lambda/lambda-events';
import type { LambdaFunctions } from '../lambda/lambda-functions';
import { publishForService, type Topics } from '../sns/topics';
import type { TargetDelivery } from './event-rules';

export interface RuleTargets {
  readonly topics: Topics;
  readonly functions: LambdaFunctions;
  readonly events: LambdaEvents;
  readonly authorizer: Authorizer;
  readonly now: () => Date;
  /** Hears of each call, for CloudTrail: EventBridge's invocations are data events as well. */
  readonly ended: (call: EndedCall) => void;
}

/**
 * Hands events to topics and functions, if the policy of the one or the other lets EventBridge do so for the rule. A
 * function is invoked asynchronously: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
 */
export function ruleDelivery({ topics, functions, events, authorizer, now, ended }: RuleTargets): TargetDelivery {
  const publish = publishForService(topics, authorizer, now, 'events.amazonaws.com');
  const invoke: TargetDelivery = async (arn, message, ruleArn) => {
    const target = functions.get(arn);
    const [, , , region = '', account = ''] = ruleArn.split(':');
    const principal = { arn: 'events.amazonaws.com', account, service: { sourceArn: ruleArn } };
    const question = { action: 'lambda:InvokeFunction', resource: arn, resourcePolicy: functionPolicy(target) };
    await authorizer.require(principal, region, question);
    const requestId = randomUUID();
    ended({
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: arn },
      requestId,
      time: now(),
      region,
      principal,
    });
    events.accept(arn, requestId, message);
  };
  return (arn, message, ruleArn) => {
    const service = arn.split(':')[2];
    if (service !== 'sns' && service !== 'lambda') {
      throw notImplemented(`${arn} as a target of EventBridge`);
    }
    return service === 'sns' ? publish(arn, message, ruleArn) : invoke(arn, message, ruleArn);
  };
}
