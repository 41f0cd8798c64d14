import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { WriterRole } from '../../core/contract/logical-id-role';
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
): Role {
  const stack = Stack.of(scope);
  return handlerRole(scope, 'Releaser', parameterPrefix, logs, [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [ledger.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [objectsIn(ledger, 'ledger'), objectsIn(ledger, 'reasons')],
    }),
    ...(hasReviewers
      ? [new PolicyStatement({ actions: ['s3:GetObject'], resources: [objectsIn(ledger, 'reviews')] })]
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

function objectsIn(ledger: IBucket, folder: Folder): string {
  return ledger.arnForObjects(`${FOLDERS[folder]}*`);
}

function handlerRole(
  scope: Construct,
  id: WriterRole,
  parameterPrefix: string,
  logs: ILogGroup[],
  statements: PolicyStatement[],
): Role {
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `cdk-prompt-registry ${parameterPrefix}: ${id.toLowerCase()}`,
    inlinePolicies: { registry: new PolicyDocument({ statements: [...statements, logStatement(logs)] }) },
  });
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
