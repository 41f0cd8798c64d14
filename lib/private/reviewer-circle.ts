import { Annotations, type CfnResource, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { PROMPT_ALIAS_TYPE } from '../../core/contract/prompt-alias-resource';
import { PROMPT_VERSION_TYPE } from '../../core/contract/prompt-version-resource';
import { RELEASE_PLAN_TYPE } from '../../core/contract/release-plan-resource';
import { referencedResources } from './referenced-resources';
import type { ReviewerGroup } from './reviewer-groups';

const OF_RELEASES: ReadonlySet<string> = new Set([PROMPT_VERSION_TYPE, RELEASE_PLAN_TYPE, PROMPT_ALIAS_TYPE]);

/**
 * Says at synth that CloudFormation will refuse the stack: the policy of the ledger's bucket names the role, every alias
 * comes after that policy, and the role comes after the aliases whose policies it attaches.
 */
export function warnOfReviewerCircle(registry: IConstruct, groups: readonly ReviewerGroup[]): void {
  const validate = () => {
    for (const { name, arns } of groups) {
      for (const role of referencedResources(registry, arns)) {
        if (!(role instanceof CfnRole) || Stack.of(role) !== Stack.of(registry)) continue;
        const alias = aliasBefore(role, registry);
        if (alias === undefined) continue;
        Annotations.of(role).addWarningV2(
          'cdk-prompt-registry:reviewerCallsAlias',
          `this role is in the group ${name} of reviewers and comes after ${alias.node.path}, which it may call, and which comes after the role: CloudFormation refuses the stack for a circular dependency; give the role a roleName, and name it in reviewers by its ARN, arn:aws:iam::ACCOUNT:role/NAME`,
        );
      }
    }
    return [];
  };
  // At the end of the synthesis: what a role may call is granted after the registry is defined.
  registry.node.addValidation({ validate });
}

/** An alias of the registry, or a part of its prompt, without which CloudFormation does not create the role. */
function aliasBefore(role: CfnRole, registry: IConstruct): IConstruct | undefined {
  const direct = [...referencedResources(role, [role.managedPolicyArns, role.policies])];
  const policies = direct.filter((one) => one instanceof CfnManagedPolicy);
  const behind = policies.flatMap((policy) => [...referencedResources(policy, policy.policyDocument)]);
  return [...direct, ...behind].flatMap((one) => releasedBy(one, registry) ?? [])[0];
}

function releasedBy(resource: CfnResource, registry: IConstruct): IConstruct | undefined {
  if (!OF_RELEASES.has(resource.cfnResourceType)) return undefined;
  return resource.node.scopes.find((one) => (one as { prompt?: { registry?: unknown } }).prompt?.registry === registry);
}
