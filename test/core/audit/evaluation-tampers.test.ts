import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvidence } from '../../../core/audit/evidence';
import type { PairedCounts } from '../../../core/evaluation/paired-interval';
import { verdictOf } from '../../../core/evaluation/verdict';
import type { EvaluationCounts } from '../../../core/ledger/evaluation-counts';
import { ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, recordDigest } from '../../../core/ledger/record';
import type { Passed, PassedReview } from '../../../core/ledger/record-schema-2';
import { formatGatesByAlias } from '../../../core/release/gate';
import { PROMPT_ID } from '../../lambda/events';
import { EVALUATION } from '../../lambda/gated-world';
import { ours, secondVerifier } from './both-verifiers';
import { HonestRegistry, seeded } from './honest-registry';
import { Tampering } from './tampering';

type Agreed = Extract<Passed, { how: 'agreed' }>;

const GATES = { PROD: [EVALUATION] };
const GOOD: PairedCounts = { both: 185, onlyCandidate: 5, onlyLive: 5, neither: 5 };
const WORSE: PairedCounts = { both: 100, onlyCandidate: 0, onlyLive: 95, neither: 5 };

const agreed = ({ passed }: LedgerRecord) => passed as Agreed;
const record = (sequence: number) => ledgerKey(PROMPT_ID, 'PROD', sequence);

function measured(
  registry: HonestRegistry,
  version: number,
  live: number,
  more: Partial<EvaluationCounts> = {},
  who = 'pipeline',
) {
  const counts: EvaluationCounts = {
    ...{ suite: EVALUATION.suite, baseline: live === 0 ? null : registry.digestOf(live), cases: 200, errors: 0 },
    ...{ critical: { cases: 1, failed: [], unnamed: 0 }, rows: 'b2'.repeat(32), runner: 'test' },
    metrics: { exact: live === 0 ? { both: 0, onlyCandidate: 190, onlyLive: 0, neither: 10 } : GOOD },
    ...more,
  };
  return registry.sign({ who, as: 'measured', kind: 'evaluate', version }, counts);
}

/**
 * PROD was released as 1, 2 and 3, each measured against what was live, 2 twice, 3 with another suite by another, and went
 * back to 2.
 */
async function measuredHistory(): Promise<HonestRegistry> {
  const registry = new HonestRegistry(seeded(7), formatGatesByAlias(GATES));
  let prod = 'none';
  for (const version of [1, 2, 3]) {
    await registry.release(prod, `text ${version}`);
    registry.pass(900);
    if (version === 2) measured(registry, 2, 1, { metrics: { exact: WORSE } });
    registry.pass(900);
    measured(registry, version, version - 1);
    registry.pass(900);
    if (version === 3) measured(registry, 3, 2, { suite: `es1:${'00'.repeat(32)}` }, 'nightly');
    registry.pass(900);
    prod = String(version);
    await registry.release(prod);
  }
  await registry.release('2');
  registry.pass(86_400);
  return registry;
}

let theirs: (evidence: AuditEvidence) => string[];
beforeAll(async () => {
  theirs = await secondVerifier();
});

