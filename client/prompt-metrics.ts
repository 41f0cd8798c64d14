import { PROMPT_METRICS } from '../core/contract/prompt-metrics';
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
  const { namespace: Namespace, dimensions, units } = PROMPT_METRICS;
  const values: Record<keyof typeof units, number | undefined> = {
    Uses: 1,
    Errors: Number(Boolean(use.error)),
    Latency: latency,
    InputTokens: usage.inputTokens,
    OutputTokens: usage.outputTokens,
    // Converse reports 0 for models that cache nothing: two metrics more on the bill that say nothing.
    CacheReadTokens: usage.cacheReadTokens || undefined,
    CacheWriteTokens: usage.cacheWriteTokens || undefined,
    Cost: cost,
  };
  const known = Object.entries(units).filter(([name]) => values[name as keyof typeof units] !== undefined);
  const Metrics = known.map(([Name, Unit]) => ({ Name, Unit }));
  return JSON.stringify({
    _aws: { Timestamp: time, CloudWatchMetrics: [{ Namespace, Dimensions: [dimensions], Metrics }] },
    Registry: registry,
    Prompt: use.prompt,
    Alias: use.alias,
    Version: String(use.version ?? 'fallback'),
    ...values,
  });
}
