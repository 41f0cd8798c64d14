import { notImplemented } from '../aws-error';
import type { MetricId } from './metric-store';

const STATISTICS: Record<string, string> = {
  AVG: 'Average',
  COUNT: 'SampleCount',
  MAX: 'Maximum',
  MIN: 'Minimum',
  SUM: 'Sum',
};
const NAME = String.raw`(?:"([^"]+)"|([\w/.:#-]+))`;
const QUERY = new RegExp(
  String.raw`^\s*SELECT\s+(\w+)\(\s*${NAME}\s*\)\s+FROM\s+SCHEMA\(([^)]*)\)(?:\s+WHERE\s+(.*?))?\s*$`,
  'is',
);
const EQUAL = new RegExp(String.raw`^\s*${NAME}\s*=\s*'([^']*)'\s*$`, 's');

/** All metrics of a schema that have the given values, taken for one. */
export interface MetricsInsights {
  readonly stat: string;
  readonly matches: (id: MetricId) => boolean;
}

/**
 * A query of CloudWatch Metrics Insights, `SELECT AVG(Errors) FROM SCHEMA(PromptRegistry, Prompt, …) WHERE Prompt = 'x' AND …`;
 * undefined for what is none. All but one function, a schema and equal values answers 501.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export function metricsInsights(text: string): MetricsInsights | undefined {
  if (!/^\s*SELECT\s/i.test(text)) {
    return undefined;
  }
  const [, statistic = '', quoted, plain, schema = '', where] = QUERY.exec(text) ?? [];
  const stat = STATISTICS[statistic.toUpperCase()];
  const terms = (where?.split(/\s+AND\s+/i) ?? []).map((term) => EQUAL.exec(term));
  if (stat === undefined || terms.some((term) => term === null)) {
    throw notImplemented(`the query '${text}' of Metrics Insights: only one function, a schema and equal values`);
  }
  const [namespace, ...names] = schema.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
  const wanted = terms.map((term) => [term?.[1] ?? term?.[2] ?? '', term?.[3]] as const);
  return {
    stat,
    matches: (id) =>
      id.namespace === namespace &&
      id.name === (quoted ?? plain) &&
      Object.keys(id.dimensions).sort().join() === [...names].sort().join() &&
      wanted.every(([name, value]) => id.dimensions[name] === value),
  };
}
