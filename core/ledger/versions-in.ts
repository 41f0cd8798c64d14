import type { LedgerRecord, ReleasedVersion } from './record';

/**
 * The versions that a record names: where it brings its alias, where that stood, and what it rolls out, which callers get
 * before any record moves to it.
 */
export function versionsIn({ to, from, rollout }: Pick<LedgerRecord, 'to' | 'from' | 'rollout'>): ReleasedVersion[] {
  return [to, from, rollout?.candidate ?? null].filter((place) => place !== null);
}
