import type { EvaluatedContent, EvaluationRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSide } from '../../core/evaluation/evaluation-suite';
import { costOf, type ModelPrices, priceOf, pricesOf } from '../../core/models/model-prices';
import type { OptionValues } from '../command';
import { lockIfThere, lockPath } from '../models/lock-file';

/** US dollars of an answer, by the prices that a person wrote into the lock file; null where one is not known. */
export type RunCost = Readonly<Record<EvaluationSide, number | null>>;

/** Prices of the Region that the command works in, or of the only one of the lock file. */
export async function pricesHere(values: OptionValues, env: NodeJS.ProcessEnv = process.env): Promise<ModelPrices> {
  const regions = (await lockIfThere(lockPath(values)))?.regions ?? {};
  const named = (values.region as string | undefined) ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const [only, second] = Object.keys(regions);
  const region = named ?? (second === undefined ? only : undefined);
  const found = region !== undefined && Object.hasOwn(regions, region) ? regions[region] : undefined;
  return found ? pricesOf(found) : {};
}

export function runCost({ candidate, live, rows }: EvaluationRun, prices: ModelPrices): RunCost {
  const mean = (side: EvaluationSide, content: EvaluatedContent | null): number | null => {
    const price = content?.model ? priceOf(content.model, prices) : undefined;
    const answers = rows.flatMap((row) => (row.side === side && row.answer ? [row.answer] : []));
    const costs = answers.map((answer) => costOf(answer, price));
    if (costs.length === 0 || costs.includes(undefined)) return null;
    return costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) / costs.length;
  };
  return { candidate: mean('candidate', candidate), live: mean('live', live) };
}
