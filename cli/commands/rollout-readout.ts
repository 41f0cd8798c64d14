import type { ExperimentReport } from '../../core/experiment/report';
import { usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { writeOutput } from '../written-output';

const SLOW_MS = 10_000;
/** What a page draws. */
const LOOKS = 14;

export const rolloutReadout: Command = {
  name: 'rollout readout',
  summary: 'how both versions of a rollout did, and whether they differ: errors, slow answers, scores',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias'],
  options: {
    slow: {
      type: 'string',
      value: 'SPAN',
      description:
        'until when a first use is to be answered: 800ms, 3s, 1m; without it 10s. Slow is one that is not, failed ones as well',
    },
    repeats: {
      type: 'string',
      value: 'N',
      description:
        'how often one user may have been counted: in how many processes, with how many scores; without it 1',
    },
    html: { type: 'string', value: 'FILE', description: 'write a page with plots, which needs no network' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    "Of the alias's newest rollout, also of one that ended. It may be read out as often as you like: the true difference " +
      'is between the two numbers with 95 %, at all looks together, and that any metric is ever said to differ where none ' +
      'does has a chance of 5 %; of this look alone, where CloudWatch no longer has the beginning. It decides nothing: nobody ' +
      'is promoted by it.',
    'First it checks whether the candidate got the share of the users that was planned. If not, it is void and exits with 2.',
    'Choose --slow before you look. Errors and slow answers are counted once for each key and process, scores as often as ' +
      'they are given; --repeats divides all counts.',
  ],
  examples: [
    'rollout readout financial-analysis PROD',
    'rollout readout financial-analysis PROD --slow 5s --html readout.html',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    const report = await terminal.progress('reading CloudWatch', () => read(context));
    if (values.json) terminal.json(report);
    else {
      const { readoutText } = await import('../rollout/readout-text');
      terminal.line(readoutText(report, terminal));
    }
    if (typeof values.html === 'string') {
      const { readoutPage } = await import('../../studio/readout-page/readout-page');
      await writeOutput(values.html, readoutPage(report), terminal);
    }
    return report.isVoid ? ExitCode.Differs : ExitCode.Done;
  },
};

async function read({ positionals, values, openRegistry, now }: CommandContext): Promise<ExperimentReport> {
  const [promptName = '', aliasName = ''] = positionals;
  const repeats = repeatsOf(values.repeats);
  const slow = slowOf(values.slow);
  const { readReadout } = await import('../rollout/read-readout');
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const alias = registry.alias(prompt, aliasName);
  const state = await registry.aliasState(prompt, alias, await registry.reader.aliases(promptName));
  const mostLooks = values.json || values.html !== undefined ? LOOKS : 0;
  return readReadout(registry, prompt, state, { slow, repeats, mostLooks }, now());
}

function repeatsOf(option: unknown): number {
  if (option === undefined) return 1;
  if (/^[1-9]\d{0,5}$/.test(`${option}`)) return Number(option);
  throw usageError(
    `--repeats ${JSON.stringify(option)} is no number of times`,
    'write a whole number from 1 on: --repeats 10',
  );
}

function slowOf(option: unknown): number {
  if (option === undefined) return SLOW_MS;
  const [, count, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(`${option}`) ?? [];
  const milliseconds = Math.round(Number(count) * ({ ms: 1, s: 1_000, m: 60_000 }[unit] ?? 0));
  if (count !== undefined && milliseconds > 0) return milliseconds;
  throw usageError(`--slow ${JSON.stringify(option)} is no span of time`, 'write 800ms, 3s or 1m');
}
