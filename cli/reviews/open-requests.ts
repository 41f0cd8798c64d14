import { reviewedDigests } from '../../core/ledger/review-source';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { gatesOf } from './gates-of';
import { type Judgement, judgement } from './judgement';
import { S3ReviewSource } from './s3-review-source';

/**
 * What somebody asked for and the alias did not get yet, oldest version first. A request that expired, or that was made
 * before the alias came back from the content, is not open.
 *
 * @param among digests that somebody may ask for; all about which somebody said something where it is left out
 */
export async function openRequests(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  now: Date,
  among?: readonly string[],
): Promise<Judgement[]> {
  if ((await gatesOf(registry, state.alias)).length === 0) return [];
  const { clients, stack, reader } = registry;
  const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
  const digests = among ?? (await reviewedDigests(source, prompt.promptId, state.alias.aliasName));
  if (digests.length === 0) return [];
  const versions = (await reader.versions(prompt.promptId)).filter(({ digest }) => digests.includes(digest ?? ''));
  // Of two versions with one content the newer one, as a target of its digest means it.
  const targets = new Map(versions.map(({ version, digest = '' }) => [digest, { version, digest }]));
  const judged = [...targets.values()].map((target) => judgement(registry, prompt, state, target, now));
  return (await Promise.all(judged)).filter(
    ({ way, heard }) => way === 'forward' && heard.some(({ request }) => request),
  );
}
