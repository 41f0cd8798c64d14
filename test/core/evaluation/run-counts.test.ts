import { describe, expect, it } from 'vitest';
import type { EvaluationRow } from '../../../core/evaluation/evaluation-row';
import type { EvaluationSide, EvaluationSuite } from '../../../core/evaluation/evaluation-suite';
import { runCounts } from '../../../core/evaluation/run-counts';
import { verdictOf } from '../../../core/evaluation/verdict';

const check = { check: 'contains-all', of: 'expected' };
const suite: EvaluationSuite = {
  cases: [
    { id: 'a', variables: {}, expected: 'one', critical: true },
    { id: 'b', variables: {}, expected: 'two', tags: ['short'] },
    { id: 'c', variables: {}, expected: 'three', checks: [check] },
  ],
  metrics: [
    { name: 'says', check },
    { name: 'brief', check, only: ['short'] },
  ],
  repeats: 3,
};
const METRICS: Record<string, string[]> = { a: ['says'], b: ['says', 'brief'], c: ['says', 'checks'] };

function row(side: EvaluationSide, id: string, pass: boolean, repeat = 1): EvaluationRow {
  const result = { pass, reason: pass ? null : 'no' };
  return {
    ...{ side, case: id, repeat, error: null },
    answer: { text: 'x', toolCalls: [], stopReason: 'end_turn', inputTokens: 1, outputTokens: 1, latencyMs: 1 },
    metrics: Object.fromEntries((METRICS[id] ?? []).map((name) => [name, result])),
  };
}

const isOf =
  (side: EvaluationSide, id: string, repeat = 1) =>
  (one: EvaluationRow) =>
    one.side === side && one.case === id && one.repeat === repeat;
const without = (...of: Parameters<typeof isOf>) => RIGHT.filter((one) => !isOf(...of)(one));
const changed = (fields: Partial<EvaluationRow>, ...of: Parameters<typeof isOf>) =>
  RIGHT.map((one) => (isOf(...of)(one) ? { ...one, ...fields } : one));

const RIGHT = [
  ...[1, 2, 3].map((repeat) => row('candidate', 'a', true, repeat)),
  ...[row('live', 'a', true), row('candidate', 'b', true), row('live', 'b', false)],
  ...[row('candidate', 'c', true), row('live', 'c', true)],
];

const counts = (both: number, onlyCandidate: number, onlyLive: number, neither: number) => ({
  ...{ both, onlyCandidate, onlyLive, neither },
});

describe('The counts of a run', () => {
  it('pair each case, of those that a metric is about', () => {
    expect(runCounts(suite, RIGHT, true)).toEqual({
      ...{ cases: 3, criticalCases: 1, criticalFailed: [], errors: 0, flaky: [] },
      metrics: { says: counts(2, 1, 0, 0), brief: counts(0, 1, 0, 0), checks: counts(1, 0, 0, 0) },
    });
  });

  it.each<[string, (...of: Parameters<typeof isOf>) => EvaluationRow[]]>([
    ['is missing', without],
    ['is there twice', (...of) => [...RIGHT, ...RIGHT.filter(isOf(...of))]],
    ['has no answer', (...of) => changed({ answer: null, error: 'ThrottlingException', metrics: {} }, ...of)],
    ['could not be judged', (...of) => changed({ error: 'the judge failed a control' }, ...of)],
    ['lacks its metrics', (...of) => changed({ metrics: {} }, ...of)],
  ])('count a case against the candidate whose row %s, on either side', (what, rows) => {
    const candidate = runCounts(suite, rows('candidate', 'c'), true);
    expect(candidate.metrics.says).toEqual(counts(1, 1, 1, 0));
    // What is live did not pass b: where nobody knows, it did.
    const live = runCounts(suite, rows('live', 'b'), true);
    expect(live.metrics.says).toEqual(counts(3, 0, 0, 0));
    for (const found of [candidate, live]) expect(found.errors).toBe(what === 'lacks its metrics' ? 0 : 1);
    expect(runCounts(suite, rows('candidate', 'a', 3), true).criticalFailed).toEqual(['a']);
  });

  it('fail a critical case that nothing judges', () => {
    const [, ...others] = suite.cases;
    const unjudged = { ...suite, cases: [{ id: 'a', variables: {}, critical: true as const }, ...others] };
    const metrics = suite.metrics.filter(({ only }) => only);
    expect(runCounts({ ...unjudged, metrics }, RIGHT, true).criticalFailed).toEqual(['a']);
  });

  it('ask a critical case each time, and name those that flip', () => {
    const failed = runCounts(
      suite,
      changed({ metrics: row('candidate', 'a', false).metrics }, 'candidate', 'a', 2),
      true,
    );
    expect([failed.criticalFailed, failed.flaky]).toEqual([['a'], ['a']]);
    expect(failed.metrics.says).toEqual(counts(2, 1, 0, 0));
    const never = RIGHT.map((one) =>
      one.case === 'a' ? { ...one, metrics: row('candidate', 'a', false).metrics } : one,
    );
    expect(runCounts(suite, never, true)).toMatchObject({ criticalFailed: ['a'], flaky: [] });
  });

  it('hold rows of no case for nothing', () => {
    expect(runCounts(suite, [...RIGHT, row('candidate', 'd', true), row('candidate', 'b', true, 2)], true)).toEqual(
      runCounts(suite, RIGHT, true),
    );
  });

  it('compare with nothing where nothing is live', () => {
    expect(runCounts(suite, RIGHT, false).metrics.says).toEqual(counts(0, 3, 0, 0));
    expect(runCounts(suite, [], false)).toMatchObject({ errors: 5, criticalFailed: ['a'] });
  });

  it('let a candidate be no worse than what cannot be asked any more, if it passes nearly all', () => {
    const many: EvaluationSuite = {
      ...{ metrics: suite.metrics.slice(0, 1), repeats: 3 },
      cases: Array.from({ length: 200 }, (_, index) => ({ id: `c${index}`, variables: {} })),
    };
    const rows = (failing: number) =>
      many.cases.map(({ id }, index) => ({ ...row('candidate', 'a', index >= failing), case: id }));
    const verdict = (failing: number) => {
      const found = runCounts(many, rows(failing), true).metrics.says;
      return found && verdictOf(found).verdict;
    };
    expect([verdict(4), verdict(20), verdict(60)]).toEqual(['not worse', 'inconclusive', 'worse']);
  });
});
