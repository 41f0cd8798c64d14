/**
 * Names of the metrics that the runtime client writes for every `run`, shared with whatever draws them.
 * One set of dimensions: each further set is a set of custom metrics more on the bill.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const PROMPT_METRICS = {
  namespace: 'PromptRegistry',
  /** `Registry` is the parameter prefix; `Version` a number, or `fallback`. */
  dimensions: ['Registry', 'Prompt', 'Alias', 'Version'],
  units: {
    Uses: 'Count',
    Errors: 'Count',
    Latency: 'Milliseconds',
    InputTokens: 'Count',
    OutputTokens: 'Count',
    CacheReadTokens: 'Count',
    CacheWriteTokens: 'Count',
    /** US dollars. */
    Cost: 'None',
  },
} as const;

/**
 * What the client counts besides while an alias has a rollout, with the same namespace and dimensions: the first use of a
 * key by each version in a process and a step, whether it failed, and how long it took where it did not. The controller and
 * readouts compare versions by these.
 */
export const ROLLOUT_METRICS = {
  units: { FirstUses: 'Count', FirstErrors: 'Count', FirstLatency: 'Milliseconds' },
} as const;

/** A name for what people say of answers, such as `helpful`: a letter, then at most 39 letters, digits and `-`. */
export const SCORE_NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

const SCORE = 'Score';

/** What the client counts of it while an alias has a rollout, likewise: 1 for yes, 0 for no. */
export function scoreMetric(name: string): string {
  return `${SCORE}.${name}`;
}

/** The inverse of {@link scoreMetric}; undefined for another metric. */
export function scoreName(metric: string): string | undefined {
  const prefix = scoreMetric('');
  return metric.startsWith(prefix) ? metric.slice(prefix.length) || undefined : undefined;
}

/**
 * A term of a CloudWatch search that finds all scores, whatever their names: `Score` is a token of each.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export const SCORES_TERM = `MetricName=${SCORE}`;
