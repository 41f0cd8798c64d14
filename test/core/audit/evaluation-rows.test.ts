import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RowsEvidence } from '../../../core/audit/evidence';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { type EvaluationRow, type EvaluationRun, serializeRun } from '../../../core/evaluation/evaluation-row';
import {
  checksOf,
  type EvaluationSide,
  type EvaluationSuite,
  repeatsOf,
  suiteDigest,
} from '../../../core/evaluation/evaluation-suite';
import { keptRun } from '../../../core/evaluation/kept-run';
import { evaluationCounts } from '../../../core/ledger/evaluation-counts';
import type { Evaluation } from '../../../core/ledger/review';
import { HonestRegistry, PROMPT, seeded } from './honest-registry';

const check = { check: 'contains-all', of: 'expected' };
const SUITE: EvaluationSuite = {
  cases: Array.from({ length: 12 }, (_, index) => ({
    ...{ id: `c${index}`, variables: {}, expected: 'x' },
    ...(index < 2 && { critical: true as const }),
    ...(index % 3 === 0 && { tags: ['short'] }),
    ...(index === 5 && { checks: [check] }),
  })),
  metrics: [
    { name: 'says', check },
    { name: 'brief', check, only: ['short'] },
  ],
  repeats: 3,
};
const FOREIGN = `pd1:${'0f'.repeat(32)}`;

type Passes = (side: EvaluationSide, id: string, metric: string, repeat: number) => boolean;

function rowsOf(suite: EvaluationSuite, sides: readonly EvaluationSide[], passes: Passes): EvaluationRow[] {
  return suite.cases.flatMap((one) =>
    sides.flatMap((side) =>
      Array.from({ length: repeatsOf(suite, one, side) }, (_, index): EvaluationRow => {
        const repeat = index + 1;
        const metrics = checksOf(suite, one).map(([name]) => {
          const pass = passes(side, one.id, name, repeat);
          return [name, { pass, reason: pass ? null : 'no' }] as const;
        });
        const figures = { inputTokens: 1, outputTokens: 1, latencyMs: 7 };
        const answer = { text: `${one.id} ${side} ${repeat}`, toolCalls: [], stopReason: 'end_turn', ...figures };
        return { side, case: one.id, repeat, error: null, answer, metrics: Object.fromEntries(metrics) };
      }),
    ),
  );
}

