import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { PROMPT_METRICS } from '../../core/contract/prompt-metrics';
import type { Metrics, SpanSums, VersionMetric } from '../../core/rollout/arm-metrics';
import type { CountedWindow } from '../../core/rollout/counted-windows';

/** What clients write, as CloudWatch sums it up. */
export class CloudWatchMetrics implements Metrics {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly registry: string,
  ) {}

  async sums(metrics: readonly VersionMetric[], { from, to, seconds }: CountedWindow): Promise<readonly SpanSums[]> {
    const sums = metrics.map(() => new Map<number, number>());
    const MetricDataQueries = metrics.map((metric, index) => this.query(metric, `m${index}`, seconds));
    let NextToken: string | undefined;
    do {
      const found = await this.client.send(
        new GetMetricDataCommand({ MetricDataQueries, StartTime: from, EndTime: to, NextToken }),
      );
      for (const { Id = '', Timestamps = [], Values = [] } of found.MetricDataResults ?? []) {
        const sum = sums[Number(Id.slice(1))];
        for (const [index, time] of Timestamps.entries()) sum?.set(time.getTime(), Values[index] ?? 0);
      }
      NextToken = found.NextToken;
    } while (NextToken !== undefined);
    return sums;
  }

  private query({ metric, prompt, alias, version }: VersionMetric, Id: string, Period: number): MetricDataQuery {
    const values = [this.registry, prompt, alias, String(version)];
    const Dimensions = PROMPT_METRICS.dimensions.map((Name, index) => ({ Name, Value: values[index] }));
    const Metric = { Namespace: PROMPT_METRICS.namespace, MetricName: metric, Dimensions };
    return { Id, MetricStat: { Metric, Period, Stat: 'Sum' } };
  }
}
