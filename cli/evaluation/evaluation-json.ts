import { rowsDigest } from '../../core/evaluation/evaluation-row';
import { relatedJudges } from '../../core/evaluation/related-judges';
import type { Evaluation } from './evaluate-once';

/** A run for programs; `--rows` writes the answers. */
export function evaluationJson({ run, suite, outcome, known, questions, cost }: Evaluation): object {
  const { rows, ...head } = run;
  const { verdict, counts, metrics, cases, flaky, usage } = outcome;
  return {
    ...head,
    verdict,
    cases: counts.cases,
    critical: { cases: counts.criticalCases, failed: counts.criticalFailed },
    flaky,
    errors: counts.errors,
    metrics: Object.fromEntries(metrics.map(({ name, counts: own, verdict: of }) => [name, { ...own, ...of }])),
    results: cases.map(({ reasons, ...one }) => ({
      ...one,
      reasons: reasons.map(([metric, reason]) => ({ metric: metric === '' ? null : metric, reason })),
    })),
    usage,
    cost: cost ?? null,
    asked: questions - known,
    known,
    warnings: relatedJudges(suite, [run.candidate, ...(run.live ? [run.live] : [])]),
    rows: rowsDigest(rows),
  };
}
