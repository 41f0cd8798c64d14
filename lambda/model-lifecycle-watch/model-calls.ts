import type { ModelFacts } from '../../core/models/model-facts';
import type { WatchedVersion } from './watched-aliases';

/** How far back calls are looked for: a search of CloudWatch finds no metric that got its last value before. */
export const SEEN_DAYS = 14;

const DAY_MS = 86_400_000;

/** What CloudWatch counts of calls of models, in account and Region. */
export interface ModelCalls {
  /** The `ModelId` that was called → until when at most, in milliseconds, within the last {@link SEEN_DAYS}. */
  lastCalls(now: Date): Promise<ReadonlyMap<string, number>>;
}

/** Days without a call of a version's model, by whatever route and whoever called; {@link SEEN_DAYS} stands for as many or more. */
export function daysUncalled(
  version: WatchedVersion,
  facts: ModelFacts,
  lastCalls: ReadonlyMap<string, number>,
  now: Date,
): number {
  const times = [...lastCalls].flatMap(([modelId, time]) => (isCallOf(modelId, version, facts) ? [time] : []));
  return times.length === 0 ? SEEN_DAYS : Math.max(0, Math.floor((now.getTime() - Math.max(...times)) / DAY_MS));
}

/**
 * The metric has what was called: a model, or a profile by its id (`us.…`) or ARN; of an application profile the version may
 * have the ARN and the metric the id. Under what a call by a prompt's ARN is counted no page says: as that it counts as well.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
 */
function isCallOf(modelId: string, { model, promptId, version }: WatchedVersion, facts: ModelFacts): boolean {
  const foundation = facts.model ?? model;
  return (
    [model, foundation].includes(modelId) ||
    [`.${foundation}`, `/${foundation}`, `prompt/${promptId}:${version}`].some((end) => modelId.endsWith(end)) ||
    model.endsWith(`/${modelId}`)
  );
}
