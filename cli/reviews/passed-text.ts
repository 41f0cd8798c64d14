import { parseReviewKey } from '../../core/ledger/layout';
import type { LedgerRecord } from '../../core/ledger/record';
import { personOf } from '../../core/ledger/review';
import { type Gate, isApproval } from '../../core/release/gate';

/** Who let a move through: `asked by alice, approved by bob`; empty where no gate was asked. */
export function passedText({ passed }: LedgerRecord): string {
  if (!passed) return '';
  if (passed.how === 'back') return `back to #${passed.to}`;
  if (passed.how === 'carried') return `as #${passed.plan}`;
  const gates = (passed.gates as Gate[]).filter(isApproval);
  const signed = passed.reviews.flatMap(({ key }) => parseReviewKey(key) ?? []);
  const by = (what: string, groups: readonly string[]) => {
    const people = signed.filter(({ group }) => groups.includes(group)).map(({ signer }) => personOf(signer));
    return people.length === 0 ? [] : [`${what} by ${[...new Set(people)].join(', ')}`];
  };
  const asking = gates.map(({ askedBy }) => askedBy);
  return [
    ...by('asked', asking),
    ...by(
      'approved',
      gates.map((gate) => gate.by),
    ),
  ].join(', ');
}
