import { describe, expect, it } from 'vitest';
import type { EvaluationRow } from '../../../core/evaluation/evaluation-row';
import type { EvaluationSide, EvaluationSuite } from '../../../core/evaluation/evaluation-suite';
import { metricResults } from '../../../core/evaluation/metric-results';
import { runCounts } from '../../../core/evaluation/run-counts';

const suite: EvaluationSuite = {
  cases: [
    { id: 'a', variables: {}, expected: 'one', critical: true },
    { id: 'b', variables: {}, expected: 'two', tags: ['short'] },
    { id: 'c', variables: {}, expected: 'three', checks: [{ check: 'contains-all', value: 'please' }] },
  ],
  metrics: [
    { name: 'says', check: { check: 'contains-all', of: 'expected' } },
    { name: 'brief', check: { check: 'max-length', characters: 10 }, only: ['short'] },
  ],
  repeats: 2,
};
const said = (text: string) => ({
  ...{ text, toolCalls: [], stopReason: 'end_turn', inputTokens: 1, outputTokens: 1, latencyMs: 1 },
});

function row(side: EvaluationSide, id: string, text: string | null, repeat = 1): EvaluationRow {
  const one = suite.cases.find((each) => each.id === id);
  if (!one) throw new Error(id);
  const answer = text === null ? null : said(text);
  const error = text === null ? 'ModelErrorException' : null;
  return { side, case: id, repeat, answer, error, metrics: metricResults(suite, one, answer) };
}

const RIGHT = [
  ...[row('candidate', 'a', 'one'), row('candidate', 'a', 'one', 2), row('live', 'a', 'one')],
  ...[row('candidate', 'b', 'two'), row('live', 'b', 'a long two')],
  ...[row('candidate', 'c', 'three, please'), row('live', 'c', 'four, please')],
];

describe('the counts of a run', () => {
  it('pair each case, of those that a metric is about', () => {
    expect(runCounts(suite, RIGHT, true)).toEqual({
      ...{ cases: 3, criticalCases: 1, criticalFailed: [], errors: 0 },
      metrics: {
        says: { both: 2, onlyCandidate: 1, onlyLive: 0, neither: 0 },
        brief: { both: 1, onlyCandidate: 0, onlyLive: 0, neither: 0 },
        checks: { both: 1, onlyCandidate: 0, onlyLive: 0, neither: 0 },
      },
    });
  });

  it.each<[string, EvaluationRow[], number]>([
    ['is missing', RIGHT.filter(({ case: id, side }) => id !== 'b' || side === 'live'), 1],
    ['is there twice', [...RIGHT, row('candidate', 'b', 'two')], 1],
    [
      'has no answer',
      [...RIGHT.filter(({ case: id, side }) => id !== 'b' || side === 'live'), row('candidate', 'b', null)],
      1,
    ],
  ])('count a case against the candidate whose row %s', (_, rows, errors) => {
    const counts = runCounts(suite, rows, true);
    expect(counts.metrics.says).toEqual({ both: 1, onlyCandidate: 1, onlyLive: 1, neither: 0 });
    expect(counts.errors).toBe(errors);
  });

  it('name a critical case that does not pass each time', () => {
    const once = RIGHT.map((one) => (one.repeat === 2 ? row('candidate', 'a', 'nothing', 2) : one));
    expect(runCounts(suite, once, true).criticalFailed).toEqual(['a']);
    expect(runCounts(suite, once, true).metrics.says, 'the first answer is compared').toMatchObject({ both: 2 });
    const missing = RIGHT.filter(({ repeat }) => repeat === 1);
    expect(runCounts(suite, missing, true)).toMatchObject({ criticalFailed: ['a'], errors: 1 });
  });

  it('pass nowhere with what is live where nothing is', () => {
    const alone = RIGHT.filter(({ side }) => side === 'candidate');
    expect(runCounts(suite, alone, false)).toMatchObject({
      metrics: { says: { both: 0, onlyCandidate: 3, onlyLive: 0, neither: 0 } },
      errors: 0,
    });
  });
});

describe('what metrics say of an answer', () => {
  it('names the first check that it does not pass', () => {
    const results = metricResults(suite, suite.cases[2] as never, said('four'));
    expect(results).toMatchObject({
      says: { pass: false, reason: expect.stringContaining('three') },
      checks: { pass: false },
    });
    expect(results).not.toHaveProperty('brief');
  });

  it('is no where there is no answer', () => {
    expect(metricResults(suite, suite.cases[0] as never, null)).toEqual({ says: { pass: false, reason: 'no answer' } });
  });
});
