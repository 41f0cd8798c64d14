import { GetPolicyCommand, type IAMClient, paginateListPolicies } from '@aws-sdk/client-iam';
import { isAccessError } from '../core/contract/access-error';
import { callerPolicyName } from '../core/contract/names';
import type { RegistryStack } from './registry-stack';

export interface TakenNames {
  /** ARNs of policies that bear the name of an alias's policy and are none of the stack's. */
  readonly taken: readonly string[];
  /** ARNs below the registry's prefix that belong to no alias of this stack. */
  readonly unknown: readonly string[];
  /** False where policies may not be listed: then a name that is taken under a path is not seen. */
  readonly isWhole: boolean;
}

/**
 * Policies that have a name of the registry's and are not the registry's: consumers attach by name. IAM's names are unique
 * in an account whatever their path, and not told apart by case.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export async function takenNames(client: IAMClient, stack: RegistryStack): Promise<TakenNames> {
  const { aliases, parameterPrefix, stackId, resources } = stack;
  const [, partition, , region = '', account] = stackId.split(':');
  const names = aliases.flatMap(({ promptName, aliasName }) =>
    (['invoke', 'read'] as const).map((access) =>
      callerPolicyName({ parameterPrefix, promptName, aliasName, region, access }),
    ),
  );
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const own = new Set([...resources.values()].map(({ physicalId }) => physicalId));
  const taken: string[] = [];
  const prefix = `${parameterPrefix.slice(1).replaceAll('/', '+')}+`.toLowerCase();
  const ends = [`+invoke+${region}`, `+read+${region}`];
  const foreign = await otherPolicies(client, own);
  if (foreign) {
    const isUnknown = (name: string) =>
      !wanted.has(name) && name.startsWith(prefix) && ends.some((end) => name.endsWith(end));
    return {
      taken: foreign.filter(({ name }) => wanted.has(name)).map(({ arn }) => arn),
      unknown: foreign.filter(({ name }) => isUnknown(name)).map(({ arn }) => arn),
      isWhole: true,
    };
  }
  for (const name of names) {
    const arn = `arn:${partition}:iam::${account}:policy/${name}`;
    if (!own.has(arn) && (await isThere(client, arn))) taken.push(arn);
  }
  return { taken, unknown: [], isWhole: false };
}

/** The account's policies but for the stack's own, names in lower case; undefined where they may not be listed. */
async function otherPolicies(client: IAMClient, own: ReadonlySet<string>) {
  const found: { name: string; arn: string }[] = [];
  try {
    for await (const { Policies = [] } of paginateListPolicies({ client }, { Scope: 'Local' })) {
      found.push(...Policies.map(({ PolicyName = '', Arn = '' }) => ({ name: PolicyName.toLowerCase(), arn: Arn })));
    }
  } catch (error) {
    if (isAccessError(error)) return undefined;
    throw error;
  }
  return found.filter(({ arn }) => !own.has(arn));
}

async function isThere(client: IAMClient, PolicyArn: string): Promise<boolean> {
  try {
    await client.send(new GetPolicyCommand({ PolicyArn }));
    return true;
  } catch (error) {
    if (/^NoSuchEntity/.test((error as Error).name)) return false;
    throw error;
  }
}
