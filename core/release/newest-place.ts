import type { LedgerRecord, ReleasedVersion } from '../ledger/record';

/** The newest of the places that an alias came to or left which fits; undefined where none does. */
export async function newestPlace(
  history: AsyncIterable<Pick<LedgerRecord, 'from' | 'to'>>,
  fits: (place: ReleasedVersion) => boolean,
): Promise<ReleasedVersion | undefined> {
  for await (const { to, from } of history) {
    for (const place of [to, from]) if (place && fits(place)) return place;
  }
  return undefined;
}
