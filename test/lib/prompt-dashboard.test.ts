import { Duration, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { embeddedMetrics } from '../../client/prompt-metrics';
import { ROLLOUT_METRICS } from '../../core/contract/prompt-metrics';
import { watchMetrics } from '../../lambda/model-lifecycle-watch/watch-metrics';
import { AliasTarget, type IPromptAlias, PromptAlias, PromptDashboard, Rollout } from '../../lib';
import { ENV, newApp, onlyResource, promptIn, registryIn, stackIn, templateOf } from './prompt-app';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly view?: string;
    readonly setPeriodToTimeRange?: boolean;
    readonly metrics?: [{ expression: string; label: string; period?: number }][];
  };
}

function widgetsOf(
  stack: Stack,
  aliases: IPromptAlias[],
  more: { modelEnds?: boolean; rollouts?: boolean } = {},
): Widget[] {
  new PromptDashboard(stack, 'Dashboard', { aliases, ...more });
  const { DashboardBody } = onlyResource(templateOf(stack), 'AWS::CloudWatch::Dashboard').Properties;
  const body = typeof DashboardBody === 'string' ? DashboardBody : DashboardBody['Fn::Join'][1].map(text).join('');
  return JSON.parse(body).widgets;
}

const text = (part: unknown) => (typeof part === 'string' ? part : ENV.region);
const twoAliases = () => {
  const stack = stackIn();
  const prompt = promptIn(stack);
  return { stack, aliases: [prompt.addAlias('PROD'), prompt.addAlias('STAGING')] };
};