describe('The rows of signed evaluations', () => {
  let registry: HonestRegistry;
  beforeAll(async () => {
    registry = new HonestRegistry(seeded(3));
    for (const version of [1, 2]) {
      registry.pass(40_000);
      const [text, token] = [`text ${version}`, `exec-${version}`];
      const targets = { PROD: 'none', STAGING: String(version) };
      expect(await registry.deploy({ stack: 'Prompts', token, text, targets })).toBe('done');
    }
    registry.pass(900);
  });

  const runOf = (suite: EvaluationSuite, rows: readonly EvaluationRow[]): EvaluationRun => {
    const content = (version: number) => ({
      ...{ label: `:${version}`, digest: registry.digestOf(version), version, model: null },
    });
    const time = new Date(registry.time - 60_000).toISOString();
    const head = { prompt: PROMPT, suite: suiteDigest(suite), candidate: content(2), live: content(1) };
    return { ...head, time, advisory: [], rows };
  };
  const honest = () =>
    runOf(
      SUITE,
      rowsOf(SUITE, ['candidate', 'live'], (side, id) => side === 'live' || id !== 'c4'),
    );

  /** Findings of an audit of a registry in which this was signed, and this kept. */
  function found(signed: Partial<Evaluation>, kept: readonly string[]): string[] {
    const key = registry.sign({ who: 'pipeline', as: 'measured', kind: 'evaluate', version: 2 }, signed);
    try {
      const rows = kept.map((source, index): RowsEvidence => ({ place: `${index}.jsonl`, run: keptRun(source, 'x') }));
      const { findings } = verifyEvidence({ ...registry.evidence(), rows });
      return findings.map(({ problem, object, message }) => {
        expect(object).toBe(key);
        return `${problem}: ${message}`;
      });
    } finally {
      registry.bucket.objects.delete(key);
    }
  }
  const signed = (run: EvaluationRun, suite = SUITE) => evaluationCounts(suite, run, 'test');
  const told = (problem: string) => [expect.stringMatching(new RegExp(`^${problem}: `))];

  it('are those that were signed', () => {
    const run = honest();
    expect(found(signed(run), [serializeRun(run)])).toEqual([]);
    // Time that an answer took, order and a line of time do not count.
    const slower = run.rows
      .toReversed()
      .map((one) => ({ ...one, answer: one.answer && { ...one.answer, latencyMs: 9 } }));
    expect(found(signed(run), [serializeRun({ ...run, time: new Date(0).toISOString(), rows: slower })])).toEqual([]);
  });

  const line = (source: string, index: number, change: (text: string) => string[]) =>
    source
      .split('\n')
      .flatMap((text, at) => (at === index ? change(text) : [text]))
      .join('\n');

  it.each<[string, string, (source: string) => string]>([
    ['an answer was edited', 'RowsDiffer', (source) => line(source, 3, (text) => [text.replace('c', 'd')])],
    [
      'a verdict was edited',
      'RowsDiffer',
      (source) => source.replace('"pass":false,"reason":"no"', '"pass":true,"reason":null'),
    ],
    ['a row is missing', 'RowsDiffer', (source) => line(source, 4, () => [])],
    ['a row is there twice', 'RowsDiffer', (source) => line(source, 4, (text) => [text, text])],
    ['all rows are missing', 'RowsDiffer', (source) => `${source.split('\n')[0]}\n`],
    ['a row is no row', 'RowsDiffer', (source) => line(source, 4, (text) => [text.slice(0, 40)])],
    [
      'they are of another suite',
      'RowsElsewhere',
      (source) => source.replace(/es1:[0-9a-f]{64}/, `es1:${'00'.repeat(32)}`),
    ],
    ['they are of another content', 'RowsElsewhere', (source) => source.replace(registry.digestOf(2), FOREIGN)],
    ['they compared with another content', 'RowsElsewhere', (source) => source.replace(registry.digestOf(1), FOREIGN)],
    ['they compared with nothing', 'RowsElsewhere', (source) => source.replace(/"live":\{[^}]*\}/, '"live":null')],
    [
      'they are of another prompt',
      'RowsElsewhere',
      (source) => source.replace(`"prompt":"${PROMPT}"`, '"prompt":"other"'),
    ],
    ['the run is advisory', 'RowsElsewhere', (source) => source.replace('"advisory":[]', '"advisory":["only a part"]')],
  ])('are found where %s: %s', (_, problem, change) => {
    const run = honest();
    const kept = change(serializeRun(run));
    expect(kept).not.toBe(serializeRun(run));
    expect(found(signed(run), [kept])).toEqual(told(problem));
  });

  it.each<[string, (counts: Evaluation) => Partial<Evaluation>]>([
    [
      'passes',
      ({ metrics }) => ({ metrics: { ...metrics, says: { both: 12, onlyCandidate: 0, onlyLive: 0, neither: 0 } } }),
    ],
    [
      'a metric more',
      ({ metrics }) => ({ metrics: { ...metrics, more: { both: 1, onlyCandidate: 0, onlyLive: 0, neither: 0 } } }),
    ],
    [
      'a metric of those that all objects have',
      ({ metrics }) => ({ metrics: { ...metrics, constructor: metrics.says } as Evaluation['metrics'] }),
    ],
    ['a metric less', ({ metrics: { brief, ...metrics } }) => ({ metrics })],
    ['cases', () => ({ cases: 13 })],
    ['errors', () => ({ errors: 1 })],
    ['critical cases', () => ({ critical: { cases: 3, failed: [], unnamed: 0 } })],
    ['failures', () => ({ critical: { cases: 2, failed: [], unnamed: 1 } })],
  ])('show made-up counts: %s', (_, change) => {
    const run = honest();
    const counts = signed(run);
    expect(found({ ...counts, ...change(counts as Evaluation) }, [serializeRun(run)])).toEqual(told('CountsDiffer'));
  });

  it('show which critical case failed', () => {
    const rows = rowsOf(
      SUITE,
      ['candidate', 'live'],
      (side, id, _, repeat) => side === 'live' || id !== 'c1' || repeat < 3,
    );
    const run = runOf(SUITE, rows);
    const counts = signed(run);
    expect(found(counts, [serializeRun(run)])).toEqual([]);
    const other = { ...counts, critical: { ...counts.critical, failed: ['c0'] } };
    expect(found(other, [serializeRun(run)])).toEqual([
      expect.stringContaining('critical cases that failed c0, by the rows not'),
    ]);
    const none = { ...counts, critical: { ...counts.critical, failed: [] } };
    expect(found(none, [serializeRun(run)])).toEqual([
      expect.stringContaining('failed critical cases 0, by the rows 1'),
    ]);
  });

  it('of a run against nothing hold no answers of what is live', () => {
    const run = honest();
    const alone = { ...run, live: null };
    expect(found(signed(alone), [serializeRun(alone)])).toEqual([
      expect.stringMatching(/^RowsElsewhere: .*with answers of something that is live/),
    ]);
    const own = { ...alone, rows: run.rows.filter(({ side }) => side === 'candidate') };
    expect(found(signed(own), [serializeRun(own)])).toEqual([]);
  });

  it('are not taken for those of another run: a later one, one of something else, or where the right ones are there', () => {
    const run = honest();
    const later = { ...run, time: new Date(registry.time + 86_400_000).toISOString(), rows: run.rows.slice(1) };
    const other = { ...run, suite: `es1:${'00'.repeat(32)}`, rows: run.rows.slice(1) };
    const before = { ...run, rows: run.rows.slice(1) };
    expect(found(signed(run), [serializeRun(later), serializeRun(other)])).toEqual([]);
    expect(found(signed(run), [serializeRun(before), serializeRun(run)])).toEqual([]);
    expect(found(signed(run), [])).toEqual([]);
  });

  it('come to the counts that were signed, whatever the suite and the answers', () => {
    const tag = fc.constantFrom('a', 'b');
    const one = fc.record({ tags: fc.uniqueArray(tag), critical: fc.boolean(), own: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat(9)),
        (cases, repeats, hasAll, dice) => {
          const suite: EvaluationSuite = {
            cases: cases.map(({ tags, critical, own }, index) => ({
              ...{ id: `c${index}`, variables: {}, tags },
              ...(critical && { critical: true as const }),
              ...(own && { checks: [check] }),
            })),
            metrics: [
              ...(hasAll || !cases.some(({ own, tags }) => own || tags.includes('a')) ? [{ name: 'all', check }] : []),
              ...(cases.some(({ tags }) => tags.includes('a')) ? [{ name: 'some', check, only: ['a'] }] : []),
            ],
            repeats,
          };
          const draw = () => Number(dice.next().value);
          const rows = rowsOf(suite, ['candidate', 'live'], () => draw() > 2).map((row): EvaluationRow => {
            if (draw() > 0) return row;
            const metrics = Object.fromEntries(
              Object.keys(row.metrics).map((name) => [name, { pass: false, reason: 'no' }]),
            );
            return { ...row, answer: null, error: 'no answer', metrics };
          });
          const run = runOf(suite, rows);
          expect(found(signed(run, suite), [serializeRun(run)])).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
