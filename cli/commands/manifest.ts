import { lockedFacts } from '../../core/models/locked-facts';
import { visibleLine } from '../../core/text/visible-text';
import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfThere, lockPath } from '../models/lock-file';
import { modelUses } from '../models/model-uses';
import { shortGuardrail } from '../short-guardrail';
import { table } from '../table';
import type { Terminal } from '../terminal';

/** What an alias serves. */
interface ManifestEntry {
  readonly registry: string;
  readonly stack: string;
  readonly region: string;
  readonly prompt: string;
  readonly alias: string;
  readonly version: number;
  readonly digest: string | null;
  /** Tags that name the content; left out where none does. */
  readonly tags?: readonly string[];
  /** What callers of the alias are told to name, `arn:…:guardrail/ID:3`; left out for nothing. */
  readonly guardrail?: string;
  /** As the version names it; null for a version without a model. */
  readonly model: string | null;
  /** The foundation model behind it; null where the lock file does not tell. */
  readonly modelId: string | null;
  readonly route: string | null;
  readonly status: string | null;
  readonly end: string | null;
  readonly successor: string | null;
}

export const manifest: Command = {
  name: 'manifest',
  summary: 'the inventory: prompt, version, digest, model, route and end of every alias',
  positionals: [],
  options: { ...LOCK_OPTION, ...REGISTRY_OPTIONS },
  details: [
    'An entry for each alias that points to a version, of every registry of the account and Region, as the ledgers have it. ' +
      'Model, route and end are empty where nothing is known; the end comes from the lock file, if there is one.',
  ],
  examples: ['manifest --json', 'manifest --stack Prompts-prod'],
  run: async (context) => {
    const { terminal, values, now } = context;
    const lock = await lockIfThere(lockPath(values));
    const { region, uses, isPartial } = await modelUses(context, true);
    const entries = uses
      .filter(({ live }) => live)
      .map(({ live: _, model, digest = null, ...use }): ManifestEntry => {
        const facts = typeof model === 'string' ? lockedFacts(model, region, lock, now()) : undefined;
        const { modelId = null, route = null, status = null, end = null, successor = null } = facts ?? {};
        return { ...use, region, digest, model: model ?? null, modelId, route, status, end, successor };
      })
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    if (values.json) terminal.json({ schema: 1, time: now().toISOString(), aliases: entries });
    else terminal.line(manifestText(entries, terminal));
    return isPartial ? ExitCode.NotAllowed : ExitCode.Done;
  },
};

function nameOf({ registry, prompt, alias }: ManifestEntry): string {
  return `${registry}/${prompt}/${alias}`;
}

function manifestText(entries: readonly ManifestEntry[], terminal: Terminal): string {
  if (entries.length === 0) return 'no alias points to a version';
  const isGuarded = entries.some(({ guardrail }) => guardrail !== undefined);
  const rows = entries.map(({ prompt, alias, version, digest, model, route, end, guardrail }) => [
    ...[prompt, alias, String(version), digest?.slice(0, 16) ?? '', model ?? 'none', route ?? '', end ?? ''].map(
      visibleLine,
    ),
    ...(isGuarded ? [shortGuardrail(guardrail)] : []),
  ]);
  const headings = ['PROMPT', 'ALIAS', 'VERSION', 'DIGEST', 'MODEL', 'ROUTE', 'ENDS'];
  return table([...headings, ...(isGuarded ? ['GUARDRAIL'] : [])], rows, terminal);
}
