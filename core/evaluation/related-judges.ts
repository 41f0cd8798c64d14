import { modelFamily } from '../models/model-family';
import type { EvaluationSuite } from './evaluation-suite';

/**
 * Judges that are of the family of a model that they judge, one line each with the way on. Models rate their own family's
 * answers higher than people do: https://arxiv.org/abs/2404.13076
 */
export function relatedJudges(
  suite: EvaluationSuite,
  contents: readonly { readonly label: string; readonly model: string | null }[],
): string[] {
  const judges = new Map(
    [...suite.metrics.map(({ check }) => check), ...suite.cases.flatMap(({ checks = [] }) => checks)]
      .filter(({ check }) => check === 'judge')
      .map(({ model }) => [String(model), modelFamily(String(model))]),
  );
  return [...judges].flatMap(([judge, family]) => {
    const related = contents.filter(
      ({ model }) => family !== undefined && model !== null && modelFamily(model) === family,
    );
    if (related.length === 0) return [];
    const whose = related.map(({ label, model }) => `${label} (${model})`).join(' and ');
    return [
      `the judge ${judge} is of one family, ${family}, with ${whose}, and models favour answers of their own family: name a judge of another one`,
    ];
  });
}
