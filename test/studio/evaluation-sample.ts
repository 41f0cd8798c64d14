import { evaluationOutcome } from '../../core/evaluation/evaluation-outcome';
import type { EvaluationRow, EvaluationRun } from '../../core/evaluation/evaluation-row';
import { type EvaluationSide, type EvaluationSuite, suiteDigest } from '../../core/evaluation/evaluation-suite';
import type { EvaluationPageProps } from '../../studio/evaluation-page/evaluation-page';

export interface SampleCase {
  readonly id: string;
  readonly live: string | null;
  readonly candidate: string | null;
  readonly critical?: true;
}

const SUITE = { metrics: [{ name: 'mentions', check: { check: 'contains-all', of: 'expected' } }], repeats: 1 };

/** A run of these cases, each of which passes where its answer holds the case's id. */
export function sampleEvaluation(cases: readonly SampleCase[], hasLive = true): EvaluationPageProps {
  const suite: EvaluationSuite = {
    ...SUITE,
    cases: cases.map(({ id, critical }) => ({
      id,
      variables: { ticker: id },
      expected: id,
      ...(critical && { critical }),
    })),
  };
  const rows = cases.flatMap(({ id, live, candidate }) => [
    rowOf('candidate', id, candidate),
    ...(hasLive ? [rowOf('live', id, live)] : []),
  ]);
  const content = { digest: `pd1:${'c2'.repeat(32)}`, model: 'amazon.nova-pro-v1:0' };
  const run: EvaluationRun = {
    prompt: 'financial-analysis',
    suite: suiteDigest(suite),
    candidate: { ...content, label: 'prompts/financial-analysis.prompt', version: null },
    live: hasLive ? { ...content, label: '@PROD (:3)', version: 3 } : null,
    time: '2026-12-02T09:00:00.000Z',
    advisory: ['prompts/financial-analysis.prompt is no version'],
    rows,
  };
  return { suite, run, outcome: evaluationOutcome(suite, run, 0.1) };
}

function rowOf(side: EvaluationSide, id: string, text: string | null): EvaluationRow {
  const error = text === null ? 'no answer: ModelErrorException' : null;
  const pass = text?.includes(id) ?? false;
  const reason = pass ? null : (error ?? `"${id}" is missing`);
  const usage = { inputTokens: 40, outputTokens: 60, latencyMs: 1_234 };
  const answer = text === null ? null : { text, toolCalls: [], stopReason: 'end_turn', ...usage };
  return { side, case: id, repeat: 1, answer, error, metrics: { mentions: { pass, reason } } };
}
