import { type CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { PROMPT_METRICS, type ROLLOUT_METRICS, scoreMetric } from '../../core/contract/prompt-metrics';
import type { ReadoutWindow } from '../../core/experiment/readout-window';
import { CliError } from '../cli-error';

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
    return query(`m${index}`, wanted, wanted[arm as Arm], metric, statistic);
  });
  const said = new Map<string, string>();
  const question = { MetricDataQueries, StartTime: from, EndTime: to };
  for await (const page of paginateGetMetricData({ client }, question)) {
    for (const { Id = '', StatusCode = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      said.set(Id, StatusCode);
      const found = series.get(names[Number(Id.slice(1))] ?? '');
      for (const [index, time] of Timestamps.entries()) found?.set(time.getTime(), Values[index] ?? 0);
    }
  }
  const part = [...said.values()].find((code) => code !== 'Complete');
  if (part !== undefined) {
    throw new CliError({ what: 'CloudWatch answered in part', why: part, fix: 'read it out again in a moment' });
  }
  return { of: (arm, statistic) => series.get(`${arm} ${statistic}`) ?? new Map() };
}

function query(
  Id: string,
  { registry, prompt, alias, seconds }: ReadoutMetricsWanted,
  version: number,
  MetricName: string,
  Stat: string,
): MetricDataQuery {
  const { namespace: Namespace, dimensions } = PROMPT_METRICS;
  const values = [registry, prompt, alias, String(version)];
  const Dimensions = dimensions.map((Name, place) => ({ Name, Value: values[place] }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: seconds, Stat } };
}
