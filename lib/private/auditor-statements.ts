import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AuditableTrail } from '../auditable-trail';
import type { IPromptRegistry } from '../prompt-registry';
import { PromptRegistry } from '../prompt-registry';
import { keyStatement } from './prompt-permissions';
import { type PromptOfRegistry, promptsOf } from './prompts-of-registry';

/** A role holds 10,240 characters of inline policy; each prompt takes up to 70 of them, and its key twice as many. */
const MOST_EXACT = 40;

/** What an auditor reads. Every action is one that reads; a test holds that. */
export function auditorStatements(scope: Stack, trail: AuditableTrail): PolicyStatement[] {
  const { registries } = trail;
  const prompts = registries.flatMap(promptsOf);
  return [
    ...trailStatements(trail),
    ...bucketStatements(scope, [
      trail.bucket.bucketName,
      ...registries.flatMap(({ ledgerBucketName }) => ledgerBucketName ?? []),
    ]),
    ...promptStatements(scope, registries, prompts),
    ...pointerStatements(scope, registries, prompts),
    ...stackStatements(scope, registries, prompts),
    ...s3KeyStatements(scope, trail),
  ];
}

/** LookupEvents and the lists know no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html */
function trailStatements({ trailArn }: AuditableTrail): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['cloudtrail:LookupEvents', 'cloudtrail:DescribeTrails', 'cloudtrail:ListPublicKeys'],
      resources: ['*'],
    }),
    new PolicyStatement({
      actions: ['cloudtrail:GetTrail', 'cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors'],
      resources: [trailArn],
    }),
  ];
}

function bucketStatements({ partition }: Stack, names: string[]): PolicyStatement[] {
  const arns = names.map((name) => `arn:${partition}:s3:::${name}`);
  return [
    new PolicyStatement({
      actions: [
        's3:ListBucket',
        's3:ListBucketVersions',
        's3:GetBucketLocation',
        's3:GetBucketPolicy',
        's3:GetBucketObjectLockConfiguration',
        // What outlives a release: `status` reads the settings of the ledger's bucket.
        's3:GetBucketOwnershipControls',
        's3:GetBucketPublicAccessBlock',
        's3:GetBucketVersioning',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:GetReplicationConfiguration',
      ],
      resources: arns,
    }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectRetention', 's3:GetObjectLegalHold'],
      resources: arns.map((arn) => `${arn}/*`),
    }),
  ];
}

/**
 * The drafts and versions, and the keys that encrypt them: those of the role's own stack by ARN. A prompt of another stack
 * would become an export of that stack, or a cycle; and who knows those of another app. So where there are such, all
 * prompts of account and Region.
 */
function promptStatements(
  scope: Stack,
  registries: readonly IPromptRegistry[],
  prompts: readonly PromptOfRegistry[],
): PolicyStatement[] {
  const isExact =
    prompts.length <= MOST_EXACT &&
    prompts.every(({ stack }) => stack === scope) &&
    registries.every((registry) => registry instanceof PromptRegistry);
  if (!isExact) {
    const every = scope.formatArn({ service: 'bedrock', resource: 'prompt', resourceName: '*' });
    const keys = scope.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
    return [reading([every]), keyStatement(keys, [{ promptArn: every }], ['kms:Decrypt'])];
  }
  const byKey = new Map<string, PromptOfRegistry[]>();
  for (const prompt of prompts) {
    const keyArn = prompt.encryptionKey?.keyRef.keyArn;
    if (keyArn !== undefined) byKey.set(keyArn, [...(byKey.get(keyArn) ?? []), prompt]);
  }
  return [
    // An id has ten characters, so that no other begins with it.
    ...(prompts.length === 0 ? [] : [reading(prompts.map(({ promptArn }) => `${promptArn}*`))]),
    ...[...byKey].map(([keyArn, encrypted]) => keyStatement(keyArn, encrypted, ['kms:Decrypt'])),
  ];
}

function reading(resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['bedrock:ListPrompts', 'bedrock:GetPrompt'], resources });
}

function pointerStatements(
  stack: Stack,
  registries: readonly IPromptRegistry[],
  prompts: readonly PromptOfRegistry[],
): PolicyStatement[] {
  const parameters = registries.map(({ parameterPrefix }) =>
    stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: parameterPrefix.slice(1) }),
  );
  const policies = registries.map(({ parameterPrefix }) =>
    stack.formatArn({
      service: 'iam',
      region: '',
      resource: 'policy',
      resourceName: `${parameterPrefix.slice(1).replaceAll('/', '+')}+*`,
    }),
  );
  // Combined policies and guards have the names that CloudFormation makes, unless the app gave them others.
  const stacks = new Set(prompts.map((prompt) => prompt.stack.stackName));
  const generated = [...stacks].map((stackName) =>
    stack.formatArn({ service: 'iam', region: '', resource: 'policy', resourceName: `${stackName}-*` }),
  );
  return [
    new PolicyStatement({
      actions: ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'],
      resources: parameters.flatMap((arn) => [arn, `${arn}/*`]),
    }),
    new PolicyStatement({
      actions: ['iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:ListPolicyVersions', 'iam:ListEntitiesForPolicy'],
      resources: [...policies, ...generated],
    }),
    new PolicyStatement({
      actions: ['iam:GetRole'],
      resources: [...new Set(registries.flatMap(roleNames))].map((resourceName) =>
        stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName }),
      ),
    }),
    // Knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    new PolicyStatement({ actions: ['iam:ListPolicies'], resources: ['*'] }),
  ];
}

/** Of a registry of this app the roles have the names that CloudFormation makes, of at most 64 characters. */
function roleNames(registry: IPromptRegistry): string[] {
  const isImported = registry.handlersReady === undefined;
  if (isImported) return [registry.publisherRoleName, registry.releaserRoleName];
  const { stackName } = Stack.of(registry);
  return [stackName.length <= WHOLE_IN_NAMES ? `${stackName}-*` : `${stackName.slice(0, WHOLE_IN_NAMES)}*`];
}

/** So much of a stack's name stands in a generated one, whatever the logical id. */
const WHOLE_IN_NAMES = 24;

function stackStatements(
  scope: Stack,
  registries: readonly IPromptRegistry[],
  prompts: readonly PromptOfRegistry[],
): PolicyStatement[] {
  const stacks = [...prompts.map(({ stack }) => stack), ...registries.map((registry) => Stack.of(registry))];
  return [
    // Without a name it lists all stacks: that is how the command finds the registry's.
    new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: ['*'] }),
    new PolicyStatement({
      actions: [
        'cloudformation:DescribeStackEvents',
        'cloudformation:GetTemplate',
        'cloudformation:ListStackResources',
      ],
      resources: [...new Set(stacks.map(({ stackName }) => stackName))].map((name) =>
        scope.formatArn({
          service: 'cloudformation',
          resource: 'stack',
          resourceName: `${name}/*`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ),
    }),
  ];
}

/** Keys of buckets, for what is read through S3. */
function s3KeyStatements(scope: Stack, { encryptionKey, registries }: AuditableTrail): PolicyStatement[] {
  const ledgerKeys = registries.flatMap((registry) =>
    registry instanceof PromptRegistry && registry.ledgerBucket.encryptionKey
      ? [registry.ledgerBucket.encryptionKey.keyArn]
      : [],
  );
  return [
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [...new Set([encryptionKey.keyArn, ...ledgerKeys])],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${scope.region}.${scope.urlSuffix}` } },
    }),
  ];
}
