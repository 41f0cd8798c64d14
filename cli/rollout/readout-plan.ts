import type { LedgerRecord } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';

/** A rollout as the ledger has it: the newest one of an alias, in force or ended. */
export interface ReadoutPlan {
  readonly rollout: Rollout;
  readonly stable: number | null;
  /** ISO 8601. */
  readonly began: string;
  /** When a record ended it; null while it is in force. */
  readonly ended: string | null;
}

/** @param history newest first */
export async function newestPlan(history: AsyncIterable<LedgerRecord>): Promise<ReadoutPlan | undefined> {
  let after: LedgerRecord | undefined;
  let found: { rollout: Rollout; ended: string | null } | undefined;
  for await (const record of history) {
    const { rollout } = record;
    // What a failed deployment began was never served.
    if (rollout && !found && !after?.undo) found = { rollout, ended: after?.time ?? null };
    if (found && record.sequence === found.rollout.plan) {
      return { ...found, stable: record.to?.version ?? null, began: record.time };
    }
    after = record;
  }
  return undefined;
}
