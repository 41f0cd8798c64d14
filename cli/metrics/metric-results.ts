import {
  type CloudWatchClient,
  type GetMetricDataInput,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { SeriesStatuses } from '../../core/metrics/series-statuses';
import { CliError } from '../cli-error';

/** What CloudWatch answers, page by page. @throws CliError after the last one, where it answered in part */
export async function* metricResults(
  client: CloudWatchClient,
  question: GetMetricDataInput,
  fix: string,
): AsyncGenerator<MetricDataResult> {
  const searches = new Set((question.MetricDataQueries ?? []).flatMap(({ Id, Expression }) => (Expression ? Id : [])));
  const statuses = new SeriesStatuses();
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, question)) {
    for (const result of MetricDataResults) statuses.add(result, searches.has(result.Id));
    yield* MetricDataResults;
  }
  const why = statuses.missing;
  if (why !== undefined) throw new CliError({ what: 'CloudWatch answered in part', why, fix });
}
