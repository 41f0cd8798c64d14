import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { AlarmSettings } from './alarm';
import { dimensionsOf } from './metric-queries';

/** `configuration` of an alarm's event: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function configuration(settings: AlarmSettings): object {
  const description = settings.description === undefined ? {} : { description: settings.description };
  return settings.kind === 'metric'
    ? { ...description, metrics: settings.queries.map(shown) }
    : { ...description, alarmRule: settings.rule.text };
}

function shown({
  Id: id,
  Expression: expression,
  Label: label,
  MetricStat,
  ReturnData = true,
}: MetricDataQuery): object {
  const { Metric, Period: period, Stat: stat, Unit: unit } = MetricStat ?? {};
  const { Namespace: namespace, MetricName: name, Dimensions } = Metric ?? {};
  const metric = { namespace, name, dimensions: dimensionsOf(Dimensions) };
  return {
    id,
    ...(MetricStat ? { metricStat: { metric, period, stat, unit } } : { expression }),
    label,
    returnData: ReturnData,
  };
}
