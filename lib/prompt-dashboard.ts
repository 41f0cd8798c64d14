import { Duration } from 'aws-cdk-lib';
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import {
  Color,
  Column,
  Dashboard,
  GraphWidget,
  GraphWidgetView,
  Row,
  SearchExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { WATCH_METRICS } from '../core/contract/model-lifecycle-watch';
import { PROMPT_METRICS, type ROLLOUT_METRICS, scoreMetric } from '../core/contract/prompt-metrics';
import type { IPromptAlias } from './i-prompt-alias';
import { aliasPrices } from './private/alias-prices';
import { aliasScores } from './private/alias-scores';
import { constructError } from './private/construct-error';

/** Settings of a `PromptDashboard`. */
export interface PromptDashboardProps {
  /** The aliases to draw, in this order; those of one prompt stand together. At least one. */
  readonly aliases: IPromptAlias[];

  /**
   * Draws for each prompt how many days its models have left, as a `ModelLifecycleWatch` of the registry writes it: of the
   * versions that callers of these aliases may use. A model whose end is not announced, or not known, has no line.
   *
   * @default false
   */
  readonly modelEnds?: boolean;

  /**
   * Draws for each prompt whom its rollouts gave which version: the share of users that first got each version in each
   * period, and how many of these first uses failed; where an alias has a split, which share of those who gave a score said
   * yes, by version. Without a rollout under way there is nothing to see.
   *
   * @default false
   */
  readonly rollouts?: boolean;

  /** Name of the dashboard in CloudWatch. @default - a name that CloudFormation makes */
  readonly dashboardName?: string;
}

interface Drawn {
  readonly title: string;
  readonly metric: keyof typeof PROMPT_METRICS.units;
  readonly statistic: string;
}

const DRAWN: readonly Drawn[] = [
  { title: 'Uses', metric: 'Uses', statistic: 'Sum' },
  // Each use writes 0 or 1, so that the average is the share.
  { title: 'Share of uses that failed', metric: 'Errors', statistic: 'Average' },
  { title: 'Latency p50 (ms)', metric: 'Latency', statistic: 'p50' },
  { title: 'Latency p99 (ms)', metric: 'Latency', statistic: 'p99' },
  { title: 'Input tokens a use', metric: 'InputTokens', statistic: 'Average' },
  { title: 'Output tokens a use', metric: 'OutputTokens', statistic: 'Average' },
];

/** Where the lock file has prices. An estimate: the bill knows discounts, tiers and taxes. */
function cost(asOf: string): Drawn {
  return { title: `Cost, estimated (US dollars, prices of ${asOf})`, metric: 'Cost', statistic: 'Sum' };
}

const COLUMNS = 24;
const BARS_ABREAST = 6;
const GRAPHS_ABREAST = 3;
/** CloudWatch's limit: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_WIDGETS = 500;

/**
 * Defines a CloudWatch dashboard of what `PromptClient.run` measures: uses, errors, latency and tokens of each prompt,
 * one bar and one line for each alias and version, so that a release can be compared with the version before it. Where
 * the registry's lock file of models has prices, the cost as well; with `modelEnds` how long the models go on, with `rollouts` whom a rollout gives which version.
 *
 * Versions need not be known here: each graph searches for those in use. CloudWatch's search finds metrics that got a
 * value within the last two weeks, and at most 500 series a graph.
 *
 * @example
 * new PromptDashboard(this, 'Dashboard', { aliases: [prod, staging] });
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html
 */
export class PromptDashboard extends Dashboard {
  constructor(scope: Construct, id: string, props: PromptDashboardProps) {
    super(scope, id, { dashboardName: props.dashboardName });
    const prompts = byPrompt(props.aliases);
    const ends = (aliases: readonly IPromptAlias[]) => (props.modelEnds ? [modelEnds(aliases)] : []);
    const shares = (aliases: readonly IPromptAlias[]) => (props.rollouts ? rollouts(aliases) : []);
    const counts = [...prompts.values()].map(
      (aliases) => drawnOf(aliases).length * 2 + 1 + ends(aliases).length + shares(aliases).length,
    );
    const count = counts.reduce((sum, one) => sum + one, 0);
    if (count < 1 || count > MOST_WIDGETS) {
      const most = Math.floor(MOST_WIDGETS / Math.max(DRAWN.length * 2 + 1, ...counts));
      throw constructError(
        this,
        'InvalidDashboard',
        `expected aliases of 1 to ${most} prompts (a dashboard holds ${MOST_WIDGETS} widgets), found ${prompts.size} prompts: ${count < 1 ? 'list the aliases to draw' : 'make several dashboards'}`,
      );
    }
    for (const [parameter, aliases] of prompts) {
      this.addWidgets(
        new Column(
          new TextWidget({ markdown: heading(parameter, aliases), width: COLUMNS, height: 2 }),
          ...ends(aliases),
          ...(props.rollouts ? [new Row(...shares(aliases))] : []),
          ...chunks(drawnOf(aliases), BARS_ABREAST).map((few) => new Row(...few.map((drawn) => bars(drawn, aliases)))),
          ...chunks(drawnOf(aliases), GRAPHS_ABREAST).map(
            (few) => new Row(...few.map((drawn) => lines(drawn, aliases))),
          ),
        ),
      );
    }
  }
}

/** The client writes both while an alias has a rollout: the first use of a key by each version. */
function rollouts(aliases: readonly IPromptAlias[]): IWidget[] {
  const size = { width: COLUMNS / 2, height: 6 };
  const first = (alias: IPromptAlias) =>
    searchFor(PROMPT_METRICS.dimensions, alias, 'FirstUses' satisfies RolloutMetric, 'Sum');
  return [
    new GraphWidget({
      ...size,
      title: 'Rollout: share of users by the version they first got (%)',
      stacked: true,
      left: aliases.map((alias) => found(alias, `100 * ${first(alias)} / SUM(${first(alias)})`)),
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      ...size,
      title: 'Rollout: share of first uses that failed',
      left: aliases.map((alias) => search(alias, 'FirstErrors' satisfies RolloutMetric, 'Average')),
      leftYAxis: { min: 0 },
    }),
    ...scores(aliases),
  ];
}

/** Each is 1 or 0, so that the average is the share of those who said yes. */
function scores(aliases: readonly IPromptAlias[]): IWidget[] {
  const left = aliases.flatMap((alias) =>
    aliasScores(alias).map((name) =>
      found(alias, searchFor(PROMPT_METRICS.dimensions, alias, scoreMetric(name), 'Average'), name),
    ),
  );
  if (left.length === 0) return [];
  const title = 'Rollout: share of scores that said yes';
  return [new GraphWidget({ title, left, leftYAxis: { min: 0, max: 1 }, width: COLUMNS, height: 6 })];
}

type RolloutMetric = keyof typeof ROLLOUT_METRICS.units;

function drawnOf(aliases: readonly IPromptAlias[]): readonly Drawn[] {
  const days = aliases.flatMap((alias) => aliasPrices(alias)?.asOf ?? []);
  const [oldest] = days.sort();
  return oldest === undefined ? DRAWN : [...DRAWN, cost(oldest)];
}

function heading(parameter: string, aliases: readonly IPromptAlias[]): string {
  const names = aliases.map(({ aliasName }) => aliasName).join(', ');
  return `## ${parameter}\nBars: each alias and version over the whole time shown. Lines: over time. Aliases: ${names}`;
}

/** Versions side by side, over all the time that the dashboard shows. */
function bars(drawn: Drawn, aliases: readonly IPromptAlias[]): IWidget {
  return new GraphWidget({
    ...common(drawn, aliases),
    view: GraphWidgetView.BAR,
    setPeriodToTimeRange: true,
    width: COLUMNS / BARS_ABREAST,
    height: 6,
  });
}

function lines(drawn: Drawn, aliases: readonly IPromptAlias[]): IWidget {
  return new GraphWidget({ ...common(drawn, aliases), width: COLUMNS / GRAPHS_ABREAST, height: 6 });
}

function common({ title, metric, statistic }: Drawn, aliases: readonly IPromptAlias[]) {
  return { title, left: aliases.map((alias) => search(alias, metric, statistic)), leftYAxis: { min: 0 } };
}

/** Written once a day: the hours that a dashboard shows at first may hold none. */
function modelEnds(aliases: readonly IPromptAlias[]): IWidget {
  const { name, dimensions } = WATCH_METRICS.days;
  const [schema] = dimensions;
  const left = aliases.map(
    (alias) =>
      new SearchExpression({
        expression: searchFor(schema, alias, name, 'Minimum'),
        label: `\${PROP('Dim.Alias')} \${PROP('Dim.Model')}: \${LAST} days`,
        period: Duration.days(1),
      }),
  );
  return new GraphWidget({
    title: 'Days until a model ends (no line: no end is announced, or known)',
    left,
    start: '-P30D',
    leftAnnotations: [{ value: 0, label: 'ended', color: Color.RED }],
    width: COLUMNS,
    height: 6,
  });
}

/** All versions of one alias; none is named, so that the next one needs no deployment. */
function search(alias: IPromptAlias, metric: string, statistic: string): SearchExpression {
  return found(alias, searchFor(PROMPT_METRICS.dimensions, alias, metric, statistic));
}

function found(alias: IPromptAlias, expression: string, name = ''): SearchExpression {
  return new SearchExpression({
    expression,
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
    label: `${alias.aliasName} \${PROP('Dim.Version')} ${name}`.trimEnd(),
  });
}

function searchFor(dimensions: readonly string[], alias: IPromptAlias, metric: string, statistic: string): string {
  const schema = `{${[PROMPT_METRICS.namespace, ...dimensions].join(',')}}`;
  const terms = Object.entries({
    MetricName: metric,
    Registry: registryOf(alias),
    Prompt: alias.promptName,
    Alias: alias.aliasName,
  }).map(([name, value]) => `${name}="${value}"`);
  return `SEARCH('${schema} ${terms.join(' ')}', '${statistic}')`;
}

/** By `/prompts/prod/financial-analysis`. */
function byPrompt(aliases: readonly IPromptAlias[]): Map<string, IPromptAlias[]> {
  const prompts = new Map<string, IPromptAlias[]>();
  for (const alias of aliases) {
    const parameter = `${registryOf(alias)}/${alias.promptName}`;
    prompts.set(parameter, [...(prompts.get(parameter) ?? []), alias]);
  }
  return prompts;
}

function registryOf({ parameterName, promptName, aliasName }: IPromptAlias): string {
  return parameterName.slice(0, -`/${promptName}/${aliasName}`.length);
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return list.flatMap((_item, index) => (index % size === 0 ? [list.slice(index, index + size)] : []));
}
