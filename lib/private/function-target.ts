import { Stack } from 'aws-cdk-lib';
import type { IRule, IRuleTarget, RuleTargetConfig } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** A function as the target of rules, with a queue for events that EventBridge could not hand to it. */
export class QueuedFunctionTarget implements IRuleTarget {
  constructor(
    private readonly handler: IFunction,
    private readonly deadLetterQueue: IQueue | undefined,
  ) {}

  public bind(rule: IRule): RuleTargetConfig {
    const { handler, deadLetterQueue } = this;
    if (deadLetterQueue === undefined) return new FunctionTarget(handler).bind(rule);
    if (Stack.of(deadLetterQueue) === Stack.of(rule))
      return new FunctionTarget(handler, { deadLetterQueue }).bind(rule);
    // CDK's target would name the rule in the policy of another stack's queue: each stack would need the other first.
    const { account } = Stack.of(rule);
    const anyRule = Stack.of(rule).formatArn({ service: 'events', resource: 'rule', resourceName: '*' });
    deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        resources: [deadLetterQueue.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': anyRule }, StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    return { ...new FunctionTarget(handler).bind(rule), deadLetterConfig: { arn: deadLetterQueue.queueArn } };
  }
}
