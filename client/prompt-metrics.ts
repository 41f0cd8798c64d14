import { PROMPT_METRICS, ROLLOUT_METRICS, scoreMetric } from '../core/contract/prompt-metrics';
import type { PromptUse } from './prompt-use';
import type { TokenUsage } from './token-usage';

/** One call of a model with a prompt. */
export interface PromptCall {
  readonly use: PromptUse;
  readonly registry: string;
  /** Milliseconds. */
  readonly latency: number;
  readonly usage: TokenUsage;
  /** US dollars; undefined where a price is not known. */
  readonly cost?: number | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * The call in CloudWatch's embedded metric format: one line that CloudWatch Logs turns into metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics({ use, registry, latency, usage, cost, time }: PromptCall): string {
  const { prompt, alias, version } = use;
  return metricLine({ registry, prompt, alias, version, time }, PROMPT_METRICS.units, {
    Uses: 1,
    Errors: Number(Boolean(use.error)),
    Latency: latency,
    InputTokens: usage.inputTokens,
    OutputTokens: usage.outputTokens,
    // Converse reports 0 for models that cache nothing: two metrics more on the bill that say nothing.
    CacheReadTokens: usage.cacheReadTokens || undefined,
    CacheWriteTokens: usage.cacheWriteTokens || undefined,
    Cost: cost,
  });
}

/**
 * The first use of a key by a version, in a step of a rollout.
 *
 * @param latency milliseconds until the answer; undefined where it failed: how fast a version fails is no time that it took
 */
export function firstUseMetrics(where: Where, latency: number | undefined): string {
  const values = { FirstUses: 1, FirstErrors: Number(latency === undefined), FirstLatency: latency };
  return metricLine(where, ROLLOUT_METRICS.units, values);
}

/** What somebody said of an answer. */
export function scoreMetrics(where: Where, name: string, value: boolean): string {
  const metric = scoreMetric(name);
  return metricLine(where, { [metric]: 'Count' }, { [metric]: Number(value) });
}

/** Where a metric belongs: its dimensions. */
interface Where {
  readonly registry: string;
  readonly prompt: string;
  readonly alias: string;
  readonly version: number | undefined;
  readonly time: number;
}

function metricLine<N extends string>(
  { registry, prompt, alias, version, time }: Where,
  units: Readonly<Record<N, string>>,
  values: Readonly<Record<N, number | undefined>>,
): string {
  const { namespace: Namespace, dimensions } = PROMPT_METRICS;
  const known = Object.entries(units).filter(([name]) => values[name as N] !== undefined);
  const Metrics = known.map(([Name, Unit]) => ({ Name, Unit }));
  return JSON.stringify({
    _aws: { Timestamp: time, CloudWatchMetrics: [{ Namespace, Dimensions: [dimensions], Metrics }] },
    Registry: registry,
    Prompt: prompt,
    Alias: alias,
    Version: String(version ?? 'fallback'),
    ...values,
  });
}
