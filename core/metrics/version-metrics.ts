/** What was measured of one version through one alias. */
export interface VersionMetrics {
  readonly alias: string;
  /** Null for what the client served in its stead, a fallback. */
  readonly version: number | null;
  /** Whether the alias points to it now. */
  readonly live: boolean;
  readonly uses: number;
  readonly errors: number;
  /** Milliseconds, mean; null without a figure. */
  readonly latency: number | null;
  /** Milliseconds: the highest p99 of a period. */
  readonly highestP99: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** US dollars of the uses whose price was known, and how many those were; null where none was. */
  readonly cost: number | null;
  readonly pricedUses: number;
  /**
   * What people said of its answers, by name. Null where it was not read: scores are then more metrics than CloudWatch gives in
   * one answer.
   */
  readonly scores: readonly ScoreMetrics[] | null;
  /** Ascending by time; periods without a use are left out. */
  readonly points: readonly MetricPoint[];
}

/** What people said of answers under one name, as `prompts.score` counted it. */
export interface ScoreMetrics {
  readonly name: string;
  readonly yes: number;
  /** Yes and no. */
  readonly answers: number;
}

export interface MetricPoint {
  /** Begin of the period, ISO 8601. */
  readonly time: string;
  readonly uses: number;
  readonly errors: number;
  /** Milliseconds, mean. */
  readonly latency: number | null;
}

/** What was measured of a prompt. */
export interface PromptMetrics {
  readonly prompt: string;
  /** Parameter prefix of its registry. */
  readonly registry: string;
  readonly since: string;
  readonly until: string;
  /** Seconds of a period. */
  readonly period: number;
  /** By alias, newest version first. */
  readonly versions: readonly VersionMetrics[];
}

/** Share of uses that failed. */
export function errorShare({ uses, errors }: Pick<VersionMetrics, 'uses' | 'errors'>): number {
  return uses === 0 ? 0 : errors / uses;
}
