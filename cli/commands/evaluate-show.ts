import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';

export const evaluateShow: Command = {
  name: 'evaluate show',
  summary: 'the runs that were signed for an alias, newest first',
  positionals: ['PROMPT', '[ALIAS]'],
  options: {
    to: { type: 'string', value: 'VERSION', description: 'of one content: :4, @STAGING or pd1:…' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Without ALIAS it shows those of all aliases. A run is of a content, a suite and what it was compared with: a gate goes by the newest that compared with what is live.',
  ],
  examples: ['evaluate show financial-analysis PROD', 'evaluate show financial-analysis --to :4 --json'],
  run: async (context) => {
    const { terminal, values, positionals, openRegistry } = context;
    const { signedRuns } = await import('../evaluation/signed-runs');
    const { signedRunsText } = await import('../evaluation/signed-runs-text');
    const { reviewedContent } = await import('../reviews/reviewed-content');
    const [promptName = '', aliasName] = positionals;
    const runs = await terminal.progress('reading', async () => {
      const registry = await openRegistry(promptName);
      const prompt = await registry.prompt(promptName);
      const aliases = aliasName === undefined ? prompt.aliases : [registry.alias(prompt, aliasName)];
      const to = values.to as string | undefined;
      const digest = to === undefined ? undefined : (await reviewedContent(registry, prompt, to)).digest;
      const found = await Promise.all(aliases.map((alias) => signedRuns(registry, prompt, alias, digest)));
      return found.flat().sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
    });
    if (values.json) terminal.json(runs);
    else terminal.line(signedRunsText(runs, terminal));
    return ExitCode.Done;
  },
};
