import type { CloudWatchClient, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { PROMPT_METRICS, SCORES_TERM, scoreName } from '../../core/contract/prompt-metrics';
import type { MetricPoint, ScoreMetrics, VersionMetrics } from '../../core/metrics/version-metrics';
import { metricResults } from './metric-results';
import { TooManyMetrics } from './too-many-metrics';

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

/** Likewise of each score: whoever says yes counts 1. */
const ASKED_OF_SCORES = { yes: 'Sum', answers: 'SampleCount' } as const;

type ScoreId = keyof typeof ASKED_OF_SCORES;

export interface MetricsWanted {
  readonly registry: string;
  readonly prompt: string;
  /** @default - all */
  readonly alias?: string | undefined;
  readonly since: Date;
  readonly until: Date;
  /** Seconds. */
  readonly period: number;
  /** @default false */
  readonly scores?: boolean | undefined;
}

/**
 * What the client measured of each version, in one question: neither versions nor names of scores need be known, a search
 * finds those with metrics. It finds what got a value in the last two weeks. Where scores make it more than CloudWatch
 * answers at once, it is asked again without them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export async function gatherMetrics(client: CloudWatchClient, wanted: MetricsWanted): Promise<VersionMetrics[]> {
  try {
    return await versionsOf(client, wanted);
  } catch (error) {
    if (!(error instanceof TooManyMetrics && wanted.scores)) throw error;
    const versions = await versionsOf(client, { ...wanted, scores: false });
    return versions.map((one) => ({ ...one, scores: null }));
  }
}

async function versionsOf(client: CloudWatchClient, wanted: MetricsWanted): Promise<VersionMetrics[]> {
  const label = `\${PROP('Dim.Alias')} \${PROP('Dim.Version')}`;
  const searches = (Object.keys(ASKED) as AskedId[]).map((id): MetricDataQuery => {
    const [metric, statistic] = ASKED[id];
    return { Id: id.toLowerCase(), Expression: search(`MetricName="${metric}"`, statistic, wanted), Label: label };
  });
  const ofScores = (Object.keys(ASKED_OF_SCORES) as ScoreId[]).map((id): MetricDataQuery => {
    const Expression = search(SCORES_TERM, ASKED_OF_SCORES[id], wanted);
    return { Id: id, Expression, Label: `${label} \${PROP('MetricName')}` };
  });
  const query = {
    StartTime: startOf(wanted),
    EndTime: wanted.until,
    MetricDataQueries: [...searches, ...(wanted.scores ? ofScores : [])],
  };
  const found = new Map<string, Measured>();
  const fix = 'ask again in a moment, or for less: one alias, a shorter --since';
  for await (const result of metricResults(client, query, fix)) add(result, found);
  return [...found].map(([name, measured]) => versionOf(name, measured)).sort(byAliasThenNewest);
}

/** A period begins at a multiple of it: the first one whole. */
function startOf({ since, period }: MetricsWanted): Date {
  const milliseconds = period * 1_000;
  return new Date(Math.floor(since.getTime() / milliseconds) * milliseconds);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html is how a label tells what was found. */
function search(metric: string, statistic: string, { registry, prompt, alias, period }: MetricsWanted): string {
  const { namespace, dimensions } = PROMPT_METRICS;
  const named = { Registry: registry, Prompt: prompt, ...(alias !== undefined && { Alias: alias }) };
  const terms = [metric, ...Object.entries(named).map(([name, value]) => `${name}="${value}"`)];
  const schema = `{${[namespace, ...dimensions].join(',')}}`;
  return `SEARCH('${schema} ${terms.join(' ')}', '${statistic}', ${period})`;
}

/** Values by time, in milliseconds since 1970. */
type Series = Map<number, number>;

interface Measured extends Readonly<Record<AskedId, Series>> {
  /** By name. */
  readonly scores: Map<string, Readonly<Record<ScoreId, Series>>>;
}

const IDS = new Map((Object.keys(ASKED) as AskedId[]).map((id) => [id.toLowerCase(), id]));

function add({ Id = '', Label = '', Timestamps = [], Values = [] }: MetricDataResult, found: Map<string, Measured>) {
  const [alias = '', version = '', ...metric] = Label.split(' ');
  const name = `${alias} ${version}`;
  const measured = found.get(name) ?? nothing();
  const series = seriesOf(Id, metric.join(' '), measured);
  if (series === undefined) return;
  found.set(name, measured);
  // A page may go on with a series that another one began.
  for (const [index, time] of Timestamps.entries()) series.set(time.getTime(), Values[index] ?? 0);
}

function seriesOf(id: string, metric: string, measured: Measured): Series | undefined {
  const known = IDS.get(id);
  if (known !== undefined) return measured[known];
  // The search goes by words of the name: other metrics may have this one.
  const name = scoreName(metric);
  if (!(id in ASKED_OF_SCORES) || name === undefined) return undefined;
  const score = measured.scores.get(name) ?? { yes: new Map(), answers: new Map() };
  measured.scores.set(name, score);
  return score[id as ScoreId];
}

function nothing(): Measured {
  const series = Object.fromEntries(Object.keys(ASKED).map((id) => [id, new Map()])) as Record<AskedId, Series>;
  return { ...series, scores: new Map() };
}

function versionOf(label: string, measured: Measured): VersionMetrics {
  const [alias = '', version = ''] = label.split(' ');
  const sum = (id: AskedId) => total(measured[id]);
  const mean = (all: number, count: number) => (count === 0 ? null : all / count);
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
    scores: scoresOf(measured),
    points,
  };
}

/** A search finds a score of two weeks, of which nothing may be in this time. */
function scoresOf({ scores }: Measured): ScoreMetrics[] {
  return [...scores]
    .map(([name, { yes, answers }]): ScoreMetrics => ({ name, yes: total(yes), answers: total(answers) }))
    .filter(({ answers }) => answers > 0)
    .sort((a, b) => a.name.localeCompare(b.name));
}

function total(series: Series): number {
  return [...series.values()].reduce((all, one) => all + one, 0);
}

function byAliasThenNewest(a: VersionMetrics, b: VersionMetrics): number {
  return a.alias.localeCompare(b.alias) || (b.version ?? 0) - (a.version ?? 0);
}
