import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { WriterRole } from '../../core/contract/logical-id-role';
import { progressParameterName } from '../../core/contract/rollout-parameters';
import { FOLDERS, type Folder } from '../../core/ledger/layout';
import { freezeLogicalId } from './frozen-logical-id';

/** The role that publishes versions. What it may do to prompts comes from `PromptPermissions`. */
export function publisherRole(scope: Construct, parameterPrefix: string, ledger: IBucket, logs: ILogGroup[]): Role {
  return handlerRole(scope, 'Publisher', parameterPrefix, logs, [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [ledger.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [objectsIn(ledger, 'versions'), objectsIn(ledger, 'ledger'), objectsIn(ledger, 'tags')],
    }),
    new PolicyStatement({
      actions: ['s3:PutObject'],
      resources: [objectsIn(ledger, 'versions'), objectsIn(ledger, 'tags')],
    }),
    ...keyStatements(ledger),
  ]);
}

/** The role that plans and records releases. It has nothing in SSM: CloudFormation writes the pointer. */
export function releaserRole(
  scope: Construct,
  parameterPrefix: string,
  ledger: IBucket,
  logs: ILogGroup[],
  hasReviewers = false,
): HandlerRole {
  const stack = Stack.of(scope);
  return handlerRole(scope, 'Releaser', parameterPrefix, logs, [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [ledger.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [objectsIn(ledger, 'ledger'), objectsIn(ledger, 'reasons')],
    }),
    // Whether a rollout was halted, a gate asks also when no alias has the option any more and the controller is gone.
    ...(hasReviewers
      ? [
          new PolicyStatement({ actions: ['s3:GetObject'], resources: [objectsIn(ledger, 'reviews')] }),
          stepReading(ledger),
        ]
      : []),
    ...keyStatements(ledger),
    new PolicyStatement({
      actions: ['bedrock:GetInferenceProfile'],
      resources: ['inference-profile', 'application-inference-profile'].map((resource) =>
        stack.formatArn({ service: 'bedrock', resource, resourceName: '*' }),
      ),
    }),
    // Also where the registry has no model gate: an alias may have one of its own.
    new PolicyStatement({
      actions: ['bedrock:GetFoundationModel'],
      resources: [
        stack.formatArn({ service: 'bedrock', account: '', resource: 'foundation-model', resourceName: '*' }),
      ],
    }),
  ]);
}

/** The releaser reads how far a rollout got that a release ends. */
export function stepReading(ledger: IBucket): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:GetObject'], resources: [objectsIn(ledger, 'rollouts')] });
}

/**
 * The role that moves rollouts between their steps: it appends steps, and writes how far they got. What callers may get is
 * none of its business: it has nothing in Bedrock, IAM and CloudFormation, and adds no record.
 */
export function controllerRole(
  scope: Construct,
  parameterPrefix: string,
  ledger: IBucket,
  logs: ILogGroup,
): HandlerRole {
  const parameter = (name: string) =>
    Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
  return handlerRole(
    scope,
    'Controller',
    parameterPrefix,
    [logs],
    [
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [ledger.bucketArn],
        conditions: { StringLike: { 's3:prefix': [`${FOLDERS.ledger}*`, `${FOLDERS.rollouts}*`] } },
      }),
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [objectsIn(ledger, 'ledger'), objectsIn(ledger, 'rollouts')],
      }),
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [objectsIn(ledger, 'rollouts')] }),
      ...keyStatements(ledger),
      new PolicyStatement({
        actions: ['ssm:GetParametersByPath'],
        resources: [parameter(parameterPrefix), parameter(`${parameterPrefix}/*`)],
      }),
      new PolicyStatement({
        actions: ['ssm:PutParameter'],
        resources: [parameter(progressParameterName(`${parameterPrefix}/*/*`))],
      }),
      // Neither can be held to alarms or metrics that are known only in other apps:
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
      new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'], resources: ['*'] }),
    ],
  );
}

function objectsIn(ledger: IBucket, folder: Folder): string {
  return ledger.arnForObjects(`${FOLDERS[folder]}*`);
}

/** A role with one inline policy, which is there as soon as the role is. */
export class HandlerRole extends Role {
  constructor(
    scope: Construct,
    id: string,
    description: string,
    private readonly document: PolicyDocument,
  ) {
    super(scope, id, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description,
      inlinePolicies: { registry: document },
    });
  }

  /** Adds to the inline policy what is known only later in the synthesis. */
  public allow(...statements: PolicyStatement[]): void {
    this.document.addStatements(...statements);
  }
}

function handlerRole(
  scope: Construct,
  id: WriterRole | 'Controller',
  parameterPrefix: string,
  logs: ILogGroup[],
  statements: PolicyStatement[],
): HandlerRole {
  const document = new PolicyDocument({ statements: [...statements, logStatement(logs)] });
  const role = new HandlerRole(scope, id, `cdk-prompt-registry ${parameterPrefix}: ${id.toLowerCase()}`, document);
  freezeLogicalId(role, { parameterPrefix }, `${id}Role`);
  return role;
}

function logStatement(logs: ILogGroup[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: logs.map((logGroup) => logGroup.logGroupArn),
  });
}

/**
 * What reading and writing need where the bucket has a key, for this bucket only: with a bucket key the context is the
 * bucket's ARN. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
 */
function keyStatements({ encryptionKey, bucketArn }: IBucket): PolicyStatement[] {
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const conditions = { StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucketArn, `${bucketArn}/*`] } };
  return encryptionKey ? [new PolicyStatement({ actions, resources: [encryptionKey.keyArn], conditions })] : [];
}
