import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { RolloutReading } from '../rollout/read-rollout';

/** The controller comes once a minute. */
const LOOK_MS = 10_000;

export const rolloutStatus: Command = {
  name: 'rollout status',
  summary: 'how far a rollout got, and what its guards say',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias'],
  options: {
    watch: { type: 'boolean', description: 'look again every 10 seconds until it ends or Ctrl-C' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'From the ledger and its chain of steps; uses and errors from CloudWatch, candidate first. A first use is the first call ' +
      'with a key by a process: only those are compared, since few users with many calls would decide otherwise.',
    'Nobody can read more than the guards have decided on: that they say "not worse" is no proof that the candidate is as good.',
  ],
  examples: ['rollout status financial-analysis PROD', 'rollout status financial-analysis PROD --watch'],
  run: async (context) => {
    const { terminal, values } = context;
    const { rolloutText } = await import('../rollout/rollout-text');
    let shown = '';
    for (;;) {
      const reading = await terminal.progress('reading the rollout', () => read(context));
      const now = context.now();
      const text = values.json ? JSON.stringify(await jsonOf(reading, now)) : rolloutText(reading, now, terminal);
      if (text !== shown) {
        if (values.json) terminal.json(JSON.parse(text));
        else terminal.line(text);
      }
      shown = text;
      if (!values.watch || reading.rollout === null) return ExitCode.Done;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  },
};

async function read({ positionals, openRegistry, now }: CommandContext): Promise<RolloutReading> {
  const { readRollout } = await import('../rollout/read-rollout');
  const [promptName = '', aliasName = ''] = positionals;
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const alias = registry.alias(prompt, aliasName);
  const state = await registry.aliasState(prompt, alias, await registry.reader.aliases(promptName));
  return readRollout(registry, prompt, state, now());
}

async function jsonOf(reading: RolloutReading, now: Date) {
  const { rolloutState } = await import('../rollout/rollout-state');
  const { prompt, alias, stable, rollout, began, steps, verdict, held, notes } = reading;
  if (rollout === null) return { prompt, alias, stable, rollout: null };
  const { plan, candidate, ...settings } = rollout;
  return {
    prompt,
    alias,
    stable,
    rollout: { plan, candidate: candidate.version, digest: candidate.digest, began, ...settings },
    ...rolloutState(reading, now),
    ...(verdict && { worse: verdict.halt !== undefined, waits: verdict.wait, evidence: verdict.evidence }),
    ...(held !== undefined && { waits: [held] }),
    records: steps,
    notes,
  };
}
