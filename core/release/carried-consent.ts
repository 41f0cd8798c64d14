import type { LedgerRecord } from '../ledger/record';
import type { Rollout } from '../ledger/record-schema-2';
import { heardAtGates } from './gates/approval';
import type { JudgeProps } from './gates/gate-kind';
import type { HaltedAt } from './last-halt';

/** The alias, as far as it rolls out. */
export interface Rolling {
  /** The rollout in force; null for none. */
  readonly running: Rollout | null;
  /** Newest first. */
  readonly history: AsyncIterable<Pick<LedgerRecord, 'sequence' | 'passed'>>;
  readonly haltedAt: HaltedAt;
}

/**
 * Number of the record that began the rollout which a move settles, where the consent of then carries the move. Gates are
 * asked anew, and this is undefined, where none was in force then, where somebody rejected the candidate since, and where it
 * was halted.
 */
export async function carriedConsent(
  asked: JudgeProps,
  { running, history, haltedAt }: Rolling,
): Promise<number | undefined> {
  const { target } = asked;
  if (running?.candidate.version !== target.version || running.candidate.digest !== target.digest) return undefined;
  const { plan } = running;
  if (!(await hasPassed(plan, history))) return undefined;
  if (heardAtGates(asked).some(({ rejections }) => rejections.length > 0)) return undefined;
  return (await haltedAt(plan)) === undefined ? plan : undefined;
}

/** Whether the record with this number passed gates. */
async function hasPassed(sequence: number, history: Rolling['history']): Promise<boolean> {
  for await (const record of history) {
    if (record.sequence === sequence) return Boolean(record.passed);
    if (record.sequence < sequence) return false;
  }
  return false;
}
