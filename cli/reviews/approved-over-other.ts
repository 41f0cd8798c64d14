import { personOf } from '../../core/ledger/review';
import type { ReviewSubject } from './review-subject';

/**
 * Notes on approvals that count and were signed while the alias stood elsewhere: what their signers read was the difference to
 * another version than the one that the move replaces.
 *
 * @param live digest of what the alias points at; null for nothing, or where nobody knows
 */
export async function approvedOverOther(
  { registry, prompt, state, judged }: ReviewSubject,
  live: string | null,
): Promise<string[]> {
  if (live === null && state.version !== null) return [];
  const approvals = judged.heard.flatMap((heard) => heard.approvals);
  const others = approvals.flatMap(({ address, review }) =>
    review === undefined || review.live === live ? [] : [{ person: personOf(address.signer), digest: review.live }],
  );
  if (others.length === 0) return [];
  const versions = await registry.reader.versions(prompt.promptId);
  const nameOf = (digest: string | null) => {
    if (digest === null) return 'nothing';
    const version = versions.findLast((one) => one.digest === digest)?.version;
    return version === undefined ? `${digest.slice(0, 12)}…` : `version ${version}`;
  };
  const now = `${state.alias.aliasName} is on ${state.version ?? 'nothing'} now`;
  const notes = others.map(({ person, digest }) => `${person} approved while ${nameOf(digest)} was live: ${now}`);
  return [...new Set(notes)];
}
