import type { ReleasedVersion } from '../ledger/record';
import type { PassedPlacement } from './ground';
import { type History, withoutUndone } from './standing';

/** A placement with what it is about and when. */
export interface TimedPlacement extends PassedPlacement {
  readonly from: ReleasedVersion | null;
  readonly to: ReleasedVersion | null;
  readonly time: string;
}

/**
 * When the alias last left a content backwards, by going back or because it was removed, or a version of it was withdrawn,
 * in milliseconds since 1970: what was said in favour of it before counts no more. A release that failed left nothing.
 *
 * @param since no further back than this
 */
export async function lastLeft(
  { version, digest }: Pick<ReleasedVersion, 'version' | 'digest'>,
  history: History<TimedPlacement>,
  since: number,
): Promise<number | undefined> {
  let newer: TimedPlacement | undefined;
  let isWithdrawnInNewer = false;
  for await (const record of withoutUndone(history)) {
    const isWithdrawn = record.withdrawn.includes(version);
    if (newer && isWithdrawnInNewer && !isWithdrawn) return Date.parse(newer.time);
    if (Date.parse(record.time) < since) return undefined;
    if (record.from?.digest === digest && isLeftBackwards(record)) return Date.parse(record.time);
    [newer, isWithdrawnInNewer] = [record, isWithdrawn];
  }
  return newer && isWithdrawnInNewer ? Date.parse(newer.time) : undefined;
}

function isLeftBackwards({ from, to, passed }: TimedPlacement): boolean {
  if (from === null || to?.digest === from.digest) return false;
  if (to === null) return true;
  return passed ? passed.how === 'back' : to.version < from.version;
}
