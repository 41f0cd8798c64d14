import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { relatedJudges } from '../../core/evaluation/related-judges';
import type { SuiteFile } from '../../core/evaluation/suite-file';
import { modelIdentifier } from '../../core/models/model-identifier';
import { modelRoute } from '../../core/models/model-route';
import { constructError } from './construct-error';

/** What a Region's name begins with where a geography's profiles may be called: only those that are sure. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-gov': 'us-gov-',
  eu: 'eu-',
  apac: 'ap-',
  au: 'ap-',
  jp: 'ap-',
};
const SURE = /^(us|us-gov|eu|ap)-/;

/** Models that the suites' judges are. */
export function judgesOf(suites: readonly SuiteFile[]): string[] {
  const checks = suites.flatMap(({ suite }) => [
    ...suite.metrics.map(({ check }) => check),
    ...suite.cases.flatMap(({ checks: own = [] }) => own),
  ]);
  return [...new Set(checks.filter(({ check }) => check === 'judge').map(({ model }) => String(model)))];
}

/**
 * A judge that the evaluator's Region cannot ask would end each run, after the release that it was to be judged by.
 *
 * Throws `InvalidEvaluator`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export function checkJudges(scope: IConstruct, suites: readonly SuiteFile[]): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region)) return;
  for (const model of judgesOf(suites)) {
    const why = elsewhere(model, region);
    if (why === undefined) continue;
    throw constructError(
      scope,
      'InvalidEvaluator',
      `expected a judge that can be asked in ${region}, found ${model}, ${why}: name a model or a profile of ${region} in the suite`,
    );
  }
}

function elsewhere(model: string, region: string): string | undefined {
  const named = modelIdentifier(model);
  if (named.kind !== 'id' && named.kind !== 'own' && named.region !== region) return `which is of ${named.region}`;
  const geography = modelRoute(model);
  const isUs = region.startsWith('us-') && !region.startsWith('us-gov-');
  // `us.` may be asked in Canada as well.
  const isThere = geography === 'us' ? isUs : region.startsWith(REGIONS[geography] ?? '');
  return isThere || !SURE.test(region) ? undefined : `a profile of the geography ${geography}`;
}

/** One line for a judge that is of the family of the prompt's model. */
export function warnOfRelatedJudges(
  scope: IConstruct,
  suite: EvaluationSuite,
  prompt: { readonly label: string; readonly model: string },
): void {
  for (const one of relatedJudges(suite, [prompt])) {
    Annotations.of(scope).addWarningV2('cdk-prompt-registry:relatedJudge', one);
  }
}
