import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type PROMPT_METRICS, type ROLLOUT_METRICS, scoreMetric } from '../../core/contract/prompt-metrics';
import type { ReadoutWindow } from '../../core/experiment/readout-window';
import { versionQuery } from '../../core/rollout/version-query';
import { metricResults } from '../metrics/metric-results';

/** What is asked of both versions. */
export interface ReadoutMetricsWanted extends Pick<ReadoutWindow, 'from' | 'to' | 'seconds'> {
  readonly registry: string;
  readonly prompt: string;
  readonly alias: string;
  readonly stable: number;
  readonly candidate: number;
  readonly scores: readonly string[];
  /** Milliseconds from which on a use is slow. */
  readonly slow: number;
}

export type Arm = 'candidate' | 'stable';

/** A number of an arm by the beginning of each span, in milliseconds since 1970. */
export type Series = ReadonlyMap<number, number>;

type Metric = keyof typeof PROMPT_METRICS.units | keyof typeof ROLLOUT_METRICS.units;

const STATISTICS = {
  firstUses: ['FirstUses', 'Sum'],
  firstErrors: ['FirstErrors', 'Sum'],
  answered: ['FirstLatency', 'SampleCount'],
  uses: ['Uses', 'Sum'],
  errors: ['Errors', 'Sum'],
  latency: ['Latency', 'Sum'],
  latencies: ['Latency', 'SampleCount'],
  inputTokens: ['InputTokens', 'Sum'],
  outputTokens: ['OutputTokens', 'Sum'],
  cost: ['Cost', 'Sum'],
  pricedUses: ['Cost', 'SampleCount'],
} as const satisfies Record<string, readonly [Metric, string]>;

export type Statistic = keyof typeof STATISTICS;

/** What CloudWatch says of both versions. */
export interface ReadoutMetrics {
  of(arm: Arm, statistic: Statistic | 'inTimePercent' | ScoreStatistic): Series;
}

type ScoreStatistic = `${'yes' | 'answers'} of ${string}`;

/**
 * One question, however many metrics: at most 46 of the 500 that one may have.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export async function readoutMetrics(client: CloudWatchClient, wanted: ReadoutMetricsWanted): Promise<ReadoutMetrics> {
  const { from, to, slow, scores } = wanted;
  const asked = new Map<string, readonly [metric: string, statistic: string]>([
    ...Object.entries(STATISTICS),
    // Percentile rank: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    ['inTimePercent', ['FirstLatency' satisfies Metric, `PR(:${slow})`]],
    ...scores.flatMap((name) => [
      [`yes of ${name}`, [scoreMetric(name), 'Sum']] as const,
      [`answers of ${name}`, [scoreMetric(name), 'SampleCount']] as const,
    ]),
  ]);
  const names = (['candidate', 'stable'] as const).flatMap((arm) => [...asked.keys()].map((name) => `${arm} ${name}`));
  const series = new Map(names.map((name) => [name, new Map<number, number>()]));
  const MetricDataQueries = names.map((name, index) => {
    const [arm = '', ...rest] = name.split(' ');
    const [metric, statistic] = asked.get(rest.join(' ')) ?? ['', ''];
    const { registry, prompt, alias, seconds } = wanted;
    const version = { registry, prompt, alias, version: wanted[arm as Arm] };
    return versionQuery(version, { Id: `m${index}`, metric, seconds, Stat: statistic });
  });
  const question = { MetricDataQueries, StartTime: from, EndTime: to };
  for await (const result of metricResults(client, question, 'read it out again in a moment')) {
    const { Id = '', Timestamps = [], Values = [] } = result;
    const found = series.get(names[Number(Id.slice(1))] ?? '');
    for (const [index, time] of Timestamps.entries()) found?.set(time.getTime(), Values[index] ?? 0);
  }
  return { of: (arm, statistic) => series.get(`${arm} ${statistic}`) ?? new Map() };
}
