import type { LedgerRecord } from '../../core/ledger/record';
import { type PassedBy, passedBy } from '../../core/release/passed-by';
import { passedText as logText } from '../../studio/audit-page/row-text';

/** Who let a move through, as the audit's log says it but for what would widen a table: `asked by alice, approved by bob`. */
export function passedText({ passed }: Pick<LedgerRecord, 'passed'>): string {
  return passed ? passedByText(passedBy(passed)) : '';
}

export function passedByText(by: PassedBy): string {
  if (by.how === 'back') return `back to #${by.record}`;
  if (by.how === 'carried') return `as #${by.record}`;
  return logText({ passed: by });
}
