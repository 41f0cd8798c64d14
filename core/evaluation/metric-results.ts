import { checkKind } from './checks';
import type { MetricResult } from './evaluation-row';
import { checksOf, type EvaluationCase, type EvaluationSuite } from './evaluation-suite';
import type { ModelAnswer } from './model-answer';
import { wantedBy } from './wanted-by';

/**
 * What each metric of a case says of an answer, by the checks that need the answer alone. A metric passes where all of its
 * checks do; the first that does not gives the reason. Without an answer none passes.
 *
 * @param answer null where there is none
 */
export function metricResults(
  suite: EvaluationSuite,
  one: EvaluationCase,
  answer: ModelAnswer | null,
): Record<string, MetricResult> {
  const results = checksOf(suite, one).map(([name, checks]): [string, MetricResult] => {
    if (!answer) return [name, { pass: false, reason: 'no answer' }];
    for (const check of checks) {
      const { complaint } = checkKind(check.check) ?? {};
      const reason = complaint
        ? complaint(answer, wantedBy(check, one) as never, check)
        : `nobody can ask ${check.check} here`;
      if (reason !== undefined) return [name, { pass: false, reason }];
    }
    return [name, { pass: true, reason: null }];
  });
  return Object.fromEntries(results);
}
