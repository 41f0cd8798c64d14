import {
  type CloudWatchClient,
  type GetMetricDataInput,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { SeriesStatuses } from '../../core/metrics/series-statuses';
import { CliError } from '../cli-error';
import { TooManyMetrics } from './too-many-metrics';

/** What CloudWatch answers, page by page. @throws CliError after the last one, where it answered in part */
export async function* metricResults(
  client: CloudWatchClient,
  question: GetMetricDataInput,
  fix: string,
): AsyncGenerator<MetricDataResult> {
  const searches = new Set((question.MetricDataQueries ?? []).flatMap(({ Id, Expression }) => (Expression ? Id : [])));
  const statuses = new SeriesStatuses();
  for await (const { MetricDataResults = [], Messages } of paginateGetMetricData({ client }, question)) {
    for (const result of MetricDataResults) statuses.add(result, searches.has(result.Id));
    statuses.addMessages(Messages);
    yield* MetricDataResults;
  }
  const why = statuses.missing;
  if (why === undefined) return;
  const Failure = statuses.areTooMany ? TooManyMetrics : CliError;
  throw new Failure({ what: 'CloudWatch answered in part', why, fix });
}
