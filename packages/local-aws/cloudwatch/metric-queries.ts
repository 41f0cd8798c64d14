import type { Dimension, Metric, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError, notImplemented } from '../aws-error';
import { type LabelledSeries, type MathValue, metricMath } from './metric-math';
import { type MetricId, type MetricStore, periodStart, type Series } from './metric-store';
import { metricsInsights } from './metrics-insights';

export interface QueryResult {
  readonly id: string;
  readonly label: string;
  readonly series: Series;
}

/** Search finds what got a value in the last two weeks. */
const SEARCHED_MS = 14 * 86_400_000;
/** Seconds: of an expression that names no metric. */
const USUAL_PERIOD = 300;

/** The queries of one `GetMetricData` or of one alarm, each computed once. */
export class MetricQueries {
  private readonly values = new Map<string, MathValue>();
  private readonly open = new Set<string>();

  constructor(
    private readonly store: MetricStore,
    private readonly queries: readonly MetricDataQuery[],
    private readonly start: number,
    private readonly end: number,
  ) {
    const ids = queries.map(({ Id = '' }) => Id);
    const wrong = ids.find((id, i) => !/^[a-z]\w{0,254}$/.test(id) || ids.indexOf(id) !== i);
    if (wrong !== undefined) {
      throw invalid(
        `The value '${wrong}' for parameter MetricDataQueries.member.Id is not valid: unique, first a letter`,
      );
    }
  }

  /** Those that `ReturnData` does not hide. */
  results(): QueryResult[] {
    return this.queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .flatMap((query) => this.resultsOf(query, this.value(query.Id as string)));
  }

  /** Seconds of a period of a query: its own, or the longest of the metrics behind it. */
  periodOf({ Period, MetricStat, Expression = '' }: MetricDataQuery): number {
    const own = MetricStat?.Period ?? Period;
    if (own !== undefined) {
      return own;
    }
    const named = this.queries.filter(({ Id, MetricStat }) => MetricStat && new RegExp(`\\b${Id}\\b`).test(Expression));
    const others = named.length > 0 ? named : this.queries;
    return Math.max(0, ...others.map((one) => one.MetricStat?.Period ?? 0)) || USUAL_PERIOD;
  }

  private value(id: string): MathValue {
    const known = this.values.get(id);
    if (known !== undefined) {
      return known;
    }
    const query = this.queries.find(({ Id }) => Id === id);
    if (!query || this.open.has(id)) {
      throw invalid(query ? `Circular reference of ${id}` : `Id ${id} is not defined`);
    }
    this.open.add(id);
    const value = this.compute(query);
    this.values.set(id, value);
    return value;
  }

  private compute(query: MetricDataQuery): MathValue {
    const { MetricStat, Expression, AccountId } = query;
    if (AccountId !== undefined || (MetricStat === undefined) === (Expression === undefined)) {
      throw AccountId === undefined
        ? invalid('A query takes either MetricStat or Expression.')
        : notImplemented('metrics of another account');
    }
    const period = this.periodOf(query);
    checkPeriod(period);
    const start = periodStart(this.start, period);
    if (MetricStat) {
      const { Stat: stat = '', Unit: unit } = MetricStat;
      return this.store.series(metricId(MetricStat.Metric), { stat, period, unit }, start, this.end);
    }
    const times: number[] = [];
    for (let time = start; time < this.end; time += period * 1000) {
      times.push(time);
    }
    const insights = metricsInsights(Expression ?? '');
    if (insights) {
      const ids = this.store.list().filter(insights.matches);
      return this.store.joined(ids, { stat: insights.stat, period }, start, this.end);
    }
    return metricMath(Expression ?? '', {
      times,
      value: (id) => this.value(id),
      search: (text, stat, seconds) => this.search(text, stat, seconds ?? query.Period ?? USUAL_PERIOD),
    });
  }

  private search(text: string, stat: string, period: number): LabelledSeries[] {
    checkPeriod(period);
    const matches = searchTerms(text);
    const found = this.store.list().filter((id) => matches(id));
    return found
      .filter((id) => (this.store.newest(id) ?? 0) >= this.end - SEARCHED_MS)
      .map((id) => ({
        label: JSON.stringify(id),
        series: this.store.series(id, { stat, period }, periodStart(this.start, period), this.end),
      }));
  }

  private resultsOf({ Id: id = '', Label, MetricStat }: MetricDataQuery, value: MathValue): QueryResult[] {
    if (typeof value === 'number') {
      throw invalid(`The expression ${id} is a number: it must come to a time series`);
    }
    if (value instanceof Map) {
      return [{ id, label: labelOf(Label, MetricStat && metricId(MetricStat.Metric), id), series: value }];
    }
    return (value as readonly LabelledSeries[]).map(({ label, series }) => {
      const metric: MetricId = JSON.parse(label);
      return { id, label: labelOf(Label, metric, id), series };
    });
  }
}

export function metricId({ Namespace: namespace = '', MetricName: name = '', Dimensions = [] }: Metric = {}): MetricId {
  return { namespace, name, dimensions: dimensionsOf(Dimensions) };
}

export function dimensionsOf(dimensions: readonly Dimension[] = []): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}

/** 1, 5, 10, 20, 30 or a multiple of 60 seconds. */
export function checkPeriod(period: number): void {
  if (![1, 5, 10, 20, 30].includes(period) && !(period > 0 && period % 60 === 0)) {
    throw invalid(`The value ${period} for parameter Period is not valid`);
  }
}

/**
 * `{Namespace,Dimension,…} Name="value" Name=Word …`: a schema, exact values of dimensions and of `MetricName`, and words that
 * are among the tokens of one.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
function searchTerms(text: string): (id: MetricId) => boolean {
  const [, schema, rest = ''] = /^\s*\{([^{}]+)\}(.*)$/s.exec(text) ?? [];
  const terms = [...rest.matchAll(/\s*(?:AND\s+)?([\w.:#-]+)=(?:"([^"]*)"|([A-Z]?[a-z]+)(?!\S))/g)];
  if (
    schema === undefined ||
    terms
      .map(([whole]) => whole)
      .join('')
      .trim() !== rest.trim()
  ) {
    throw notImplemented(`the search '${text}' of CloudWatch: only {Namespace,Dimension} Name="value" Name=Word`);
  }
  const [namespace, ...names] = schema.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
  return (id) =>
    id.namespace === namespace &&
    Object.keys(id.dimensions).sort().join() === [...names].sort().join() &&
    terms.every(([, name = '', value, word]) => {
      const found = name === 'MetricName' ? id.name : id.dimensions[name];
      return word === undefined ? found === value : tokensOf(found ?? '').includes(word.toLowerCase());
    });
}

/** Words of a name, which capitals, digits and other characters begin: `CustomCount1` has `custom`, `count` and `1`. */
function tokensOf(name: string): string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return [...words, words.join('')].map((word) => word.toLowerCase());
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html */
function labelOf(label: string | undefined, metric: MetricId | undefined, id: string): string {
  const usual = metric ? [...Object.values(metric.dimensions), metric.name].join(' ') : id;
  return (label ?? usual).replaceAll(/\$\{([^}]*)\}/g, (_, what: string) => {
    if (what === "PROP('MetricName')") {
      return metric?.name ?? '';
    }
    const [, name] = /^PROP\('Dim\.([^']+)'\)$/.exec(what) ?? [];
    if (name === undefined) {
      throw notImplemented(`the dynamic label ${what} of CloudWatch`);
    }
    return metric?.dimensions[name] ?? '';
  });
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
