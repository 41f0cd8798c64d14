import type { AwsClients } from '../aws-clients';
import { policyHolders } from '../policy-holders';
import type { RegistryStack } from '../registry-stack';

/** Names of the roles and users that hold a policy of callers of the stack; undefined where IAM may not be asked. */
export async function callerNames({ iam }: AwsClients, stack: RegistryStack): Promise<string[] | undefined> {
  const policies = stack.policies.filter(({ kind }) => kind === 'caller' || kind === 'combined');
  const arns = policies.flatMap(({ logicalId }) => stack.resources.get(logicalId)?.physicalId ?? []);
  const holders = await Promise.all(arns.map((arn) => policyHolders(iam, arn)));
  if (holders.includes(undefined)) return undefined;
  return [...new Set(holders.flatMap((of) => [...(of?.roles ?? []), ...(of?.users ?? [])]))].sort();
}