describe('the dashboard', () => {
  it('searches each metric for all versions of each alias, and labels them by alias and version', () => {
    const { stack, aliases } = twoAliases();
    const uses = widgetsOf(stack, aliases).find(({ properties }) => properties.title === 'Uses');
    const found = (alias: string) => ({
      expression: `SEARCH('{PromptRegistry,Registry,Prompt,Alias,Version} MetricName="Uses" Registry="/prompts/prod" Prompt="financial-analysis" Alias="${alias}"', 'Sum')`,
      label: `${alias} \${PROP('Dim.Version')}`,
    });
    expect(uses?.properties.metrics).toEqual([[found('PROD')], [found('STAGING')]]);
  });

  it('sets versions side by side over the whole time shown, and over time', () => {
    const { stack, aliases } = twoAliases();
    const drawn = widgetsOf(stack, aliases).filter(({ type }) => type === 'metric');
    const titled = (isBar: boolean) =>
      drawn
        .filter(({ properties: { view, setPeriodToTimeRange } }) => isBar === (view === 'bar' && setPeriodToTimeRange))
        .map(({ properties }) => properties.title);
    const titles = [
      ...['Uses', 'Share of uses that failed', 'Latency p50 (ms)', 'Latency p99 (ms)'],
      ...['Input tokens a use', 'Output tokens a use'],
    ];
    expect([titled(true), titled(false)]).toEqual([titles, titles]);
  });

  it('draws how long the models go on, as the watch over them writes it, where it is asked to', () => {
    const { stack, aliases } = twoAliases();
    const drawn = widgetsOf(stack, aliases, { modelEnds: true });
    const ends = drawn.filter(({ properties }) => properties.title?.startsWith('Days until a model ends'));
    const facts = { id: 'm', model: 'm', status: 'LEGACY', ends: '2027-03-01T00:00:00.000Z', read: '' };
    const watched = { prompt: 'financial-analysis', alias: 'PROD', version: 1, live: true, model: 'm', facts, days: 9 };
    const version = { ...watched, promptId: 'ABCDEFGHIJ', uncalled: null };
    const [line] = watchMetrics('/prompts/prod', [version], 0, 0) as [Record<string, unknown>];
    const [{ Namespace, Dimensions, Metrics }] = (line._aws as ReturnType<typeof JSON.parse>).CloudWatchMetrics;
    const expression = (alias: string) =>
      `SEARCH('{${[Namespace, ...Dimensions[0]].join(',')}} MetricName="${Metrics[0].Name}" Registry="${line.Registry}" Prompt="${line.Prompt}" Alias="${alias}"', 'Minimum')`;
    expect(ends.map(({ properties }) => properties.metrics?.map(([one]) => [one.expression, one.period]))).toEqual([
      [
        [expression('PROD'), 86_400],
        [expression('STAGING'), 86_400],
      ],
    ]);
  });

  it('draws no ends of models and no rollouts where nobody asks for them', () => {
    const { stack, aliases } = twoAliases();
    expect(JSON.stringify(widgetsOf(stack, aliases))).not.toMatch(/DaysToModelEnd|First(Uses|Errors)/);
  });

  it('draws whom a rollout gave which version, and what failed, where it is asked to', () => {
    const { stack, aliases } = twoAliases();
    const drawn = widgetsOf(stack, aliases, { rollouts: true });
    const expressions = (title: string) =>
      drawn
        .find(({ properties }) => properties.title?.startsWith(title))
        ?.properties.metrics?.map(([one]) => one.expression);
    const search = (alias: string, metric: string, statistic: string) =>
      `SEARCH('{PromptRegistry,Registry,Prompt,Alias,Version} MetricName="${metric}" Registry="/prompts/prod" Prompt="financial-analysis" Alias="${alias}"', '${statistic}')`;
    const share = (alias: string) => {
      const first = search(alias, 'FirstUses', 'Sum');
      return `100 * ${first} / SUM(${first})`;
    };
    expect(expressions('Rollout: share of users')).toEqual([share('PROD'), share('STAGING')]);
    expect(expressions('Rollout: share of first uses')).toEqual([
      search('PROD', 'FirstErrors', 'Average'),
      search('STAGING', 'FirstErrors', 'Average'),
    ]);
    // How slow first uses were is a question of the readout: the dashboard draws the latency of all uses.
    expect(Object.keys(ROLLOUT_METRICS.units)).toEqual(['FirstUses', 'FirstErrors', 'FirstLatency']);
  });

  it('draws the scores of each split by version, and none where nobody lists one', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const split = (name: string, scores: string[]) =>
      prompt.addAlias(name, {
        ...{ target: AliasTarget.parameter(), callableVersions: 3 },
        rollout: Rollout.split(50, { for: Duration.days(14), scores }),
      });
    const aliases = [split('PROD', ['polite', 'helpful']), split('EU', []), prompt.addAlias('DEV')];
    const scores = (widgets: Widget[]) => widgets.find(({ properties }) => properties.title?.includes('scores'));
    expect(scores(widgetsOf(stack, aliases, { rollouts: true }))?.properties.metrics).toEqual(
      ['helpful', 'polite'].map((name) => [
        {
          expression: `SEARCH('{PromptRegistry,Registry,Prompt,Alias,Version} MetricName="Score.${name}" Registry="/prompts/prod" Prompt="financial-analysis" Alias="PROD"', 'Average')`,
          label: `PROD \${PROP('Dim.Version')} ${name}`,
        },
      ]),
    );
    const other = twoAliases();
    expect(scores(widgetsOf(other.stack, other.aliases, { rollouts: true }))).toBeUndefined();
  });

  it('searches for what the client writes: namespace, dimensions, names of metrics', () => {
    const { stack, aliases } = twoAliases();
    const line = JSON.parse(
      embeddedMetrics({
        use: { operation: 'run', prompt: 'financial-analysis', alias: 'PROD', version: 2, source: 'registry', age: 0 },
        ...{ registry: '/prompts/prod', latency: 1, usage: { inputTokens: 1, outputTokens: 1 }, time: 0 },
      }),
    );
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    const expressions = widgetsOf(stack, aliases).flatMap(({ properties }) =>
      (properties.metrics ?? []).map(([{ expression }]) => expression),
    );
    const schemas = new Set(expressions.map((expression) => /{(.*)}/.exec(expression)?.[1]));
    expect([...schemas]).toEqual([[Namespace, ...Dimensions[0]].join(',')]);
    const names = new Set(expressions.map((expression) => /MetricName="(.*?)"/.exec(expression)?.[1]));
    expect([...names].sort()).toEqual(Metrics.map(({ Name }: { Name: string }) => Name).sort());
    for (const [dimension, value] of ['Registry', 'Prompt', 'Alias'].map((name) => [name, line[name]])) {
      expect(expressions.some((expression) => expression.includes(`${dimension}="${value}"`))).toBe(true);
    }
  });

  it('gives each prompt a section of its own, below the one before; no two widgets overlap', () => {
    const { stack, aliases } = twoAliases();
    const [parameterPrefix, promptName] = ['/prompts/prod', 'support-triage'];
    const other = PromptAlias.fromAliasName(stack, 'Other', { parameterPrefix, promptName, aliasName: 'PROD' });
    const widgets = widgetsOf(stack, [aliases[0], other, aliases[1]] as IPromptAlias[]);
    const headings = widgets.filter(({ type }) => type === 'text').map(({ properties }) => properties.markdown);
    expect(headings).toEqual([
      expect.stringMatching(/^## \/prompts\/prod\/financial-analysis\n.*Aliases: PROD, STAGING$/),
      expect.stringMatching(/^## \/prompts\/prod\/support-triage\n.*Aliases: PROD$/),
    ]);
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...widgets.map(({ x, width }) => x + width))).toBe(24);
  });

  it('can stand in a stack of its own, and be named', () => {
    const app = newApp();
    const stack = new Stack(app, 'Watch', { env: ENV });
    const names = { parameterPrefix: '/prompts/prod', promptName: 'advisor', aliasName: 'PROD' };
    const alias = PromptAlias.fromAliasName(stack, 'Alias', names);
    new PromptDashboard(stack, 'Dashboard', { aliases: [alias], dashboardName: 'prompts-prod' });
    expect(onlyResource(templateOf(stack), 'AWS::CloudWatch::Dashboard').Properties.DashboardName).toBe('prompts-prod');
  });

  it.each([
    [0, /expected aliases of 1 to 38 prompts .* found 0 prompts: list the aliases to draw/],
    [39, /found 39 prompts: make several dashboards/],
  ])('refuses %i prompts', (count, message) => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const aliases = Array.from({ length: count }, (_, index) =>
      promptIn(stack, { registry, promptName: `prompt-${index}` }).addAlias('PROD'),
    );
    expect(() => new PromptDashboard(stack, 'Dashboard', { aliases })).toThrow(message);
  });
});
