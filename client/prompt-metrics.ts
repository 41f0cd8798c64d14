import { PROMPT_METRICS } from '../core/prompt-metrics';
import type { PromptUse } from './prompt-use';
import type { TokenUsage } from './token-usage';

/** One call of a model with a prompt. */
export interface PromptCall {
  readonly use: PromptUse;
  readonly registry: string;
  /** Milliseconds. */
  readonly latency: number;
  readonly failed: boolean;
  readonly usage: TokenUsage;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * The call in CloudWatch's embedded metric format: one line that CloudWatch Logs turns into metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics({ use, registry, latency, failed, usage, time }: PromptCall): string {
  const { namespace, dimensions, ...names } = PROMPT_METRICS;
  const values: Record<string, number | undefined> = {
    [names.uses]: 1,
    [names.errors]: Number(failed),
    [names.latency]: Math.round(latency),
    [names.inputTokens]: usage.inputTokens,
    [names.outputTokens]: usage.outputTokens,
  };
  const known = Object.keys(values).filter((name) => values[name] !== undefined);
  const Metrics = known.map((Name) => ({ Name, Unit: Name === names.latency ? 'Milliseconds' : 'Count' }));
  return JSON.stringify({
    _aws: { Timestamp: time, CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [dimensions], Metrics }] },
    Registry: registry,
    Prompt: use.prompt,
    Alias: use.alias,
    Version: String(use.version ?? 'fallback'),
    ...values,
  });
}
