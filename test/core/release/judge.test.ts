import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reviewKey } from '../../../core/ledger/layout';
import { personOf, type ReviewKind, type SignedReview, signedReview } from '../../../core/ledger/review';
import type { Gate } from '../../../core/release/gate';
import type { ApprovalGate } from '../../../core/release/gates/approval';
import type { JudgeProps } from '../../../core/release/gates/gate-kind';
import { judge, refused } from '../../../core/release/judge';

/** JUDGEMENTS=20000 for the whole proof. */
const numRuns = Number(process.env.JUDGEMENTS ?? 2_000);

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 11, 2);
const digest = `pd1:${'a1'.repeat(32)}`;
const gate: ApprovalGate = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 1, expires: 7 * 86_400 };

interface Said {
  readonly who: string;
  readonly as: string;
  readonly kind: ReviewKind | 'unreadable';
  readonly number?: number;
  readonly daysAgo?: number;
  readonly role?: string;
}

function written({ who, as, kind, number = 1, daysAgo = 1, role = 'A' }: Said): SignedReview {
  const address = { promptId: 'ABCDEFGHIJ', alias: 'PROD', digest, group: as };
  const signer = `AROA${role.repeat(16)}:${who}`;
  const body = {
    ...{ schema: kind === 'unreadable' ? 9 : 1, kind: kind === 'unreadable' ? 'approve' : kind, group: as },
    ...{ registry: '/prompts/prod', promptId: 'ABCDEFGHIJ', prompt: 'p', alias: 'PROD', digest, version: 3 },
    ...{ live: null, comment: null, time: '2001-01-01T00:00:00Z' },
  };
  const key = reviewKey({ ...address, signer, number });
  const found = signedReview({ key, body: JSON.stringify(body), time: new Date(NOW - daysAgo * DAY) }, '/prompts/prod');
  return found as SignedReview;
}

const props = (said: readonly Said[], gates: readonly Gate[] = [gate], leftAt?: number): JudgeProps => ({
  promptName: 'financial-analysis',
  aliasName: 'PROD',
  target: { version: 3, digest },
  live: null,
  gates,
  reviews: said.map(written),
  now: NOW,
  ...(leftAt !== undefined && { leftAt }),
});

const ask: Said = { who: 'alice', as: 'authors', kind: 'request' };
const agree: Said = { who: 'bob', as: 'risk', kind: 'approve' };
const codes = (said: readonly Said[], gates?: readonly Gate[], leftAt?: number) =>
  judge(props(said, gates, leftAt)).refusals.map(({ code }) => code);
const message = (said: readonly Said[], gates?: readonly Gate[]) => {
  const facts = props(said, gates);
  return refused(facts, judge(facts).refusals).message;
};

/** Nothing older of its signer was read. */
const cut = (said: Said): SignedReview => ({ ...written(said), hasOlder: true });

