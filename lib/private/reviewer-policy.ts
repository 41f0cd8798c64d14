import { ArnFormat, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { reviewerPolicyName } from '../../core/contract/names';
import { FOLDERS } from '../../core/ledger/layout';
import { freezeLogicalId } from './frozen-logical-id';
import { OWN_REVIEWS } from './ledger-bucket';

/**
 * What a reviewer needs and nothing else: to write reviews in their own name, and to read what `prompt-registry review`
 * shows. Which groups they write for, the bucket's policy says. Its name is fixed, so that a permission set of IAM Identity
 * Center can refer to it.
 */
export class ReviewerPolicy extends ManagedPolicy {
  /** @param planFunction ARN of the function in whose environment the gates stand */
  constructor(scope: Construct, id: string, parameterPrefix: string, ledger: IBucket, planFunction: string) {
    const stack = Stack.of(scope);
    const parameters = stack.formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: parameterPrefix.slice(1),
    });
    const key = ledger.encryptionKey;
    super(scope, id, {
      managedPolicyName: reviewerPolicyName(parameterPrefix, stack.region),
      // The description is create-only: it must not hold anything that may change.
      description: `review ${parameterPrefix}`,
      statements: [
        new PolicyStatement({ actions: ['s3:PutObject'], resources: [ledger.arnForObjects(OWN_REVIEWS)] }),
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: (['ledger', 'versions', 'reviews', 'rollouts', 'tags'] as const).map((folder) =>
            ledger.arnForObjects(`${FOLDERS[folder]}*`),
          ),
        }),
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [ledger.bucketArn] }),
        new PolicyStatement({ actions: ['ssm:GetParametersByPath'], resources: [parameters, `${parameters}/*`] }),
        // Texts of versions that this registry did not publish are in no archive.
        new PolicyStatement({
          actions: ['bedrock:ListPrompts', 'bedrock:GetPrompt'],
          resources: [stack.formatArn({ service: 'bedrock', resource: 'prompt', resourceName: '*' })],
        }),
        // Without a name it lists all stacks: that is how the command finds the registry's.
        new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: ['*'] }),
        new PolicyStatement({
          actions: ['cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
          resources: [
            stack.formatArn({
              service: 'cloudformation',
              resource: 'stack',
              resourceName: `${stack.stackName}/*`,
              arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
            }),
          ],
        }),
        // The gates, for those who look at the stack of a team that joins the registry.
        new PolicyStatement({ actions: ['lambda:GetFunctionConfiguration'], resources: [planFunction] }),
        ...(key
          ? [
              new PolicyStatement({
                actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
                resources: [key.keyArn],
                conditions: { StringEquals: { 'kms:ViaService': `s3.${stack.region}.${stack.urlSuffix}` } },
              }),
            ]
          : []),
      ],
    });
    freezeLogicalId(this, { parameterPrefix }, 'ReviewerPolicy');
  }
}
