import { type CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { SeriesStatuses } from '../../core/metrics/series-statuses';
import { type ModelCalls, SEEN_DAYS } from './model-calls';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/**
 * Calls as Bedrock counts them, all models of the account and Region in one search.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
const SEARCH = {
  Id: 'calls',
  Expression: `SEARCH('{AWS/Bedrock,ModelId} MetricName="Invocations"', 'Sum', ${DAY_SECONDS})`,
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
  Label: `\${PROP('Dim.ModelId')}`,
};

export class CloudWatchModelCalls implements ModelCalls {
  constructor(private readonly client: CloudWatchClient) {}

  async lastCalls(now: Date): Promise<ReadonlyMap<string, number>> {
    const StartTime = new Date(now.getTime() - SEEN_DAYS * DAY_MS);
    const last = new Map<string, number>();
    const statuses = new SeriesStatuses();
    let NextToken: string | undefined;
    do {
      const found = await this.client.send(
        new GetMetricDataCommand({ MetricDataQueries: [SEARCH], StartTime, EndTime: now, NextToken }),
      );
      for (const result of found.MetricDataResults ?? []) {
        const { Label = '' } = result;
        statuses.add(result, true);
        last.set(Label, Math.max(last.get(Label) ?? 0, lastCall(result, now.getTime())));
      }
      statuses.addMessages(found.Messages);
      NextToken = found.NextToken;
    } while (NextToken !== undefined);
    if (statuses.missing !== undefined) throw new Error(`CloudWatch answered ${statuses.missing}`);
    return last;
  }
}

/** A value is of a day that begins at its time, and tells no hour of it. 0 for none. */
function lastCall({ Timestamps = [], Values = [] }: MetricDataResult, now: number): number {
  const called = Timestamps.filter((_, index) => (Values[index] ?? 0) > 0);
  return Math.max(0, ...called.map((time) => Math.min(time.getTime() + DAY_MS, now)));
}
