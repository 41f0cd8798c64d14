import { Stack } from 'aws-cdk-lib';
import { CfnRole, type IRole } from 'aws-cdk-lib/aws-iam';
import { firstTime } from './app-memory';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (adjustable up to 25) */
const MOST_POLICIES = 10;
const CONTEXT = 'cdk-prompt-registry:managedPoliciesPerRole';

const isNew = firstTime('managedPolicyLimit');

/** Fails the synthesis of a role with more managed policies than IAM takes: CDK adds the eleventh silently. */
export function limitManagedPolicies(role: IRole): void {
  if (isNew(role)) {
    role.node.addValidation({ validate: () => tooManyPolicies(role) });
  }
}

function tooManyPolicies(role: IRole): string[] {
  const most = Number(role.node.tryGetContext(CONTEXT) ?? MOST_POLICIES);
  return role.node
    .findAll()
    .filter((construct): construct is CfnRole => construct instanceof CfnRole)
    .map((resource) => Stack.of(resource).resolve(resource.managedPolicyArns)?.length ?? 0)
    .filter((count) => count > most)
    .map(
      (count) =>
        `${role.node.path}: expected at most ${most} managed policies on a role, which is what IAM takes, found ${count}: combine aliases with a CombinedCallerPolicy, give a second role some of them, or have AWS raise the quota "Managed policies attached to an IAM role" (up to 25) and set the context ${CONTEXT} to it`,
    );
}
