import { checkGroup } from '../../contract/names';
import { personOf, type SignedReview, standingReviews, unreadReviews } from '../../ledger/review';
import { MOST_OF_A_SIGNER } from '../../ledger/review-source';
import { byKey } from './by-key';
import type { AnyGate, GateKind, JudgeProps, KindVerdict, Refusal, RefusalCode } from './gate-kind';
import { invalidGate } from './invalid-gate';

/** `count` people of the group `by` agree to a content that somebody of `askedBy` asked for, who is none of them. */
export interface ApprovalGate {
  readonly gate: 'approval';
  readonly askedBy: string;
  readonly by: string;
  readonly count: number;
  /** Seconds after which a request or an approval no longer counts. */
  readonly expires: number;
}

const MOST_APPROVALS = 5;
/** Seconds: an hour, 90 days. */
const EXPIRES = { least: 3_600, most: 90 * 86_400 } as const;

const FIELDS = 'askedBy, by, count, expires, gate';

export function isApproval(gate: AnyGate): gate is ApprovalGate {
  return gate.gate === 'approval';
}

/**
 * People are session names. One of `askedBy` must have asked, and as many of `by` as the gate counts must agree, all of them
 * different people, also across gates. A rejection blocks until its signer writes again, however old it is, and so does one
 * that may be among a signer's older reviews, which were not read.
 */
export const APPROVAL: GateKind<ApprovalGate> = {
  check(gate) {
    const fields = Object.keys(gate).sort().join(', ');
    if (fields !== FIELDS) {
      throw invalidGate(`${FIELDS} in an approval gate, as this version of cdk-prompt-registry knows it`, fields);
    }
    const { askedBy, by, count, expires } = gate;
    checkGroup(askedBy);
    checkGroup(by);
    if (!Number.isInteger(count) || count < 1 || count > MOST_APPROVALS) {
      throw invalidGate(`a count from 1 to ${MOST_APPROVALS}`, count);
    }
    if (!Number.isInteger(expires) || expires < EXPIRES.least || expires > EXPIRES.most) {
      throw invalidGate('an expiry in whole seconds from an hour to 90 days', expires);
    }
  },

  groups: ({ askedBy, by }) => [askedBy, by],

  isAsStrict: ({ askedBy, by, count, expires }, expected) =>
    askedBy === expected.askedBy && by === expected.by && count >= expected.count && expires <= expected.expires,

  judge: judgeApprovals,
};

function judgeApprovals(gates: readonly ApprovalGate[], props: JudgeProps): KindVerdict {
  const hearings = gates.map((gate) => heard(gate, props));
  const askers = new Set(hearings.flatMap(({ asker }) => asker ?? []));
  const refusals = hearings.flatMap(
    (hearing) => objection(hearing, props) ?? whatIsMissing(hearing, askers, props) ?? [],
  );
  if (refusals.length > 0) return { refusals, reviews: [] };
  const chosen = distinctPeople(hearings.map((hearing) => ({ ...hearing, people: approversOf(hearing, askers) })));
  const shared = hearings.findIndex(({ gate }, index) => (chosen[index]?.length ?? 0) < gate.count);
  const lacking = hearings[shared];
  if (lacking) return { refusals: [sharedRefusal(lacking, chosen[shared] ?? [])], reviews: [] };
  const reviews = hearings.flatMap(({ request, approvals }, index) => [
    ...(request ? [request] : []),
    ...(chosen[index] ?? []).flatMap((person) => approvals.get(person) ?? []),
  ]);
  return { refusals: [], reviews };
}

/** Who asked and who answered at a gate, as far as it counts. */
export interface Heard {
  readonly gate: ApprovalGate;
  readonly request: SignedReview | undefined;
  /** One of each person, those of who asked included. */
  readonly approvals: readonly SignedReview[];
  readonly rejections: readonly SignedReview[];
}

/** What the verdict goes by, for people to read. */
export function heardAtGates(props: JudgeProps): Heard[] {
  return props.gates.filter(isApproval).map((gate) => {
    const { request, approvals, rejections } = heard(gate, props);
    return { gate, request, approvals: byKey([...approvals.values()]), rejections };
  });
}

