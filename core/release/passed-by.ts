import type { PairedCounts } from '../evaluation/paired-interval';
import { parseReviewKey } from '../ledger/layout';
import type { Passed } from '../ledger/record-schema-2';
import { personOf } from '../ledger/review';
import type { Gate } from './gate';
import { type ApprovalGate, isApproval } from './gates/approval';

/** Who let a move through a gate, as its record says. */
export interface PassedBy {
  readonly how: Passed['how'];
  /** People who asked, and people who approved; none where nobody was asked. */
  readonly asked: readonly string[];
  readonly approved: readonly string[];
  /** People who ran a suite and signed, and how it came out; left out where no gate asks for it. */
  readonly measured?: readonly string[];
  readonly metrics?: Readonly<Record<string, PairedCounts>>;
  /** How often it was run over the content until then. */
  readonly runs?: number;
  /** Number of the record whose place the move went back to, or that began the rollout. */
  readonly record: number | null;
}

export function passedBy(passed: Passed): PassedBy {
  if (passed.how !== 'agreed') {
    return { how: passed.how, asked: [], approved: [], record: passed.how === 'back' ? passed.to : passed.plan };
  }
  const asked = people(passed, 'request', ({ askedBy }) => askedBy);
  // Nobody who asked approved: so it is, too, where the record does not say which a review is, of a group that does both.
  const approved = people(passed, 'approve', ({ by }) => by).filter((person) => !asked.includes(person));
  return { how: 'agreed', asked, approved, ...measuredIn(passed), record: null };
}

function measuredIn({ reviews, runs }: Agreed): Pick<PassedBy, 'measured' | 'metrics' | 'runs'> {
  const measured = reviews.filter(({ kind }) => kind === 'evaluate');
  if (measured.length === 0) return {};
  const people = measured.flatMap(({ key }) => parseReviewKey(key)?.signer ?? []).map(personOf);
  return {
    measured: [...new Set(people)],
    metrics: Object.assign({}, ...measured.map(({ metrics }) => metrics)),
    ...(runs !== undefined && { runs }),
  };
}

type Agreed = Extract<Passed, { how: 'agreed' }>;

/** People of whom a review of this kind let the move through; of a record that names no kinds, by what their group does. */
function people(
  { gates, reviews }: Agreed,
  kind: 'request' | 'approve',
  groupOf: (gate: ApprovalGate) => string,
): string[] {
  const groups = (gates as readonly Gate[]).filter(isApproval).map(groupOf);
  const signers = reviews.flatMap((review) => {
    const { group = '', signer = '' } = parseReviewKey(review.key) ?? {};
    const isMeant = groups.includes(group) && (review.kind ?? kind) === kind;
    return isMeant ? personOf(signer) : [];
  });
  return [...new Set(signers)];
}
