import { GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { type PinnedRole, pinnedIds } from '../core/audit/bucket-policy';

/**
 * Roles of the registry that are not those whose ids the bucket's policy names: made again under the same name, or the
 * policy was changed. Each by its name, and what is wrong.
 */
export async function replacedRoles(
  iam: IAMClient,
  policy: string,
  pinned: readonly PinnedRole[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { sid, roleName } of pinned) {
    const ids = pinnedIds(policy, sid);
    // Without the statement there is nothing to compare: that the policy lacks it is a finding of its own.
    if (ids.length === 0) continue;
    const id = await roleId(iam, roleName);
    if (id === undefined) found.set(roleName, "does not exist: nothing more can be recorded under the registry's name");
    else if (ids.some((one) => one !== id)) {
      found.set(
        roleName,
        `has the id ${id}, the ledger's policy names ${ids.join(', ')}: the role was deleted and made again, or the policy was changed, and the ledger takes nothing from it`,
      );
    }
  }
  return found;
}

async function roleId(iam: IAMClient, RoleName: string): Promise<string | undefined> {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName }))).Role?.RoleId;
  } catch (error) {
    if (/^NoSuchEntity/.test((error as Error).name)) return undefined;
    throw error;
  }
}
