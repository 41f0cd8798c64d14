import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PairedCounts } from '../../../core/evaluation/paired-interval';
import { reviewKey } from '../../../core/ledger/layout';
import { type SignedReview, signedReview } from '../../../core/ledger/review';
import { checkGate, type Gate, groupsOf, parseGates, runnersOf } from '../../../core/release/gate';
import type { ApprovalGate } from '../../../core/release/gates/approval';
import type { EvaluationGate } from '../../../core/release/gates/evaluation';
import type { JudgeProps } from '../../../core/release/gates/gate-kind';
import { kindOf } from '../../../core/release/gates/kinds';
import { judge, refused } from '../../../core/release/judge';

/** JUDGEMENTS=20000 for the whole proof. */
const numRuns = Number(process.env.JUDGEMENTS ?? 2_000);

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 11, 2);
const digest = `pd1:${'a1'.repeat(32)}`;
const live = `pd1:${'b2'.repeat(32)}`;
const suite = `es1:${'c3'.repeat(32)}`;
const gate: EvaluationGate = {
  ...{ gate: 'evaluation', by: 'measured', suite },
  ...{ atLeast: { exact: 0.9 }, noWorseThanLive: { exact: 0.1 } },
};

const gateOf = (fields: Partial<EvaluationGate>): EvaluationGate => ({ ...gate, ...fields });

const EQUAL: PairedCounts = { both: 190, onlyCandidate: 5, onlyLive: 5, neither: 0 };

interface Run {
  readonly who?: string;
  readonly number?: number;
  readonly daysAgo?: number;
  readonly group?: string;
  readonly fields?: Record<string, unknown>;
}

function signed({
  who = 'pipeline',
  number = 1,
  daysAgo = 1,
  group = 'measured',
  fields = {},
}: Run = {}): SignedReview {
  const address = { promptId: 'ABCDEFGHIJ', alias: 'PROD', digest, group };
  const body = {
    ...{ schema: 1, kind: 'evaluate', group, registry: '/prompts/prod', promptId: 'ABCDEFGHIJ', prompt: 'p' },
    ...{ alias: 'PROD', digest, version: 3, live, comment: null, time: '2001-01-01T00:00:00Z' },
    ...{ suite, baseline: live, cases: 200, critical: { cases: 2, failed: [], unnamed: 0 }, errors: 0 },
    ...{ metrics: { exact: EQUAL }, rows: 'd4'.repeat(32), runner: 'cdk-prompt-registry/0.1.0', ...fields },
  };
  const key = reviewKey({ ...address, signer: `AROAPIPELINE00000001:${who}`, number });
  const time = new Date(NOW - daysAgo * DAY);
  return signedReview({ key, body: JSON.stringify(body), time }, '/prompts/prod') as SignedReview;
}

const facts = (reviews: readonly SignedReview[], more: Partial<JudgeProps> = {}): JudgeProps => ({
  ...{ promptName: 'financial-analysis', aliasName: 'PROD', target: { version: 3, digest }, live },
  ...{ gates: [gate], reviews, now: NOW, ...more },
});
const codes = (reviews: readonly SignedReview[], more?: Partial<JudgeProps>) =>
  judge(facts(reviews, more)).refusals.map(({ code }) => code);
const message = (reviews: readonly SignedReview[], more?: Partial<JudgeProps>) => {
  const props = facts(reviews, more);
  return refused(props, judge(props).refusals).message;
};
const counted = (counts: PairedCounts, more: Record<string, unknown> = {}) => ({ metrics: { exact: counts }, ...more });
const WORSE: PairedCounts = { both: 100, onlyCandidate: 0, onlyLive: 95, neither: 5 };
const TEN_POINTS: PairedCounts = { both: 40, onlyCandidate: 3, onlyLive: 8, neither: 0 };
/** Nothing older of its signer was read. */
const cut = (run: SignedReview): SignedReview => ({ ...run, hasOlder: true });

