import { describe, expect, it } from 'vitest';
import { evaluationOutcome } from '../../../core/evaluation/evaluation-outcome';
import type { EvaluationRow, EvaluationRun } from '../../../core/evaluation/evaluation-row';

const SUITE = {
  cases: [{ id: 'a', variables: {} }],
  metrics: [{ name: 'good', check: { check: 'equals' as const, value: 'x' } }],
  repeats: 1,
};
const answer = { text: 'x', toolCalls: [], stopReason: 'end_turn', inputTokens: 1, outputTokens: 1, latencyMs: 1 };
const content = { label: ':1', digest: `pd1:${'1'.repeat(64)}`, version: 1, model: null };

function row(side: EvaluationRow['side'], pass: boolean, more: Partial<EvaluationRow> = {}): EvaluationRow {
  const reason = pass ? null : 'is not "x"';
  return { side, case: 'a', repeat: 1, answer, error: null, metrics: { good: { pass, reason } }, ...more };
}

function outcomeOf(rows: EvaluationRow[]) {
  const run = { prompt: 'p', suite: 'es1:0', candidate: content, live: content, time: '', advisory: [], rows };
  const { cases, counts } = evaluationOutcome(SUITE, run as EvaluationRun, 0.1);
  return { ...cases[0], counts: counts.metrics.good };
}

describe('What a case says', () => {
  const gone = { answer: null, error: 'no answer: ModelTimeoutException: too slow' };

  it('is gained where what is live failed', () => {
    expect(outcomeOf([row('candidate', true), row('live', false)])).toMatchObject({ change: 'gained', live: false });
  });

  it.each<[string, Partial<EvaluationRow>, string]>([
    ['no answer', gone, 'no live answer: ModelTimeoutException: too slow'],
    ['no verdict', { error: 'the judge said nothing' }, 'no live verdict: the judge said nothing'],
  ])('is no gain where there is %s of what is live', (_, more, reason) => {
    const one = outcomeOf([row('candidate', true), row('live', false, more)]);
    expect(one).toMatchObject({ change: 'passes', live: null, candidate: true, reasons: [['', reason]] });
    expect(one.counts).toMatchObject({ both: 1, onlyCandidate: 0 });
  });

  it('is no gain where the row of what is live is missing', () => {
    expect(outcomeOf([row('candidate', true)])).toMatchObject({ change: 'passes', live: null });
  });

  it('says why the candidate fails, whatever there is of what is live', () => {
    expect(outcomeOf([row('candidate', false), row('live', false, gone)])).toMatchObject({
      ...{ change: 'fails', live: null, reasons: [['good', 'is not "x"']] },
    });
    expect(outcomeOf([row('candidate', false), row('live', true)])).toMatchObject({ change: 'lost', live: true });
  });
});
