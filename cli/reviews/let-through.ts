import type { LedgerRecord } from '../../core/ledger/record';
import { arrivalAt } from '../../core/release/arrival';
import { type PassedBy, passedBy } from '../../core/release/passed-by';

/** Who let an alias come to where it stands. */
export interface LetThrough {
  /** Left out where no gate applied to that move, or the ledger does not tell. */
  readonly passed?: PassedBy;
}

export async function letThrough(version: number | null, history: AsyncIterable<LedgerRecord>): Promise<LetThrough> {
  const arrival = version === null ? undefined : await arrivalAt(version, history);
  return arrival?.passed ? { passed: passedBy(arrival.passed) } : {};
}