/** What a gate found among the reviews. */
interface Hearing {
  readonly gate: ApprovalGate;
  /** The newest that counts. */
  readonly request: SignedReview | undefined;
  readonly asker: string | undefined;
  /** Those that count, by person; the oldest of each. */
  readonly approvals: ReadonlyMap<string, SignedReview>;
  readonly rejections: readonly SignedReview[];
  /** Requests and approvals that count no more, by age or because the alias came back from this content since. */
  readonly lapsed: readonly SignedReview[];
}

function heard(gate: ApprovalGate, { reviews, leftAt, now }: JudgeProps): Hearing {
  const counts = ({ time }: SignedReview) => {
    const written = Date.parse(time);
    return now - written <= gate.expires * 1000 && (leftAt === undefined || written > leftAt);
  };
  const said = (group: string, kind: 'request' | 'approve' | 'reject') =>
    standingReviews(reviews, group)
      .filter(({ signed, isNewest }) => signed.review?.kind === kind && (isNewest || kind === 'reject'))
      .map(({ signed }) => signed);
  const requests = oldestFirst(said(gate.askedBy, 'request'));
  const approvals = oldestFirst(said(gate.by, 'approve'));
  const request = requests.filter(counts).at(-1);
  return {
    gate,
    request,
    asker: request && personIn(request),
    approvals: new Map(
      approvals
        .filter(counts)
        .reverse()
        .map((approval) => [personIn(approval), approval]),
    ),
    rejections: oldestFirst(said(gate.by, 'reject')),
    lapsed: [...requests, ...approvals].filter((review) => !counts(review)),
  };
}

function approversOf({ approvals }: Hearing, askers: ReadonlySet<string>): string[] {
  return [...approvals.keys()].filter((person) => !askers.has(person)).sort();
}

function refusal(code: RefusalCode, found: string, hearing: Hearing): Refusal {
  const { gate, request } = hearing;
  return {
    code,
    gate,
    message: `expected ${expectedBy(hearing)}, found ${found}`,
    command: request ? 'review' : 'request',
  };
}

/** What no approval outweighs: a rejection, or that one may be where nobody looked. */
function objection(hearing: Hearing, props: JudgeProps): Refusal | undefined {
  const { rejections } = hearing;
  const [rejection] = rejections;
  if (rejection) {
    const why = rejection.review?.comment ? ` (${rejection.review.comment})` : '';
    const by = rejections.map(personIn).join(', ');
    const found = `a rejection by ${by}${why}, which stands until its signer writes again`;
    return { ...refusal('Rejected', found, hearing), command: 'review' };
  }
  const unheard = unheardAt(hearing, props).join(', ');
  if (unheard === '') return unreadObjection(hearing, props);
  const found = `more than ${MOST_OF_A_SIGNER} reviews by ${unheard} that ask, approve and reject nothing, older ones are not read: let ${unheard} say again what counts`;
  return { ...refusal('TooManyReviews', found, hearing), command: 'review' };
}

/** What cannot be read may be a rejection: nobody knows but its signer. */
function unreadObjection(hearing: Hearing, props: JudgeProps): Refusal | undefined {
  const people = unreadPeople(props, hearing.gate).join(', ');
  if (people === '' || hearing.request === undefined) return undefined;
  const found = foundText([...hearing.approvals.keys()].sort(), props, hearing.gate);
  const why = `${found}, which may be a rejection: let ${people} write it again`;
  return { ...refusal('ApprovalMissing', why, hearing), command: 'review' };
}

function unreadPeople({ reviews }: JudgeProps, { by }: ApprovalGate): string[] {
  return [...new Set(unreadReviews(reviews, by).map(personIn))].sort();
}

function whatIsMissing(hearing: Hearing, askers: ReadonlySet<string>, props: JudgeProps): Refusal | undefined {
  const { gate, request, asker, approvals, lapsed } = hearing;
  const approvers = approversOf(hearing, askers);
  const found = foundText(approvers, props, gate);
  if (request === undefined) {
    const old = lapsed.filter(({ review }) => review?.kind === 'request');
    if (old.length > 0) return refusal('ApprovalExpired', lapsedText(old, props, gate), hearing);
    return refusal('ApprovalMissing', `no request${approvers.length > 0 ? `, and ${found}` : ''}`, hearing);
  }
  if (approvers.length >= gate.count) return undefined;
  const own = [...approvals.keys()].filter((person) => askers.has(person));
  if (own.length > 0) {
    return refusal(
      'SelfApproval',
      `${found}, and an approval by ${own.join(', ')}, who asked${own.includes(asker ?? '') ? '' : ' for another gate'}`,
      hearing,
    );
  }
  const old = lapsed.filter(({ review }) => review?.kind === 'approve');
  return old.length > 0
    ? refusal('ApprovalExpired', `${found}, and ${lapsedText(old, props, gate)}`, hearing)
    : refusal('ApprovalMissing', found, hearing);
}

