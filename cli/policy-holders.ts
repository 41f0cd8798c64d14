import { type IAMClient, paginateListEntitiesForPolicy } from '@aws-sdk/client-iam';
import { isAccessError } from '../core/contract/access-error';

export interface PolicyHolders {
  readonly roles: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Names of those that a managed policy is attached to; undefined where they may not be listed. */
export async function policyHolders(iam: IAMClient, PolicyArn: string): Promise<PolicyHolders | undefined> {
  const [roles, users, groups]: [string[], string[], string[]] = [[], [], []];
  try {
    for await (const page of paginateListEntitiesForPolicy({ client: iam }, { PolicyArn })) {
      roles.push(...(page.PolicyRoles ?? []).flatMap(({ RoleName }) => RoleName ?? []));
      users.push(...(page.PolicyUsers ?? []).flatMap(({ UserName }) => UserName ?? []));
      groups.push(...(page.PolicyGroups ?? []).flatMap(({ GroupName }) => GroupName ?? []));
    }
  } catch (error) {
    // Who may look at a registry need not be allowed to look at IAM.
    if (isAccessError(error)) return undefined;
    throw error;
  }
  return { roles, users, groups };
}