describe('The judge', () => {
  it('lets through what one asked for and another approved, and says by what', () => {
    const verdict = judge(props([ask, agree]));
    expect(verdict.refusals).toEqual([]);
    expect(verdict.reviews.map(({ address, review }) => [personOf(address.signer), review?.kind])).toEqual([
      ['alice', 'request'],
      ['bob', 'approve'],
    ]);
  });

  it('asks nobody where there is no gate', () => {
    expect(judge(props([], []))).toEqual({ refusals: [], reviews: [] });
  });

  it.each<[string, Said[], string]>([
    ['nobody asked', [], 'ApprovalMissing'],
    ['nobody asked, one agreed', [agree], 'ApprovalMissing'],
    ['nobody agreed', [ask], 'ApprovalMissing'],
    ['an approval in another group', [ask, { ...agree, as: 'authors' }], 'ApprovalMissing'],
    ['an evaluation', [ask, { ...agree, kind: 'evaluate' }], 'ApprovalMissing'],
    ['an approval that cannot be read', [ask, { ...agree, kind: 'unreadable' }], 'ApprovalMissing'],
    [
      'an approval under what cannot be read',
      [ask, agree, { ...agree, kind: 'unreadable', number: 2 }],
      'ApprovalMissing',
    ],
    ['a request under what cannot be read', [ask, { ...ask, kind: 'unreadable', number: 2 }, agree], 'ApprovalMissing'],
    [
      'what another of the group wrote and nobody can read',
      [ask, agree, { ...agree, who: 'carol', kind: 'unreadable' }],
      'ApprovalMissing',
    ],
    [
      'an approval under what another of the group wrote and nobody can read',
      [ask, agree, { ...agree, who: 'carol' }, { ...agree, who: 'carol', kind: 'unreadable', number: 2, daysAgo: 400 }],
      'ApprovalMissing',
    ],
    [
      'what cannot be read, under what the same signer wrote again',
      [ask, { ...agree, kind: 'unreadable' }, { ...agree, number: 2 }],
      '',
    ],
    [
      'what cannot be read, under an evaluation, which takes nothing back',
      [
        ask,
        agree,
        { ...agree, who: 'carol', kind: 'unreadable' },
        { ...agree, who: 'carol', kind: 'evaluate', number: 2 },
      ],
      'ApprovalMissing',
    ],
    [
      'what an author or somebody of no group of the gate wrote and nobody can read',
      [
        ask,
        agree,
        { ...ask, who: 'carol', kind: 'unreadable' },
        { ...agree, who: 'dave', as: 'legal', kind: 'unreadable' },
      ],
      '',
    ],
    ['an approval that was taken back', [ask, agree, { ...agree, kind: 'request', number: 2 }], 'ApprovalMissing'],
    ['her own approval', [ask, { ...agree, who: 'alice' }], 'SelfApproval'],
    ['her own approval in another role', [ask, { ...agree, who: 'Alice', role: 'B' }], 'SelfApproval'],
    ['an old request', [{ ...ask, daysAgo: 8 }, agree], 'ApprovalExpired'],
    ['an old approval', [ask, { ...agree, daysAgo: 8 }], 'ApprovalExpired'],
    ['a rejection', [ask, agree, { ...agree, who: 'carol', kind: 'reject' }], 'Rejected'],
    ['an old rejection', [ask, agree, { ...agree, who: 'carol', kind: 'reject', daysAgo: 400 }], 'Rejected'],
    [
      'a rejection in another role of the same person',
      [ask, agree, { ...agree, role: 'B', kind: 'reject' }],
      'Rejected',
    ],
    [
      'a rejection under what cannot be read',
      [
        ask,
        agree,
        { ...agree, who: 'carol', kind: 'reject' },
        { ...agree, who: 'carol', kind: 'unreadable', number: 2 },
      ],
      'Rejected',
    ],
    ['a rejection by an author', [ask, agree, { ...ask, who: 'carol', kind: 'reject' }], ''],
    ['a rejection that was taken back', [ask, { ...agree, kind: 'reject' }, { ...agree, number: 2 }], ''],
    ['an author who asks and another one too', [ask, { ...ask, who: 'carol', daysAgo: 2 }, agree], ''],
    ['the approver asked last', [ask, { ...ask, who: 'bob', daysAgo: 0 }, agree], 'SelfApproval'],
    [
      'a clock that is behind S3 by a day',
      [
        { ...ask, daysAgo: -1 },
        { ...agree, daysAgo: -1 },
      ],
      '',
    ],
    [
      'on the day',
      [
        { ...ask, daysAgo: 7 },
        { ...agree, daysAgo: 7 },
      ],
      '',
    ],
  ])('%s: %j → %s', (_, said, code) => {
    expect(codes(said)).toEqual(code ? [code] : []);
  });

  it('does not move where what an approver says, or who asked, may be among older reviews', () => {
    const judged = (...reviews: SignedReview[]) => judge({ ...props([]), reviews }).refusals.map(({ code }) => code);
    const [request, approval] = [written(ask), written(agree)];
    const carol = cut({ ...agree, who: 'carol', kind: 'evaluate', number: 9 });
    const pipeline = cut({ ...ask, who: 'deploy', kind: 'evaluate', number: 9 });
    expect(judged(request, approval, carol)).toEqual(['TooManyReviews']);
    expect(judged(approval, pipeline)).toEqual(['TooManyReviews']);
    expect(judged(request, approval, pipeline, cut({ ...agree, as: 'legal', kind: 'evaluate' }))).toEqual([]);
    expect(judged(request, approval, carol, written({ ...agree, who: 'dave', kind: 'reject' }))).toEqual(['Rejected']);
    expect(judge({ ...props([]), reviews: [request, approval, carol] }).refusals[0]?.message).toContain(
      'found more than 100 reviews by carol that ask, approve and reject nothing, older ones are not read: let carol say',
    );
  });

  it('counts different people, two roles of one human once', () => {
    const two = [{ ...gate, count: 2 }];
    expect(codes([ask, agree, { ...agree, role: 'B' }], two)).toEqual(['ApprovalMissing']);
    expect(codes([ask, agree, { ...agree, who: 'BOB', role: 'B' }], two)).toEqual(['ApprovalMissing']);
    expect(codes([ask, agree, { ...agree, who: 'carol' }], two)).toEqual([]);
  });

  it('takes nobody for two gates, and finds who can serve which', () => {
    const legal: ApprovalGate = { ...gate, by: 'legal' };
    const bobs = [agree, { ...agree, as: 'legal' }];
    expect(codes([ask, ...bobs], [gate, legal])).toEqual(['ApprovalMissing']);
    expect(message([ask, ...bobs], [gate, legal])).toContain('who approves for no other gate of the alias, found bob');
    for (const as of ['risk', 'legal']) {
      expect(codes([ask, ...bobs, { ...agree, who: 'carol', as }], [gate, legal])).toEqual([]);
    }
  });

  it('does not take for one gate who asked for another', () => {
    const other: ApprovalGate = { ...gate, askedBy: 'pipelines', by: 'legal' };
    const said = [ask, agree, { ...ask, who: 'bob', as: 'pipelines' }, { ...agree, who: 'carol', as: 'legal' }];
    expect(codes(said, [gate, other])).toEqual(['SelfApproval']);
  });

  it('counts nothing from before the alias last left the content backwards, but rejections', () => {
    expect(codes([ask, agree], [gate], NOW - DAY / 2)).toEqual(['ApprovalExpired']);
    expect(codes([ask, agree], [gate], NOW - DAY)).toEqual(['ApprovalExpired']);
    expect(codes([ask, agree], [gate], NOW - 2 * DAY)).toEqual([]);
    const rejection: Said = { ...agree, who: 'carol', kind: 'reject' };
    expect(codes([{ ...ask, daysAgo: 0 }, { ...agree, daysAgo: 0 }, rejection], [gate], NOW - DAY / 2)).toEqual([
      'Rejected',
    ]);
  });

  it('lets nothing through a gate that it does not know', () => {
    expect(codes([ask, agree], [gate, { gate: 'of-a-later-version' }])).toEqual(['UnknownGate']);
  });

  it('says alias, content, what is missing, who could give it, and the command', () => {
    expect(message([ask])).toBe(
      'alias PROD of prompt financial-analysis cannot move to version 3 (pd1:a1a1a1a1…): expected 1 approval by risk, other than alice (who asked), not older than 7 days, found none; nothing was moved; prompt-registry review financial-analysis PROD --to :3',
    );
    expect(message([])).toBe(
      'alias PROD of prompt financial-analysis cannot move to version 3 (pd1:a1a1a1a1…): expected a request by authors and 1 approval by risk, other than who asked, not older than 7 days, found no request; nothing was moved; prompt-registry request financial-analysis PROD --to :3',
    );
    expect(message([ask, { ...agree, who: 'alice' }])).toContain('found none, and an approval by alice, who asked;');
    expect(message([ask, { ...agree, daysAgo: 8 }])).toContain(
      'found none, and an approval by bob of 2026-11-24T00:00:00.000Z, older than 7 days;',
    );
    expect(message([ask, { ...agree, kind: 'reject' }])).toContain(
      'found a rejection by bob, which stands until its signer writes again;',
    );
    expect(message([ask, { ...agree, kind: 'unreadable' }])).toContain(
      'found none, and a review by bob that cannot be read',
    );
    expect(message([ask, agree, { ...agree, who: 'carol', kind: 'unreadable' }])).toContain(
      'found 1 (bob), and a review by carol that cannot be read, which may be a rejection: let carol write it again;',
    );
  });
});

