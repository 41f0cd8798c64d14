import { versionOfArn } from '../../core/contract/version-arn';
import type { PromptMetrics } from '../../core/metrics/version-metrics';
import { sinceOf } from '../audit/span';
import { usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { METRICS_KEPT_DAYS, metricPeriod } from '../metrics/metric-period';
import { writeOutput } from '../written-output';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;

export const metrics: Command = {
  name: 'metrics',
  summary: 'uses, errors, latency, tokens, cost and scores of each version, side by side',
  positionals: ['PROMPT', '[ALIAS]'],
  asks: ['prompt'],
  options: {
    since: {
      type: 'string',
      value: 'SPAN',
      description: `how far back: 30m, 24h, or a date; without it ${DEFAULT_DAYS}d`,
    },
    html: { type: 'string', value: 'FILE', description: 'write a page with plots, which needs no network' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    "What PromptClient's run() measures, from CloudWatch in one question. A version that callers used through two aliases has a " +
      'line for each. LATENCY is the mean; P99 is the highest of all periods of that time.',
    'COST is an estimate, of the uses whose price was in the lock file of models; nothing stands there where no price was known.',
    'SCORE is what prompts.score() counted while the alias had a rollout: how many said yes. Whether two versions differ in it says ' +
      'rollout readout.',
    'CloudWatch finds metrics that got a value within the last two weeks.',
  ],
  examples: ['metrics financial-analysis', 'metrics financial-analysis PROD --since 24h --html metrics.html'],
  run: async (context) => {
    const { terminal, values } = context;
    const measured = await terminal.progress('reading CloudWatch', () => read(context));
    if (values.json) terminal.json(measured);
    else {
      const { metricsText } = await import('../metrics/metrics-text');
      terminal.line(metricsText(measured, terminal));
    }
    if (typeof values.html === 'string') {
      const { metricsPage } = await import('../../studio/metrics-page/metrics-page');
      await writeOutput(values.html, metricsPage(measured), terminal);
    }
    return ExitCode.Done;
  },
};

async function read(context: CommandContext): Promise<PromptMetrics> {
  const { positionals, values, now, openRegistry } = context;
  const [promptName = '', aliasName] = positionals;
  const until = now();
  const since = sinceOf(values.since, until) ?? new Date(until.getTime() - DEFAULT_DAYS * DAY_MS);
  const oldest = until.getTime() - METRICS_KEPT_DAYS * DAY_MS;
  if (since >= until || since.getTime() < oldest) {
    const what = `--since ${values.since} is ${since >= until ? 'no past time' : 'longer ago than CloudWatch keeps metrics'}`;
    throw usageError(what, `name a time within the last ${METRICS_KEPT_DAYS} days`);
  }
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  if (aliasName !== undefined) registry.alias(prompt, aliasName);
  const { gatherMetrics } = await import('../metrics/gather-metrics');
  const { parameterPrefix } = registry.stack;
  const period = metricPeriod(since, until);
  const wanted = {
    registry: parameterPrefix,
    prompt: promptName,
    alias: aliasName,
    since,
    until,
    period,
    scores: true,
  };
  const [found, pointers] = await Promise.all([
    gatherMetrics(registry.clients.cloudWatch, wanted),
    registry.reader.aliases(promptName),
  ]);
  const live = new Map(pointers.map((one) => [one.aliasName, versionOfArn(one.versionArn)]));
  const versions = found.map((one) => ({ ...one, live: one.version !== null && live.get(one.alias) === one.version }));
  const [from, to] = [since.toISOString(), until.toISOString()];
  return { prompt: promptName, registry: parameterPrefix, since: from, until: to, period, versions };
}
