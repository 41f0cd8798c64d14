import type { ReleasedVersion } from '../ledger/record';
import type { PassedPlacement } from './ground';
import { type History, stillCounting, withoutUndone } from './standing';

/** A placement with what it is about and when. */
export interface TimedPlacement extends PassedPlacement {
  readonly from: ReleasedVersion | null;
  readonly to: ReleasedVersion | null;
  readonly time: string;
  readonly rollout?: { readonly plan: number; readonly candidate: ReleasedVersion } | null;
}

/**
 * When the alias last left a content backwards, by going back or because it was removed, or a version of it was withdrawn,
 * or its rollout was ended, in milliseconds since 1970: what was said in favour of it before counts no more. A release that
 * failed left nothing.
 *
 * @param since no further back than this
 */
export async function lastLeft(
  content: LeftContent,
  history: History<TimedPlacement>,
  since: number,
): Promise<number | undefined> {
  const look = leavings(content, since);
  for await (const record of withoutUndone(history)) {
    const found = look(record);
    if (found !== 'further') return found;
  }
  return look(undefined) as number | undefined;
}

/** {@link lastLeft} in a history that is at hand. */
export function lastLeftAmong(
  content: LeftContent,
  newestFirst: readonly TimedPlacement[],
  since: number,
): number | undefined {
  const look = leavings(content, since);
  for (const record of stillCounting(newestFirst)) {
    const found = look(record);
    if (found !== 'further') return found;
  }
  return look(undefined) as number | undefined;
}

type LeftContent = Pick<ReleasedVersion, 'version' | 'digest'>;

/** Looks at record after record, newest first, and at the end at none. */
function leavings({ version, digest }: LeftContent, since: number) {
  let newer: TimedPlacement | undefined;
  let isWithdrawnInNewer = false;
  return (record: TimedPlacement | undefined): number | undefined | 'further' => {
    const isWithdrawn = record?.withdrawn.includes(version) ?? false;
    if (newer && isWithdrawnInNewer && !isWithdrawn) return Date.parse(newer.time);
    if (newer && record?.rollout?.candidate.digest === digest && isEndedBackwards(newer, digest)) {
      return Date.parse(newer.time);
    }
    if (!record || Date.parse(record.time) < since) return undefined;
    if (record.from?.digest === digest && isLeftBackwards(record)) return Date.parse(record.time);
    [newer, isWithdrawnInNewer] = [record, isWithdrawn];
    return 'further';
  };
}

/** Whether the record after one of a rollout takes the candidate away, and brings nothing newer. */
function isEndedBackwards(newer: TimedPlacement, digest: string): boolean {
  const { from, to, rollout } = newer;
  if (rollout || to?.digest === digest) return false;
  return to?.version === from?.version || isLeftBackwards(newer);
}

function isLeftBackwards({ from, to, passed }: TimedPlacement): boolean {
  if (from === null || to?.digest === from.digest) return false;
  if (to === null) return true;
  return passed ? passed.how === 'back' : to.version < from.version;
}