const people = fc.constantFrom('alice', 'Alice', 'bob', 'carol', 'dave');
const groups = fc.constantFrom('authors', 'risk', 'legal');
const saidByAnyone: fc.Arbitrary<Said> = fc.record({
  who: people,
  as: groups,
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Said['kind']>('request') },
    { weight: 12, arbitrary: fc.constant<Said['kind']>('approve') },
    { weight: 1, arbitrary: fc.constantFrom<Said['kind'][]>('reject', 'unreadable', 'evaluate') },
  ),
  number: fc.integer({ min: 1, max: 3 }),
  daysAgo: fc.oneof(fc.integer({ min: -1, max: 1 }), fc.integer({ min: -1, max: 9 })),
  role: fc.constantFrom('A', 'B'),
});
const anyGate: fc.Arbitrary<ApprovalGate> = fc.record({
  gate: fc.constant('approval' as const),
  askedBy: groups,
  by: groups,
  count: fc.constantFrom(1, 1, 2),
  expires: fc.constantFrom(2 * 86_400, 7 * 86_400),
});

/** By definition, trying everything: is there for each gate one who asked last, and a set of others who agree? */
function mayMove({ gates, reviews, leftAt = Number.NEGATIVE_INFINITY, now }: JudgeProps): boolean {
  const approvals = gates as ApprovalGate[];
  const ofSigner = (group: string, signer: string) =>
    reviews
      .filter(({ address }) => address.group === group && address.signer === signer)
      .filter(({ review }) => review?.kind !== 'evaluate')
      .sort((a, b) => b.address.number - a.address.number);
  const signers = [...new Set(reviews.map(({ address }) => address.signer))];
  const fresh = (found: SignedReview | undefined, kind: string, { expires }: ApprovalGate) =>
    found?.review?.kind === kind && now - Date.parse(found.time) <= expires * 1000 && Date.parse(found.time) > leftAt;
  const askers = approvals.map((gate) => {
    const requests = signers.flatMap((signer) => {
      const [newest] = ofSigner(gate.askedBy, signer);
      return newest && fresh(newest, 'request', gate) ? newest : [];
    });
    return requests.sort((a, b) => b.time.localeCompare(a.time) || b.key.localeCompare(a.key))[0];
  });
  if (askers.some((asker) => asker === undefined)) return false;
  const asked = askers.map((asker) => personOf(asker?.address.signer ?? ''));
  const objects = approvals.some((gate) =>
    signers.some((signer) => {
      const said = ofSigner(gate.by, signer);
      const isUnread = said.length > 0 && said[0]?.review === undefined;
      return isUnread || said.find(({ review }) => review)?.review?.kind === 'reject';
    }),
  );
  if (objects) return false;
  const choices = approvals.map((gate) => [
    ...new Set(
      signers
        .filter((signer) => fresh(ofSigner(gate.by, signer)[0], 'approve', gate))
        .map((signer) => personOf(signer)),
    ),
  ]);
  const seats = approvals.flatMap(({ count }, index) => Array(count).fill(choices[index])) as string[][];
  const seat = (index: number, used: readonly string[]): boolean =>
    index === seats.length ||
    (seats[index] ?? []).some((person) => !used.includes(person) && seat(index + 1, [...used, person]));
  return seat(0, asked);
}

describe('The judge and one that tries everything', () => {
  it('come to the same verdict', () => {
    const verdicts = [0, 0];
    fc.assert(
      fc.property(
        fc.uniqueArray(saidByAnyone, {
          minLength: 2,
          maxLength: 14,
          selector: ({ who, as, role, number }) => [who, as, role, number].join(),
        }),
        fc.array(anyGate, { minLength: 1, maxLength: 2 }),
        fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined, freq: 1 }),
        (said, gates, left) => {
          const facts = props(said, gates, left === undefined ? undefined : NOW - left * DAY - DAY / 2);
          const { refusals, reviews } = judge(facts);
          const expected = mayMove(facts);
          verdicts[Number(expected)] = (verdicts[Number(expected)] ?? 0) + 1;
          expect(refusals.length === 0).toBe(expected);
          // What the record names is enough by itself.
          if (expected) expect(judge({ ...facts, reviews }).refusals).toEqual([]);
        },
      ),
      { numRuns },
    );
    expect(Math.min(...verdicts)).toBeGreaterThan(numRuns / 50);
  });
});
