import { type AnsweredSeries, type AnswerMessage, SeriesStatuses } from '../metrics/series-statuses';
import type { Metrics } from './arm-metrics';
import { type VersionQuery, versionQuery } from './version-query';

/** A question to CloudWatch, as `GetMetricData` takes it. */
export interface SumsQuestion {
  readonly MetricDataQueries: VersionQuery[];
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly NextToken: string | undefined;
}

/** A page of its answer. */
export interface SumsAnswer {
  readonly MetricDataResults?:
    | readonly (AnsweredSeries & {
        readonly Timestamps?: Date[] | undefined;
        readonly Values?: number[] | undefined;
      })[]
    | undefined;
  readonly Messages?: readonly AnswerMessage[] | undefined;
  readonly NextToken?: string | undefined;
}

/**
 * What clients write of versions, as CloudWatch sums it up, page by page. An answer in part is none: failures that are
 * missing would be taken for uses that went well.
 */
export function versionSums(registry: string, ask: (question: SumsQuestion) => Promise<SumsAnswer>): Metrics {
  return {
    async sums(metrics, { from: StartTime, to: EndTime, seconds }) {
      const sums = metrics.map(() => new Map<number, number>());
      const MetricDataQueries = metrics.map(({ metric, ...version }, index) =>
        versionQuery({ registry, ...version }, { Id: `m${index}`, metric, seconds, Stat: 'Sum' }),
      );
      const statuses = new SeriesStatuses();
      let NextToken: string | undefined;
      do {
        const page = await ask({ MetricDataQueries, StartTime, EndTime, NextToken });
        for (const result of page.MetricDataResults ?? []) {
          const { Id = '', Timestamps = [], Values = [] } = result;
          statuses.add(result);
          const sum = sums[Number(Id.slice(1))];
          for (const [index, time] of Timestamps.entries()) sum?.set(time.getTime(), Values[index] ?? 0);
        }
        statuses.addMessages(page.Messages);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      if (statuses.missing !== undefined) throw new Error(`CloudWatch answered in part: ${statuses.missing}`);
      return sums;
    },
  };
}
