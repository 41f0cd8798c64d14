import { GATES_VARIABLE } from '../core/contract/handler-environment';
import type { AwsClients } from './aws-clients';
import { readPlanFunction } from './plan-function';
import type { DeclaredGating, RegistryStack } from './registry-stack';
import { GatesUnknown } from './reviews/gates-unknown';

/**
 * What a registry of another stack says of approvals, read from its function that plans releases: the function judges by
 * what stands there. Its groups stand elsewhere.
 *
 * @returns undefined where the template does not tell which function that is
 * @throws GatesUnknown, and AWS's errors
 */
export async function joinedGating(
  clients: Pick<AwsClients, 'cloudFormation' | 'lambda'>,
  { stackName, planFunction }: Pick<RegistryStack, 'stackName' | 'planFunction'>,
): Promise<DeclaredGating | undefined> {
  if (planFunction === undefined) return undefined;
  const read = await readPlanFunction(clients, planFunction);
  if ('problem' in read) throw new GatesUnknown(stackName, read.problem, read.cause);
  return gatingIn(read.variables);
}

export function gatingIn({ [GATES_VARIABLE]: gates = '{}' }: Readonly<Record<string, string>>): DeclaredGating {
  return { gates, groups: undefined };
}
