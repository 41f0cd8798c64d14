import { LEDGER_BUCKET_VARIABLE } from '../core/contract/handler-environment';
import type { AwsClients } from './aws-clients';
import { explained, reasonOf } from './aws-failure';
import { CliError } from './cli-error';
import { gatingIn } from './joined-gating';
import { type PlanFunctionReading, readPlanFunction } from './plan-function';
import type { RegistryStack } from './registry-stack';

/**
 * The ledger of a registry of another stack, and what that says of approvals, since both stand in one place: in the
 * environment of its function that plans releases.
 *
 * @throws CliError that names the option with which this is not read
 */
export async function joinedLedger(
  clients: Pick<AwsClients, 'cloudFormation' | 'lambda'>,
  { stackName, planFunction }: Pick<RegistryStack, 'stackName' | 'planFunction'>,
): Promise<Required<Pick<RegistryStack, 'ledgerBucket' | 'gating'>>> {
  const unknown = (why: string | undefined, cause: unknown) =>
    new CliError(
      {
        what: `stack ${stackName} has no ledger of its own`,
        why: `its prompts join the registry of another stack, whose ledger is not known here: ${why}`,
        fix: 'name the bucket of that registry with --ledger-bucket',
      },
      cause === undefined ? undefined : explained(cause).exitCode,
      { cause },
    );
  const read: PlanFunctionReading = await readPlanFunction(clients, planFunction).catch((error) => {
    throw unknown(reasonOf(error), error);
  });
  if ('problem' in read) throw unknown(read.problem.why, read.cause);
  const ledgerBucket = read.variables[LEDGER_BUCKET_VARIABLE];
  if (ledgerBucket === undefined) throw unknown('the function that plans its releases names none', undefined);
  return { ledgerBucket, gating: gatingIn(read.variables) };
}
