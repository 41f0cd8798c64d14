import { listOf } from './check-kind';
import { type Check, checksOf, type EvaluationSuite } from './evaluation-suite';
import type { LostPart } from './foreign-cases';
import { wantedBy } from './wanted-by';

/** A suite for another tool, as JSON, which is YAML as well. */
export interface Exported {
  readonly content: unknown;
  readonly lost: readonly LostPart[];
}

type Assertion = Readonly<Record<string, unknown>>;

/** Tests of promptfoo: `tests: file://x.tests.json` in its configuration. https://www.promptfoo.dev/docs/configuration/test-cases/ */
export function toPromptfoo(suite: EvaluationSuite): Exported {
  const lost = new Map<string, LostPart>();
  const content = suite.cases.map((one) => {
    const assert = checksOf(suite, one).flatMap(([metric, checks]) =>
      checks.flatMap((check) => {
        const assertions = ASSERTIONS[check.check]?.(check, wantedBy(check, one));
        if (check.check === 'judge')
          lost.set(metric, {
            where: metric,
            what: 'its controls have no counterpart',
            fix: 'nothing stops a judge that is wrong',
          });
        if (!assertions)
          lost.set(metric, { where: metric, what: `${check.check} has no counterpart`, fix: 'write an assertion' });
        return (assertions ?? []).map((assertion) => ({ ...assertion, metric }));
      }),
    );
    if (one.critical)
      lost.set('critical', {
        where: 'critical',
        what: 'cases are asked once',
        fix: 'set repeat, and demand that all pass',
      });
    return { description: one.id, vars: one.variables, assert, metadata: { tags: one.tags ?? [] } };
  });
  return { content, lost: [...lost.values()] };
}

const ASSERTIONS: Readonly<Record<string, (check: Check, value: unknown) => readonly Assertion[] | undefined>> = {
  equals: ({ ignoreCase }, value) => (ignoreCase ? undefined : [{ type: 'equals', value }]),
  'contains-all': ({ ignoreCase }, value) => [
    { type: ignoreCase ? 'icontains-all' : 'contains-all', value: listOf(value) },
  ],
  'contains-any': ({ ignoreCase }, value) => [
    { type: ignoreCase ? 'icontains-any' : 'contains-any', value: listOf(value) },
  ],
  'not-contains': ({ ignoreCase }, value) =>
    listOf(value).map((one) => ({ type: ignoreCase ? 'not-icontains' : 'not-contains', value: one })),
  // Theirs has no flags.
  regex: ({ ignoreCase }, value) =>
    ignoreCase || /[\^$]/.test(String(value)) ? undefined : [{ type: 'regex', value }],
  'json-schema': ({ schema, allowFence }) => (allowFence ? undefined : [{ type: 'is-json', value: schema }]),
  refusal: (_, value) => [{ type: value ? 'is-refusal' : 'not-is-refusal' }],
  judge: ({ rubric }) => [{ type: 'llm-rubric', value: rubric }],
};

/** Items of a Langfuse dataset, as its API takes them. https://api.reference.langfuse.com/#tag/datasetitems */
export function toLangfuse(suite: EvaluationSuite, datasetName: string): Exported {
  const content = suite.cases.map(({ id, variables, expected, critical, tags, checks }) => ({
    datasetName,
    id,
    input: variables,
    expectedOutput: expected ?? null,
    metadata: { ...(critical && { critical }), ...(tags && { tags }), ...(checks && { checks }) },
  }));
  const lost = suite.metrics.map(({ name }) => ({
    where: name,
    what: 'a dataset has no metrics',
    fix: 'write an evaluator',
  }));
  return { content, lost };
}
