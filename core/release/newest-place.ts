import type { LedgerRecord, ReleasedVersion } from '../ledger/record';

/** The newest of the places that an alias came to, left or rolled out which fits; undefined where none does. */
export async function newestPlace(
  history: AsyncIterable<Pick<LedgerRecord, 'from' | 'to' | 'rollout'>>,
  fits: (place: ReleasedVersion) => boolean,
): Promise<ReleasedVersion | undefined> {
  for await (const { to, from, rollout } of history) {
    for (const place of [to, from, rollout?.candidate]) if (place && fits(place)) return place;
  }
  return undefined;
}
