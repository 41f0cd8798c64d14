import type { IConstruct } from 'constructs';
import { casesOf, type EvaluationSuite, metricNames } from '../../core/evaluation/evaluation-suite';
import { DEFAULT_MARGIN, provableMargin } from '../../core/evaluation/verdict';
import { percent } from '../../core/evaluation/verdict-text';
import type { EvaluationGate } from '../../core/release/gates/evaluation';
import { constructError } from './construct-error';
import { suiteFromFile } from './suite-from-file';

type Asked = Pick<EvaluationGate, 'atLeast' | 'noWorseThanLive'>;

/**
 * What a gate asks of the suite in a file: of metrics that it has, and no more than it can prove. Without anything that is
 * asked, that no metric is worse than what is live.
 *
 * Throws `InvalidSuite`, `InvalidGate`.
 */
export function askedOfSuite(
  scope: IConstruct,
  path: string,
  asked: Partial<Asked>,
): Pick<EvaluationGate, 'suite' | keyof Asked> {
  const { suite, digest } = suiteFromFile(scope, path);
  const names = metricNames(suite);
  const isAsked = asked.atLeast !== undefined || asked.noWorseThanLive !== undefined;
  const all = Object.fromEntries(names.map((name) => [name, DEFAULT_MARGIN]));
  const { atLeast = {}, noWorseThanLive = isAsked ? {} : all } = asked;
  const unknown = [...Object.keys(atLeast), ...Object.keys(noWorseThanLive)].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw constructError(
      scope,
      'InvalidGate',
      `expected metrics of ${path}, found ${unknown}: it has ${names.join(', ')}`,
    );
  }
  for (const [name, margin] of Object.entries(noWorseThanLive)) checkProvable(scope, suite, { path, name, margin });
  return { suite: digest, atLeast, noWorseThanLive };
}

/** A gate that no run could open is a mistake. */
function checkProvable(
  scope: IConstruct,
  suite: EvaluationSuite,
  { path, name, margin }: { readonly path: string; readonly name: string; readonly margin: number },
): void {
  const cases = casesOf(suite, name).length;
  const best = bestOf(cases);
  if (best < margin) return;
  let enough = cases + 1;
  while (bestOf(enough) >= margin && enough < 10_000) enough++;
  throw constructError(
    scope,
    'InvalidGate',
    `expected a suite that can show that ${name} is not worse by ${percent(margin).replace(' %', ' points')}, found ${cases} cases in ${path}, which show ${percent(best).replace(' %', ' points')} even where all of them pass: write ${enough} cases or more (200 for 10 points, as answers differ from run to run), or allow more in noWorseThanLive`,
  );
}

/** What so many cases prove where all pass, before and after. */
function bestOf(cases: number): number {
  return provableMargin({ both: cases, onlyCandidate: 0, onlyLive: 0, neither: 0 });
}