/** People of whom nobody knows what they say: a rejection may stand, or the request that is missing. */
function unheardAt({ gate, request }: Hearing, { reviews }: JudgeProps): string[] {
  const asked = request === undefined ? [gate.by, gate.askedBy] : [gate.by];
  const unheard = reviews.filter(
    ({ hasOlder, address: { group, signer } }) =>
      hasOlder &&
      asked.includes(group) &&
      !standingReviews(reviews, group).some(({ signed }) => signed.address.signer === signer),
  );
  return [...new Set(unheard.map(personIn))].sort();
}

function sharedRefusal(hearing: Hearing, chosen: readonly string[]): Refusal {
  const others = [...hearing.approvals.keys()].filter((person) => !chosen.includes(person));
  return {
    code: 'ApprovalMissing',
    gate: hearing.gate,
    message: `expected ${expectedBy(hearing)}, who approves for no other gate of the alias, found ${others.join(', ')} approving for several`,
    command: 'review',
  };
}

/** `1 approval by risk, other than alice (who asked), not older than 7 days` */
function expectedBy({ gate, asker }: Hearing): string {
  const approvals = `${gate.count} approval${gate.count === 1 ? '' : 's'} by ${gate.by}`;
  const age = `not older than ${span(gate.expires)}`;
  return asker === undefined
    ? `a request by ${gate.askedBy} and ${approvals}, other than who asked, ${age}`
    : `${approvals}, other than ${asker} (who asked), ${age}`;
}

function foundText(approvers: readonly string[], props: JudgeProps, gate: ApprovalGate): string {
  const found = approvers.length === 0 ? 'none' : `${approvers.length} (${approvers.join(', ')})`;
  const people = unreadPeople(props, gate).join(', ');
  return people === '' ? found : `${found}, and a review by ${people} that cannot be read`;
}

function lapsedText(lapsed: readonly SignedReview[], { leftAt = 0 }: JudgeProps, { expires }: ApprovalGate): string {
  return lapsed
    .map((review) => {
      const what = review.review?.kind === 'request' ? 'a request' : 'an approval';
      const isLeft = Date.parse(review.time) <= leftAt;
      const why = isLeft ? 'before the alias came back from this content' : `older than ${span(expires)}`;
      return `${what} by ${personIn(review)} of ${review.time}, ${why}`;
    })
    .join(', ');
}

/** 604800 → `7 days` */
function span(seconds: number): string {
  const [count, unit] =
    seconds % 86_400 === 0
      ? [seconds / 86_400, 'day']
      : seconds % 3_600 === 0
        ? [seconds / 3_600, 'hour']
        : [Math.round(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * For each gate as many of its people as it counts, nobody twice: each seat goes to who is free, or to who can be replaced
 * where they sit. The lists are shorter than asked for where that cannot be.
 */
function distinctPeople(
  gates: readonly { readonly gate: ApprovalGate; readonly people: readonly string[] }[],
): string[][] {
  const seats = gates.flatMap(({ gate, people }, index) =>
    Array.from({ length: gate.count }, () => ({ index, people })),
  );
  const taken = new Map<string, number>();
  const sit = (seat: number, asked: Set<string>): boolean =>
    (seats[seat]?.people ?? []).some((person) => {
      if (asked.has(person)) return false;
      asked.add(person);
      const other = taken.get(person);
      if (other !== undefined && !sit(other, asked)) return false;
      taken.set(person, seat);
      return true;
    });
  for (const seat of seats.keys()) sit(seat, new Set());
  const chosen = gates.map((): string[] => []);
  for (const [person, seat] of taken) chosen[seats[seat]?.index ?? 0]?.push(person);
  return chosen.map((people) => people.sort());
}

function personIn({ address }: SignedReview): string {
  return personOf(address.signer);
}

/** S3 tells times by the second: keys decide between reviews of the same one. */
function oldestFirst(reviews: readonly SignedReview[]): SignedReview[] {
  return byKey(reviews).sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}
