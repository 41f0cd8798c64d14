import { AwsError, notImplemented } from '../aws-error';

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of one metric at one time; `counts` says how often each of them was seen. */
export interface Datum extends MetricId {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly values: readonly number[];
  readonly counts?: readonly number[];
  readonly unit?: string;
}

interface Sample {
  readonly time: number;
  readonly value: number;
  readonly count: number;
  readonly unit: string;
}

/** What is asked of a metric: one number for each period. */
export interface Statistic {
  readonly stat: string;
  /** Seconds. */
  readonly period: number;
  readonly unit?: string;
}

/** The beginning of each period in milliseconds, and its value; a period without data is not there. */
export type Series = ReadonlyMap<number, number>;

type Summary = (samples: readonly Sample[]) => number;

const sum: Summary = (samples) => samples.reduce((total, { value, count }) => total + value * count, 0);
const count: Summary = (samples) => samples.reduce((total, sample) => total + sample.count, 0);
const summaries: Record<string, Summary> = {
  Sum: sum,
  SampleCount: count,
  Average: (samples) => sum(samples) / count(samples),
  Minimum: (samples) => Math.min(...samples.map(({ value }) => value)),
  Maximum: (samples) => Math.max(...samples.map(({ value }) => value)),
};

/** All metrics of the account, as they were written: nothing is thrown away and nothing is rounded. */
export class MetricStore {
  private readonly metrics = new Map<string, { readonly id: MetricId; readonly samples: Sample[] }>();

  add({ namespace, name, dimensions, time, values, counts = [], unit = 'None' }: Datum): void {
    const key = keyOf({ namespace, name, dimensions });
    const metric = this.metrics.get(key) ?? { id: { namespace, name, dimensions }, samples: [] };
    this.metrics.set(key, metric);
    metric.samples.push(...values.map((value, i) => ({ time, value, count: counts[i] ?? 1, unit })));
  }

  list(): MetricId[] {
    return [...this.metrics.values()].map(({ id }) => id);
  }

  /** The time of a metric's newest value; undefined where it has none. */
  newest(id: MetricId): number | undefined {
    const times = this.metrics.get(keyOf(id))?.samples.map(({ time }) => time) ?? [];
    return times.length > 0 ? Math.max(...times) : undefined;
  }

  /** Of all periods that begin at `start` or later and before `end`. Throws 501 for a statistic that is not here. */
  series(id: MetricId, statistic: Statistic, start: number, end: number): Series {
    return this.joined([id], statistic, start, end);
  }

  /** Several metrics taken for one. */
  joined(ids: readonly MetricId[], { stat, period, unit }: Statistic, start: number, end: number): Series {
    const summary = summaryOf(stat);
    const buckets = new Map<number, Sample[]>();
    for (const sample of ids.flatMap((id) => this.metrics.get(keyOf(id))?.samples ?? [])) {
      const begin = periodStart(sample.time, period);
      if (begin >= start && begin < end && (unit === undefined || unit === sample.unit)) {
        buckets.set(begin, [...(buckets.get(begin) ?? []), sample]);
      }
    }
    return new Map([...buckets].sort(([a], [b]) => a - b).map(([begin, samples]) => [begin, summary(samples)]));
  }
}

export function periodStart(time: number, period: number): number {
  return Math.floor(time / (period * 1000)) * period * 1000;
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/**
 * Five statistics, percentiles, of which the value that so many of a hundred do not exceed, and percentile ranks up to a
 * value: how many of a hundred do not exceed it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
function summaryOf(stat: string): Summary {
  const known = Object.hasOwn(summaries, stat) ? summaries[stat] : undefined;
  if (known) {
    return known;
  }
  const [, percent] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(stat) ?? [];
  if (percent !== undefined) {
    return (samples) => percentile(samples, Number(percent));
  }
  const [, highest] = /^PR\(:(\d{1,15}(?:\.\d{1,10})?)\)$/i.exec(stat) ?? [];
  if (highest !== undefined) {
    return (samples) => (100 * count(samples.filter(({ value }) => value <= Number(highest)))) / count(samples);
  }
  if (/^(p|tm|tc|ts|wm|iqm|pr)/i.test(stat)) {
    throw notImplemented(`the statistic ${stat} of CloudWatch`);
  }
  throw new AwsError('ValidationException', 400, `The value ${stat} for parameter Stat is not supported.`);
}

function percentile(samples: readonly Sample[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a.value - b.value);
  const wanted = (percent / 100) * count(samples);
  let seen = 0;
  const found = sorted.find((sample) => {
    seen += sample.count;
    return seen >= wanted;
  });
  return (found ?? (sorted.at(-1) as Sample)).value;
}
