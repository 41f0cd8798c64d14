import { PROMPT_METRICS } from '../contract/prompt-metrics';
import type { VersionMetric } from './arm-metrics';

/** A metric of one version of an alias, as `GetMetricData` is asked for it. */
export interface VersionQuery {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: NamedMetric; readonly Period: number; readonly Stat: string };
}

interface NamedMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: { readonly Name: string; readonly Value: string | undefined }[];
}

export function versionQuery(
  { registry, prompt, alias, version }: Omit<VersionMetric, 'metric'> & { readonly registry: string },
  asked: { readonly Id: string; readonly metric: string; readonly seconds: number; readonly Stat: string },
): VersionQuery {
  const { Id, metric, seconds: Period, Stat } = asked;
  const values = [registry, prompt, alias, String(version)];
  const Dimensions = PROMPT_METRICS.dimensions.map((Name, index) => ({ Name, Value: values[index] }));
  const Metric = { Namespace: PROMPT_METRICS.namespace, MetricName: metric, Dimensions };
  return { Id, MetricStat: { Metric, Period, Stat } };
}