describe('A gate of evaluations', () => {
  it('lets through what a run says is good enough, and says by which and how many there were', () => {
    const newest = signed({ number: 2 });
    expect(judge(facts([signed(), newest]))).toEqual({ refusals: [], reviews: [newest], runs: 2 });
  });

  it.each<[string, SignedReview[], string, Partial<JudgeProps>?]>([
    ['nobody ran it', [], 'EvaluationMissing'],
    ['another suite', [signed({ fields: { suite: `es1:${'00'.repeat(32)}` } })], 'EvaluationMissing'],
    ['another group', [signed({ group: 'risk' })], 'EvaluationMissing'],
    ['an approval of the group', [signed({ fields: { kind: 'approve' } })], 'EvaluationMissing'],
    ['counts of another registry', [signed({ fields: { registry: '/prompts/dev' } })], 'EvaluationMissing'],
    ['counts of another prompt', [signed({ fields: { promptId: 'KLMNOPQRST' } })], 'EvaluationMissing'],
    ['counts of another content', [signed({ fields: { digest: live } })], 'EvaluationMissing'],
    ['counts for another alias', [signed({ fields: { alias: 'STAGING' } })], 'EvaluationMissing'],
    ['counts of a newer schema', [signed({ fields: { schema: 2 } })], 'EvaluationMissing'],
    ['no counts', [signed({ fields: { metrics: undefined } })], 'EvaluationMissing'],
    ['more cases than there are', [signed({ fields: { cases: 100 } })], 'EvaluationMissing'],
    ['cases below zero', [signed({ fields: counted({ ...EQUAL, onlyLive: -5 }) })], 'EvaluationMissing'],
    ['halves of cases', [signed({ fields: counted({ ...EQUAL, onlyLive: 0.5 }) })], 'EvaluationMissing'],
    ['counts as texts', [signed({ fields: counted({ ...EQUAL, both: '9' as never }) })], 'EvaluationMissing'],
    [
      'a metric of no case',
      [signed({ fields: counted({ both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 }) })],
      'EvaluationMissing',
    ],
    [
      'more critical cases failed than there are',
      [signed({ fields: { critical: { cases: 0, failed: ['a'], unnamed: 0 } } })],
      'EvaluationMissing',
    ],
    ['without the metric', [signed({ fields: { metrics: { brief: EQUAL } } })], 'EvaluationMissing'],
    [
      'a metric that every object has',
      [signed()],
      'EvaluationMissing',
      { gates: [gateOf({ atLeast: JSON.parse('{"constructor": 0.5}') })] },
    ],
    ['compared with another content', [signed({ fields: { baseline: digest } })], 'StaleBaseline'],
    [
      'compared with nothing',
      [
        signed({
          fields: { baseline: null, metrics: { exact: { ...EQUAL, both: 0, onlyLive: 0, onlyCandidate: 200 } } },
        }),
      ],
      'StaleBaseline',
    ],
    ['what was live is nothing now', [signed()], 'StaleBaseline', { live: null }],
    ['half of it is lost', [signed({ fields: counted(WORSE) })], 'BelowThreshold'],
    [
      'too few pass',
      [signed({ fields: counted({ both: 179, onlyCandidate: 0, onlyLive: 5, neither: 16 }) })],
      'BelowThreshold',
    ],
    ['just enough pass', [signed({ fields: counted({ both: 178, onlyCandidate: 2, onlyLive: 5, neither: 15 }) })], ''],
    [
      'a critical case failed',
      [signed({ fields: { critical: { cases: 2, failed: ['amzn'], unnamed: 0 } } })],
      'BelowThreshold',
    ],
    [
      'too few cases',
      [signed({ fields: counted({ both: 20, onlyCandidate: 0, onlyLive: 0, neither: 0 }) })],
      'Inconclusive',
    ],
    ['ten points lost, not significant by the usual test', [signed({ fields: counted(TEN_POINTS) })], 'BelowThreshold'],
    [
      'the same, without a threshold',
      [signed({ fields: counted(TEN_POINTS) })],
      'Inconclusive',
      { gates: [gateOf({ atLeast: {} })] },
    ],
    [
      'a good run, then a bad one',
      [signed(), signed({ number: 2, daysAgo: 0, fields: counted(WORSE) })],
      'BelowThreshold',
    ],
    ['a bad run, then a good one', [signed({ fields: counted(WORSE) }), signed({ number: 2, daysAgo: 0 })], ''],
    [
      'a good run, then a bad one by another',
      [signed(), signed({ who: 'nightly', daysAgo: 0, fields: counted(WORSE) })],
      'BelowThreshold',
    ],
    [
      'a good run, then one of another suite',
      [signed(), signed({ number: 2, daysAgo: 0, fields: { suite: `es1:${'00'.repeat(32)}` } })],
      '',
    ],
    [
      'a good run, then one against another content',
      [signed(), signed({ number: 2, daysAgo: 0, fields: { baseline: digest } })],
      '',
    ],
    [
      'a good run under what cannot be read',
      [signed(), signed({ number: 2, daysAgo: 0, fields: { schema: 2 } })],
      'EvaluationMissing',
    ],
    ['a good run over what cannot be read', [signed({ fields: { schema: 2 } }), signed({ number: 2, daysAgo: 0 })], ''],
    [
      'a good run, and what cannot be read by another',
      [signed(), signed({ who: 'bob', daysAgo: 0, fields: { schema: 2 } })],
      'EvaluationMissing',
    ],
    [
      'a good run, and counts that no run has by another',
      [signed(), signed({ who: 'bob', daysAgo: 0, fields: { cases: 100 } })],
      'EvaluationMissing',
    ],
    [
      'a good run, and what cannot be read by another of the same second',
      [signed(), signed({ who: 'bob', fields: { schema: 2 } })],
      'EvaluationMissing',
    ],
    [
      'a good run after what cannot be read by another',
      [signed({ daysAgo: 0 }), signed({ who: 'bob', number: 7, fields: { schema: 2 } })],
      '',
    ],
    [
      'a good run of the second of what cannot be read, by the same',
      [signed({ fields: { schema: 2 } }), signed({ number: 2 })],
      '',
    ],
    [
      'a good run, and what cannot be read by another group',
      [signed(), signed({ who: 'bob', daysAgo: 0, group: 'risk', fields: { schema: 2 } })],
      '',
    ],
    ['before the alias came back from it', [signed()], 'EvaluationMissing', { leftAt: NOW - DAY }],
    ['since the alias came back from it', [signed()], '', { leftAt: NOW - 2 * DAY }],
    ['a year ago', [signed({ daysAgo: 365 })], ''],
    [
      'unread runs of its signer',
      [cut(signed({ number: 101, fields: { suite: `es1:${'00'.repeat(32)}` } }))],
      'TooManyReviews',
    ],
    [
      'unread runs of another signer',
      [signed(), cut(signed({ who: 'bob', number: 101, fields: { baseline: digest } }))],
      'TooManyReviews',
    ],
    ['unread runs behind one that counts', [cut(signed({ number: 101 }))], ''],
  ])('%s → %s', (_, reviews, code, more) => {
    expect(codes(reviews, more)).toEqual(code ? [code] : []);
  });

  it('asks for no comparison where nothing is live', () => {
    const first = (passed: number) =>
      signed({
        fields: { baseline: null, ...counted({ both: 0, onlyCandidate: passed, onlyLive: 0, neither: 200 - passed }) },
      });
    expect(codes([first(190)], { live: null })).toEqual([]);
    expect(codes([first(170)], { live: null })).toEqual(['BelowThreshold']);
    expect(codes([], { live: null })).toEqual(['EvaluationMissing']);
    expect(message([], { live: null })).toMatch(
      /evaluate financial-analysis --candidate :3 --for PROD --sign measured$/,
    );
  });

  it('stands beside other gates, and its runs approve nothing', () => {
    const approval: ApprovalGate = { gate: 'approval', askedBy: 'authors', by: 'measured', count: 1, expires: 3_600 };
    expect(codes([signed()], { gates: [approval, gate] })).toEqual(['ApprovalMissing']);
    expect(groupsOf([approval, gate])).toEqual(['authors', 'measured']);
    expect([runnersOf([approval, gate]), runnersOf([approval])]).toEqual([['measured'], []]);
    expect(judge(facts([], { gates: [] }))).toEqual({ refusals: [], reviews: [] });
  });

  it('says what is expected, the number, the suite and the way on', () => {
    expect(message([])).toBe(
      'alias PROD of prompt financial-analysis cannot move to version 3 (pd1:a1a1a1a1…): expected an evaluation by measured of suite es1:c3c3c3c3…, compared with pd1:b2b2b2b2…, which is live (exact at least 90 %, exact not worse by 10 points, all critical cases), found none; nothing was moved; prompt-registry evaluate financial-analysis --candidate :3 --against @PROD --sign measured',
    );
    expect(
      message(
        [
          signed(),
          signed({ number: 2, fields: { baseline: digest } }),
          signed({ number: 3, fields: { baseline: digest } }),
        ].slice(1),
      ),
    ).toContain(
      'found 2 runs, the newest by pipeline of 2026-12-01T00:00:00.000Z, which compared with pd1:a1a1a1a1…: run it again',
    );
    expect(message([signed({ fields: counted({ both: 40, onlyCandidate: 2, onlyLive: 3, neither: 0 }) })])).toMatch(
      /found 1 run, the newest by pipeline of 2026-12-01T00:00:00\.000Z: exact 95\.6 % → 93\.3 %, −2\.2 points, 95 % −\d+\.\d … \+\d+\.\d: inconclusive by 10 points, about \d+ such cases would decide, 45 cases;/,
    );
    const failed = { cases: 30, failed: ['a', 'b', 'c', 'd', 'e', 'f'], unnamed: 4 };
    expect(message([signed({ fields: { critical: failed } })])).toContain(
      '10 of 30 critical cases failed (a, b, c, d, e, 5 more)',
    );
    expect(message([signed({ fields: { schema: 2 } })])).toContain(
      'found none, and a review by pipeline that cannot be read',
    );
    expect(message([signed()], { leftAt: NOW })).toContain(
      'before the alias came back from this content: run it again',
    );
  });

  it.each([
    ['shares above 1', { ...gate, atLeast: { exact: 1.01 } }],
    ['shares of nothing', { ...gate, atLeast: { exact: 0 } }],
    ['shares that are none', { ...gate, atLeast: { exact: Number.NaN } }],
    ['a margin of everything', { ...gate, noWorseThanLive: { exact: 1 } }],
    ['a margin below zero', { ...gate, noWorseThanLive: { exact: -0.1 } }],
    ['shares as texts', { ...gate, atLeast: { exact: '0.9' } }],
    ['lists of shares', { ...gate, atLeast: [0.9] }],
    ['a digest of a content', { ...gate, suite: digest }],
    ['a path', { ...gate, suite: 'prompts/x.eval.yaml' }],
    ['a field that is not known', { ...gate, maxAge: 3 }],
    ['a field less', { ...gate, atLeast: undefined }],
  ])('cannot have %s', (_, bad) => {
    expect(() => checkGate(bad as unknown as Gate)).toThrow(expect.objectContaining({ code: 'InvalidGate' }));
    expect(() => parseGates(JSON.stringify([bad]))).toThrow(expect.objectContaining({ code: 'InvalidGate' }));
  });

  it('is as strict as another that demands no more', () => {
    const isAsStrict = (a: EvaluationGate, b: EvaluationGate) => kindOf(gate)?.isAsStrict(a, b);
    expect(isAsStrict(gate, gate)).toBe(true);
    expect(isAsStrict({ ...gate, atLeast: { exact: 0.95, brief: 0.5 } }, gate)).toBe(true);
    expect(isAsStrict({ ...gate, noWorseThanLive: { exact: 0.05 } }, gate)).toBe(true);
    for (const looser of [
      { ...gate, atLeast: {} },
      { ...gate, atLeast: { exact: 0.89 } },
      { ...gate, noWorseThanLive: {} },
      { ...gate, noWorseThanLive: { exact: 0.11 } },
      { ...gate, by: 'anybody' },
      { ...gate, suite: `es1:${'00'.repeat(32)}` },
    ])
      expect(isAsStrict(looser, gate), JSON.stringify(looser)).toBe(false);
  });
});

