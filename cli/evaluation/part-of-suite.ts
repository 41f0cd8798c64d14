import { checksOf, type EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { usageError } from '../cli-error';

/** The cases with a tag, and the metrics that are about any of them. */
export function partOf(suite: EvaluationSuite, tag: string | undefined): EvaluationSuite {
  if (tag === undefined) return suite;
  const cases = suite.cases.filter(({ tags }) => tags?.includes(tag));
  if (cases.length === 0) {
    const tags = [...new Set(suite.cases.flatMap((one) => one.tags ?? []))].sort();
    throw usageError(`no case has the tag ${tag}`, `tags are ${tags.join(', ') || 'not there'}`);
  }
  const asked = new Set(cases.flatMap((one) => checksOf(suite, one).map(([name]) => name)));
  return { ...suite, cases, metrics: suite.metrics.filter(({ name }) => asked.has(name)) };
}
