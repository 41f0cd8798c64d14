import { PROMPT_METRICS } from '../contract/prompt-metrics';
import type { Metrics, VersionMetric } from './arm-metrics';

/** A question to CloudWatch, as `GetMetricData` takes it. */
export interface SumsQuestion {
  readonly MetricDataQueries: SumQuery[];
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly NextToken: string | undefined;
}

interface SumQuery {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: NamedMetric; readonly Period: number; readonly Stat: 'Sum' };
}

interface NamedMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: { readonly Name: string; readonly Value: string | undefined }[];
}

/** A page of its answer. */
export interface SumsAnswer {
  readonly MetricDataResults?:
    | readonly {
        readonly Id?: string | undefined;
        readonly Timestamps?: Date[] | undefined;
        readonly Values?: number[] | undefined;
      }[]
    | undefined;
  readonly NextToken?: string | undefined;
}

/** What clients write of versions, as CloudWatch sums it up, page by page. */
export function versionSums(registry: string, ask: (question: SumsQuestion) => Promise<SumsAnswer>): Metrics {
  return {
    async sums(metrics, { from: StartTime, to: EndTime, seconds }) {
      const sums = metrics.map(() => new Map<number, number>());
      const MetricDataQueries = metrics.map((metric, index) => query(registry, metric, `m${index}`, seconds));
      let NextToken: string | undefined;
      do {
        const page = await ask({ MetricDataQueries, StartTime, EndTime, NextToken });
        for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
          const sum = sums[Number(Id.slice(1))];
          for (const [index, time] of Timestamps.entries()) sum?.set(time.getTime(), Values[index] ?? 0);
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return sums;
    },
  };
}

function query(
  registry: string,
  { metric, prompt, alias, version }: VersionMetric,
  Id: string,
  Period: number,
): SumQuery {
  const values = [registry, prompt, alias, String(version)];
  const Dimensions = PROMPT_METRICS.dimensions.map((Name, index) => ({ Name, Value: values[index] }));
  const Metric = { Namespace: PROMPT_METRICS.namespace, MetricName: metric, Dimensions };
  return { Id, MetricStat: { Metric, Period, Stat: 'Sum' } };
}
