import type { Datum } from './metric-store';

/** 100 values of a metric, 30 dimensions of a set. */
const MOST_VALUES = 100;
const MOST_DIMENSIONS = 30;

type Members = { readonly [name: string]: unknown };

/**
 * The metrics that CloudWatch Logs makes of one line in the embedded metric format; none of any other line. A set of
 * dimensions that the line does not fill, and a metric without its value, are left out, as CloudWatch does without a word.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): Datum[] {
  const root = parsed(line);
  const { Timestamp: time, CloudWatchMetrics: directives } = isObject(root?._aws) ? root._aws : {};
  if (!root || typeof time !== 'number' || !Array.isArray(directives)) {
    return [];
  }
  return directives.filter(isObject).flatMap(({ Namespace, Dimensions, Metrics }) => {
    if (typeof Namespace !== 'string' || !Array.isArray(Dimensions) || !Array.isArray(Metrics)) {
      return [];
    }
    const sets = Dimensions.map((names) => filled(names, root)).filter((set) => set !== undefined);
    const metrics = Metrics.filter(isObject).flatMap(({ Name, Unit }) => {
      const values = [root[String(Name)]].flat();
      const isWhole = values.length <= MOST_VALUES && values.every((value) => Number.isFinite(value));
      const unit = typeof Unit === 'string' ? Unit : 'None';
      return isWhole && values.length > 0 ? [{ name: String(Name), unit, values: values as number[] }] : [];
    });
    return sets.flatMap((dimensions) => metrics.map((one) => ({ namespace: Namespace, dimensions, time, ...one })));
  });
}

function filled(names: unknown, root: Members): Record<string, string> | undefined {
  if (!Array.isArray(names) || names.length > MOST_DIMENSIONS) {
    return undefined;
  }
  const values = names.map((name) => [String(name), root[String(name)]] as const);
  const isFilled = values.every(([, value]) => typeof value === 'string' && value !== '');
  return isFilled ? (Object.fromEntries(values) as Record<string, string>) : undefined;
}

function parsed(line: string): Members | undefined {
  if (!line.includes('"_aws"')) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
