import type { CloudWatchClient, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { PROMPT_METRICS } from '../../core/contract/prompt-metrics';
import type { MetricPoint, VersionMetrics } from '../../core/metrics/version-metrics';
import { metricResults } from './metric-results';

type Metric = keyof typeof PROMPT_METRICS.units;

/** What is asked of each alias and version, by the id of its query. */
const ASKED = {
  uses: ['Uses', 'Sum'],
  errors: ['Errors', 'Sum'],
  latency: ['Latency', 'Sum'],
  timed: ['Latency', 'SampleCount'],
  p99: ['Latency', 'p99'],
  inputTokens: ['InputTokens', 'Sum'],
  outputTokens: ['OutputTokens', 'Sum'],
  cacheReadTokens: ['CacheReadTokens', 'Sum'],
  cacheWriteTokens: ['CacheWriteTokens', 'Sum'],
  cost: ['Cost', 'Sum'],
  priced: ['Cost', 'SampleCount'],
} as const satisfies Record<string, readonly [Metric, string]>;

type AskedId = keyof typeof ASKED;

export interface MetricsWanted {
  readonly registry: string;
  readonly prompt: string;
  /** @default - all */
  readonly alias?: string | undefined;
  readonly since: Date;
  readonly until: Date;
  /** Seconds. */
  readonly period: number;
}

/**
 * What the client measured of each version, in one question: versions need not be known, a search finds those with metrics.
 * It finds what got a value in the last two weeks.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export async function gatherMetrics(client: CloudWatchClient, wanted: MetricsWanted): Promise<VersionMetrics[]> {
  const query = {
    StartTime: startOf(wanted),
    EndTime: wanted.until,
    MetricDataQueries: (Object.keys(ASKED) as AskedId[]).map((id) => search(id, wanted)),
  };
  const found = new Map<string, Measured>();
  const fix = 'ask again in a moment, or for less: --alias, a shorter --since';
  for await (const result of metricResults(client, query, fix)) add(result, found);
  return [...found].map(([label, measured]) => versionOf(label, measured)).sort(byAliasThenNewest);
}

/** A period begins at a multiple of it: the first one whole. */
function startOf({ since, period }: MetricsWanted): Date {
  const milliseconds = period * 1_000;
  return new Date(Math.floor(since.getTime() / milliseconds) * milliseconds);
}

function search(id: AskedId, { registry, prompt, alias, period }: MetricsWanted): MetricDataQuery {
  const { namespace, dimensions } = PROMPT_METRICS;
  const [metric, statistic] = ASKED[id];
  const named = {
    MetricName: metric,
    Registry: registry,
    Prompt: prompt,
    ...(alias !== undefined && { Alias: alias }),
  };
  const terms = Object.entries(named).map(([name, value]) => `${name}="${value}"`);
  const schema = `{${[namespace, ...dimensions].join(',')}}`;
  return {
    Id: id.toLowerCase(),
    Expression: `SEARCH('${schema} ${terms.join(' ')}', '${statistic}', ${period})`,
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
    Label: `\${PROP('Dim.Alias')} \${PROP('Dim.Version')}`,
  };
}

/** Values by time, in milliseconds since 1970. */
type Measured = Readonly<Record<AskedId, Map<number, number>>>;

const IDS = new Map((Object.keys(ASKED) as AskedId[]).map((id) => [id.toLowerCase(), id]));

function add({ Id = '', Label = '', Timestamps = [], Values = [] }: MetricDataResult, found: Map<string, Measured>) {
  const id = IDS.get(Id);
  if (id === undefined) return;
  const measured = found.get(Label) ?? nothing();
  found.set(Label, measured);
  // A page may go on with a series that another one began.
  for (const [index, time] of Timestamps.entries()) measured[id].set(time.getTime(), Values[index] ?? 0);
}

function nothing(): Measured {
  return Object.fromEntries(Object.keys(ASKED).map((id) => [id, new Map()])) as unknown as Measured;
}

function versionOf(label: string, measured: Measured): VersionMetrics {
  const [alias = '', version = ''] = label.split(' ');
  const sum = (id: AskedId) => [...measured[id].values()].reduce((all, one) => all + one, 0);
  const mean = (total: number, count: number) => (count === 0 ? null : total / count);
  const points = [...measured.uses]
    .filter(([, uses]) => uses > 0)
    .sort(([a], [b]) => a - b)
    .map(
      ([time, uses]): MetricPoint => ({
        time: new Date(time).toISOString(),
        uses,
        errors: measured.errors.get(time) ?? 0,
        latency: mean(measured.latency.get(time) ?? 0, measured.timed.get(time) ?? 0),
      }),
    );
  const pricedUses = sum('priced');
  return {
    alias,
    version: /^[1-9]\d*$/.test(version) ? Number(version) : null,
    live: false,
    uses: sum('uses'),
    errors: sum('errors'),
    latency: mean(sum('latency'), sum('timed')),
    highestP99: measured.p99.size === 0 ? null : Math.max(...measured.p99.values()),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWriteTokens: sum('cacheWriteTokens'),
    cost: pricedUses === 0 ? null : sum('cost'),
    pricedUses,
    points,
  };
}

function byAliasThenNewest(a: VersionMetrics, b: VersionMetrics): number {
  return a.alias.localeCompare(b.alias) || (b.version ?? 0) - (a.version ?? 0);
}