const someRun = fc.record({
  who: fc.constantFrom('pipeline', 'nightly'),
  daysAgo: fc.nat({ max: 4 }),
  suite: fc.constantFrom(suite, `es1:${'00'.repeat(32)}`),
  baseline: fc.constantFrom<(string | null)[]>(live, digest),
  group: fc.constantFrom('measured', 'measured', 'risk'),
  counts: fc.constantFrom(EQUAL, WORSE, TEN_POINTS),
  critical: fc.boolean(),
  isReadable: fc.boolean(),
});

describe('The judge of runs', () => {
  it('is equal to one that looks for a run with nothing newer that could speak against it', () => {
    fc.assert(
      fc.property(fc.array(someRun, { maxLength: 7 }), fc.option(fc.nat({ max: 4 })), (found, left) => {
        // Oldest first: a signer's numbers go with time.
        const runs = [...found].sort((a, b) => b.daysAgo - a.daysAgo);
        const numbers = new Map<string, number>();
        const reviews = runs.map(({ who, daysAgo, group, counts, critical, isReadable, ...fields }) => {
          const number = (numbers.get(`${who} ${group}`) ?? 0) + 1;
          numbers.set(`${who} ${group}`, number);
          const schema = isReadable ? 1 : 2;
          const failed = critical ? ['a'] : [];
          const more = { ...fields, schema, ...counted(counts), critical: { cases: 1, failed, unnamed: 0 } };
          // A second apart, so that none is of the same.
          return { ...signed({ who, number, group, daysAgo, fields: more }) };
        });
        const times = reviews.map((review, index) => ({
          ...review,
          time: new Date(Date.parse(review.time) + index * 1_000).toISOString(),
        }));
        const leftAt = left === null ? undefined : NOW - left * DAY;
        const isGood = times.some((review, index) => {
          const run = runs[index];
          const counts = run?.isReadable && run.suite === suite && run.baseline === live && run.group === 'measured';
          if (!run || !counts || (leftAt !== undefined && Date.parse(review.time) <= leftAt)) return false;
          const later = runs.slice(index + 1).filter(({ group }) => group === 'measured');
          const isLast = !later.some(
            (other) => !other.isReadable || (other.suite === suite && other.baseline === live),
          );
          return isLast && !run.critical && run.counts === EQUAL;
        });
        const verdict = judge(facts(times, { leftAt }));
        expect(verdict.refusals.length === 0).toBe(isGood);
        const ofSuite = runs.filter((run) => run.isReadable && run.suite === suite && run.group === 'measured');
        if (isGood) expect(verdict.runs).toBe(ofSuite.length);
      }),
      { numRuns },
    );
  });
});