describe('A registry with gates of evaluations that was tampered with', () => {
  let honest: HonestRegistry;
  beforeAll(async () => {
    honest = await measuredHistory();
  });

  const run = (version: number, number = 1) =>
    `${honest.digestOf(version)}/@measured/AROAMEASURED00000001:pipeline/${99_999_999 - number}.json`;
  const named = (t: Tampering, sequence: number, change: (review: PassedReview) => object) =>
    t.retold(sequence, (one) => ({ ...one, passed: { ...agreed(one), reviews: agreed(one).reviews.map(change) } }));
  const passedBy = (t: Tampering, sequence: number, change: (passed: Agreed) => object) =>
    t.retold(sequence, (one) => ({ ...one, passed: { ...agreed(one), ...change(agreed(one)) } }));

  it('is found clean before, by both verifiers', () => {
    const evidence = { ...honest.evidence(), keptGates: { gates: GATES } };
    expect([ours(evidence), theirs(evidence)]).toEqual([[], []]);
    const passed = JSON.parse(honest.bucket.objects.get(record(2)) ?? '{}').passed;
    expect(passed).toMatchObject({ how: 'agreed', runs: 2, reviews: [{ kind: 'evaluate', metrics: { exact: GOOD } }] });
  });

  it.each<[string, string, (t: Tampering) => unknown]>([
    ['counts are made better', 'ConsentMissing', (t) => t.said(run(2, 2), (body) => ({ ...body, errors: 3 }))],
    [
      'the run is of another suite',
      'ConsentMissing',
      (t) => t.said(run(3), (body) => ({ ...body, suite: `es1:${'00'.repeat(32)}` })),
    ],
    [
      'the run compared with another content',
      'ConsentMissing',
      (t) => t.said(run(3), (body) => ({ ...body, baseline: null })),
    ],
    ['the run is deleted for good', 'ConsentMissing', (t) => t.objects(run(3), () => null)],
    ['the run is hidden', 'DeleteMarker', (t) => t.hidden(run(3), new Date(honest.time).toISOString())],
    ['a worse run before is deleted', 'ReviewGap', (t) => t.objects(run(2, 1), () => null)],
    [
      'counts are below zero',
      'BadReview',
      (t) => t.said(run(3), (body) => ({ ...body, metrics: { exact: { ...GOOD, neither: -5 } } })),
    ],
    ['more cases pass than there are', 'BadReview', (t) => t.said(run(3), (body) => ({ ...body, cases: 10 }))],
    [
      'what another member signed since cannot be read',
      'ConsentMissing',
      (t) => t.said(run(3).replace('pipeline', 'nightly'), (body) => ({ ...body, schema: 2 })),
    ],
    [
      'what another member signed since are the counts of no run',
      'ConsentMissing',
      (t) => t.said(run(3).replace('pipeline', 'nightly'), (body) => ({ ...body, cases: 10 })),
    ],
    ['a run says nothing', 'BadReview', (t) => t.said(run(3), ({ metrics, ...body }) => body)],
    [
      'more critical cases failed than there are',
      'BadReview',
      (t) => t.said(run(3), (body) => ({ ...body, critical: { cases: 0, failed: ['a'], unnamed: 0 } })),
    ],
    [
      'the record names other counts',
      'ConsentMissing',
      (t) => named(t, 3, (review) => ({ ...review, metrics: { exact: { ...GOOD, both: 190, neither: 0 } } })),
    ],
    [
      'the record names the run as an approval',
      'ConsentMissing',
      (t) => named(t, 3, (review) => ({ ...review, kind: 'approve' })),
    ],
    ['the record names no run', 'ConsentMissing', (t) => passedBy(t, 3, () => ({ reviews: [] }))],
    [
      'the record names the worse run',
      'ConsentMissing',
      (t) =>
        passedBy(t, 2, ({ reviews }) => {
          const object = t.evidence.objects.find(({ key }) => key.includes(run(2, 1)));
          return { reviews: reviews.map((one) => ({ ...one, key: object?.key ?? '' })) };
        }),
    ],
    [
      'the gate asked for less',
      'GateGone',
      (t) => passedBy(t, 3, () => ({ gates: [{ ...EVALUATION, atLeast: { exact: 0.1 } }] })),
    ],
    [
      'the gate allowed more',
      'GateGone',
      (t) => passedBy(t, 3, () => ({ gates: [{ ...EVALUATION, noWorseThanLive: { exact: 0.5 } }] })),
    ],
    [
      'the gate named another suite',
      'GateGone',
      (t) => passedBy(t, 3, () => ({ gates: [{ ...EVALUATION, suite: `es1:${'00'.repeat(32)}` }] })),
    ],
    ['the move passed no gate', 'GateGone', (t) => passedBy(t, 3, () => ({ gates: [] }))],
    [
      'the gate asked for more than was measured',
      'ConsentMissing',
      (t) => passedBy(t, 3, () => ({ gates: [{ ...EVALUATION, atLeast: { exact: 0.99 } }] })),
    ],
    [
      'the gate asked for a margin that the run does not show',
      'ConsentMissing',
      (t) => passedBy(t, 3, () => ({ gates: [{ ...EVALUATION, noWorseThanLive: { exact: 0.02 } }] })),
    ],
  ])('shows that %s: %s, to both verifiers', (_, finds, change) => {
    const tampering = new Tampering(honest.evidence());
    change(tampering);
    const found = ours(tampering.evidence);
    expect(found.map((one) => one.split(' ')[0])).toContain(finds);
    expect(theirs(tampering.evidence)).toEqual(found);
  });

  it('shows who signed a run that somebody else wrote', () => {
    const t = new Tampering(honest.evidence()).events((event) =>
      event.name === 'PutObject' && String(event.request.key).includes(run(3))
        ? { ...event, identity: { ...event.identity, principalId: 'AROAMEASURED00000001:mallory' } }
        : event,
    );
    expect(ours(t.evidence)).toEqual([expect.stringMatching(/^SignedByOther /)]);
  });

  it('is judged by a second implementation of the interval that agrees', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(400), fc.nat(40), fc.nat(40), fc.nat(40)),
        fc.double({ min: 0.005, max: 0.5, noNaN: true }),
        (cells, margin) => {
          const [both = 0, onlyCandidate = 0, onlyLive = 0, neither = 0] = cells;
          const counts = { both, onlyCandidate, onlyLive, neither };
          const cases = both + onlyCandidate + onlyLive + neither;
          fc.pre(cases > 0 && Math.abs(verdictOf(counts, margin).low + margin) > 1e-9);
          const gate = { ...EVALUATION, atLeast: {}, noWorseThanLive: { exact: margin } };
          const t = new Tampering(honest.evidence());
          t.said(run(3), (body) => ({ ...body, cases: 2_000, metrics: { exact: counts } }));
          const body = t.evidence.objects.find(({ key }) => key.includes(run(3)))?.body ?? '';
          passedBy(t, 3, ({ reviews }) => ({
            gates: [gate],
            reviews: reviews.map((one) => ({ ...one, sha256: recordDigest(body), metrics: { exact: counts } })),
          }));
          const isRefused = (found: readonly string[]) => found.some((one) => one.startsWith('ConsentMissing'));
          const wanted = verdictOf(counts, margin).verdict !== 'not worse';
          expect([isRefused(ours(t.evidence)), isRefused(theirs(t.evidence))]).toEqual([wanted, wanted]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
