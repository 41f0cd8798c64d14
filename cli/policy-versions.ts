import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  paginateListPolicyVersions,
} from '@aws-sdk/client-iam';
import type { PolicyVersion } from '../core/audit/policy-shape';
import { isAccessError } from '../core/contract/access-error';

export interface PolicyVersionsRead {
  readonly versions: readonly PolicyVersion[];
  /** False where only the version in force could be read. */
  readonly isWhole: boolean;
}

/** All versions of a managed policy, or the one in force where the others may not be listed; null where it is gone. */
export async function policyVersions(iam: IAMClient, PolicyArn: string): Promise<PolicyVersionsRead | null> {
  try {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    const inForce = Policy?.DefaultVersionId ?? '';
    const others = await otherVersions(iam, PolicyArn, inForce);
    const read = [inForce, ...(others ?? [])].map(async (id): Promise<PolicyVersion> => {
      const found = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: id }));
      const document = decodeURIComponent(found.PolicyVersion?.Document ?? '');
      return { id, isDefault: id === inForce, document };
    });
    return { versions: await Promise.all(read), isWhole: others !== undefined };
  } catch (error) {
    if (/^NoSuchEntity/.test((error as Error).name)) return null;
    throw error;
  }
}

async function otherVersions(client: IAMClient, PolicyArn: string, inForce: string): Promise<string[] | undefined> {
  const ids: string[] = [];
  try {
    for await (const { Versions = [] } of paginateListPolicyVersions({ client }, { PolicyArn }))
      ids.push(...Versions.flatMap(({ VersionId }) => VersionId ?? []));
  } catch (error) {
    if (isAccessError(error)) return undefined;
    throw error;
  }
  return ids.filter((id) => id !== inForce);
}
