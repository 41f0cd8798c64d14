import { Duration } from 'aws-cdk-lib';
import type { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
  TOPIC_VARIABLE,
} from '../../core/contract/handler-environment';
import { FOLDERS } from '../../core/ledger/layout';
import { bundledFunction } from './bundled-function';
import { QueuedFunctionTarget } from './function-target';

export interface ReviewMessagesProps {
  readonly parameterPrefix: string;
  readonly bucket: { readonly bucketName: string; readonly bucketArn: string };
  /** Of the bucket; undefined where it has none, or another stack's registry does not tell: then the key alone is told. */
  readonly encryptionKey?: IKey | undefined;
  readonly topic: ITopic;
  readonly deadLetterQueue?: IQueue | undefined;
}

/**
 * Says in words what a review is: EventBridge can put fields of an event into a text, but takes none apart, and the key alone
 * says neither what somebody did nor what the prompt is called.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export class ReviewMessages extends Construct {
  public readonly target: IRuleTarget;

  constructor(scope: Construct, id: string, props: ReviewMessagesProps) {
    super(scope, id);
    const { parameterPrefix, bucket, encryptionKey, topic, deadLetterQueue } = props;
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_YEAR });
    const logs = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    const reviews = new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [`${bucket.bucketArn}/${FOLDERS.reviews}*`],
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `cdk-prompt-registry ${parameterPrefix}: messages of reviews`,
      inlinePolicies: { reviews: new PolicyDocument({ statements: [logs, reviews] }) },
    });
    const handler = new LambdaFunction(this, 'Function', {
      ...bundledFunction('review-message', parameterPrefix),
      role,
      logGroup,
      memorySize: 256,
      timeout: Duration.seconds(60),
      ...(deadLetterQueue && { onFailure: new SqsDestination(deadLetterQueue) }),
      environment: {
        [PARAMETER_PREFIX_VARIABLE]: parameterPrefix,
        [LEDGER_BUCKET_VARIABLE]: bucket.bucketName,
        [TOPIC_VARIABLE]: topic.topicArn,
      },
    });
    topic.grantPublish(handler);
    encryptionKey?.grantDecrypt(handler);
    this.target = new QueuedFunctionTarget(handler, deadLetterQueue);
  }
}
