import { describe, expect, it } from 'vitest';
import type { EvaluationSuite } from '../../../core/evaluation/evaluation-suite';
import { metricResults } from '../../../core/evaluation/metric-results';

const suite: EvaluationSuite = {
  cases: [
    { id: 'a', variables: {}, expected: 'one', critical: true },
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

describe('what metrics say of an answer', () => {
  it('names the first check that it does not pass', () => {
    const results = metricResults(suite, suite.cases[1] as never, said('four'));
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
