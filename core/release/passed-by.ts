import { parseReviewKey } from '../ledger/layout';
import type { Passed } from '../ledger/record-schema-2';
import { personOf } from '../ledger/review';
import type { Gate } from './gate';
import { isApproval } from './gates/approval';

/** Who let a move through a gate, as its record says. */
export interface PassedBy {
  readonly how: Passed['how'];
  /** People who asked, and people who approved; none where nobody was asked. */
  readonly asked: readonly string[];
  readonly approved: readonly string[];
  /** Number of the record whose place the move went back to, or that began the rollout. */
  readonly record: number | null;
}

export function passedBy(passed: Passed): PassedBy {
  if (passed.how !== 'agreed') {
    return { how: passed.how, asked: [], approved: [], record: passed.how === 'back' ? passed.to : passed.plan };
  }
  const gates = (passed.gates as readonly Gate[]).filter(isApproval);
  const signed = passed.reviews.flatMap(({ key }) => parseReviewKey(key) ?? []);
  const people = (groups: readonly string[]) => [
    ...new Set(signed.filter(({ group }) => groups.includes(group)).map(({ signer }) => personOf(signer))),
  ];
  const asked = people(gates.map(({ askedBy }) => askedBy));
  // Of a group that both asks and approves, nobody who asked approved.
  const approved = people(gates.map(({ by }) => by)).filter((person) => !asked.includes(person));
  return { how: 'agreed', asked, approved, record: null };
}
