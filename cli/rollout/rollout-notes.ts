import { isAccessError } from '../../core/contract/access-error';
import type { VerifiedChain } from '../../core/ledger/chain';
import { timestamp } from '../age';
import { reasonOf } from '../aws-failure';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { heldBy } from './alarm-states';
import { isLost } from './rollout-state';

/** A rollout that nobody gets, since nobody looks after it or an alarm holds its start; nothing differs. */
export async function rolloutNotes(
  { clients, reader }: Registry,
  { promptId }: RegistryPrompt,
  { alias, rollout }: AliasState,
  chain: VerifiedChain | undefined,
): Promise<string[]> {
  if (!rollout || rollout.halted || rollout.over) return [];
  const newest = chain?.records.at(-1);
  if (!isLost(rollout.until, newest?.time ?? null, new Date())) return [];
  const { candidate, plan, until } = rollout;
  const isBegun = until !== undefined || (await reader.steps(promptId, alias.aliasName, plan)).length > 0;
  const gone = 'the controller of its rollout is not there; see its log';
  if (isBegun || !newest?.rollout) {
    const since = until === undefined ? '' : ` since ${timestamp(new Date(until))}`;
    return [`nobody gets ${candidate}${since}: ${gone}`];
  }
  try {
    const held = await heldBy(clients.cloudWatch, newest.rollout);
    return [`nobody gets ${candidate}${held === undefined ? `: ${gone}` : ` yet: ${held}`}`];
  } catch (error) {
    const why = isAccessError(error) ? 'cloudwatch:DescribeAlarms is missing' : reasonOf(error);
    return [`nobody gets ${candidate}: ${gone}, or an alarm holds its start, which could not be read: ${why}`];
  }
}
