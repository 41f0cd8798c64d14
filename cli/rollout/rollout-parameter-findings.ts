import { progressProblems, rolloutProblems } from '../../core/audit/rollout-values';
import { isAccessError } from '../../core/contract/access-error';
import { logicalId, parameterName } from '../../core/contract/names';
import { parseProgress, progressParameterName, rolloutParameterName } from '../../core/contract/rollout-parameters';
import type { LedgerRecord } from '../../core/ledger/record';
import { parameterHistory } from '../audit/parameter-history';
import type { AliasState, Registry, RegistryPrompt } from '../registry';

/** What the two parameters of an alias's rollouts say now and no record or step allows; nothing where they may not be read. */
export async function rolloutParameterFindings(
  { clients, stack, reader }: Registry,
  { promptName, promptId }: RegistryPrompt,
  { alias: { aliasName } }: AliasState,
  records: readonly LedgerRecord[],
): Promise<string[]> {
  if (!stack.resources.has(logicalId(stack.parameterPrefix, promptName, aliasName, 'RolloutProgress'))) return [];
  const pointer = parameterName(stack.parameterPrefix, promptName, aliasName);
  const newest = async (name: string) => (await parameterHistory(clients.ssm, name))?.slice(-1) ?? [];
  try {
    const plan = await newest(rolloutParameterName(pointer));
    const progress = await newest(progressParameterName(pointer));
    const said = parseProgress(progress[0]?.value)?.plan;
    const steps = said === undefined ? [] : await reader.steps(promptId, aliasName, said);
    const known = { promptId, records, stepsOf: () => steps };
    const isAtRest = !stack.status.endsWith('ROLLBACK_FAILED');
    return [
      ...rolloutProblems(plan, known, isAtRest).map(({ message }) => `rollout ${message}`),
      ...progressProblems(progress, known).map(({ message }) => `rollout-progress ${message}`),
    ];
  } catch (error) {
    if (isAccessError(error)) return [];
    throw error;
  }
}
