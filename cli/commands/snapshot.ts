import type { PromptVariantContent } from '../../core/content/prompt-content';
import { type SnapshotAlias, writeFileSnapshot, writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { versionOfArn } from '../../core/contract/version-arn';
import { type ModelPrices, pricesOf } from '../../core/models/model-prices';
import { plural } from '../../studio/plural';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, type OptionValues, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { writeGenerated } from '../generated-file';
import { LOCK_OPTION, lockIfThere, lockPath } from '../models/lock-file';
import type { Registry } from '../registry';
import type { PointedAlias } from '../registry-reader';

/** As `PromptRegistry` has it. */
const DEFAULT_PREFIX = '/prompts';

export const snapshot: Command = {
  name: 'snapshot',
  summary: 'writes what the aliases point to now, contents included, for PromptClient',
  positionals: [],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to; - for standard output. Default: prompt-snapshot.json',
    },
    alias: { type: 'string', value: 'ALIAS', description: 'only aliases of this name. Default: all' },
    from: {
      type: 'string',
      value: 'FOLDER',
      description: 'from the .prompt files in this folder, before anything is deployed; needs no AWS',
    },
    prefix: {
      type: 'string',
      value: 'PREFIX',
      description: `with --from: parameter prefix of the client. Default: ${DEFAULT_PREFIX}`,
    },
    ...LOCK_OPTION,
    ...REGISTRY_OPTIONS,
    json: { type: 'boolean', description: 'the same as --out -' },
  },
  details: [
    'Prices of the lock file, if there is one, go into it, so that the client can tell what a call costs.',
    'Run it when the application is built: its PromptClient serves the snapshot where SSM cannot be reached and it knows ' +
      'nothing newer. Aliases that point to no version, or to a withdrawn one, are left out.',
    'With --from the client has the contents of the files as fallbacks of every alias, and where the registry has no such ' +
      'alias. They are nobody’s release: build what you deploy without it.',
  ],
  examples: [
    'snapshot',
    'snapshot --alias PROD --out dist/prompt-snapshot.json',
    'snapshot --from prompts --prefix /prompts/dev',
  ],
  run: async (context) => {
    const { terminal, values, now } = context;
    if (values.from !== undefined) return snapshotOfFiles(context, String(values.from));
    if (values.prefix !== undefined)
      throw usageError('--prefix goes with --from', 'leave it out: the registry knows its own');
    // Before the aliases are read: a snapshot must not look younger than it is.
    const time = now();
    const { parameterPrefix, aliases, leftOut, prices } = await terminal.progress('reading aliases', () =>
      read(context),
    );
    const text = writePromptSnapshot(parameterPrefix, time, aliases, prices);
    await writeGenerated(
      outOf(values),
      text,
      `${aliases.length} alias${aliases.length === 1 ? '' : 'es'} of ${parameterPrefix}`,
      terminal,
    );
    for (const line of leftOut) terminal.notice(`left out: ${line}`);
    return ExitCode.Done;
  },
};

function outOf({ json, out }: OptionValues): string {
  if (json) return '-';
  return typeof out === 'string' ? out : 'prompt-snapshot.json';
}

/** Nothing is written where one of the files is wrong: a client would miss it only when it is needed. */
async function snapshotOfFiles({ terminal, values, now }: CommandContext, folder: string): Promise<ExitCode> {
  const ofRegistry = ['alias', 'stack', 'ledger-bucket'].filter((name) => values[name] !== undefined);
  if (ofRegistry.length > 0) {
    throw usageError(`files have no ${ofRegistry[0]}`, `leave --${ofRegistry[0]} out, or --from`);
  }
  const { promptsOfFolder } = await import('../prompt-folder');
  const { prompts, problems, notes } = await promptsOfFolder(folder);
  for (const note of notes) terminal.notice(note);
  if (problems.length > 0) throw new CliError({ what: problems.join('\n'), fix: 'correct these, then try again' });
  const prefix = typeof values.prefix === 'string' ? values.prefix : DEFAULT_PREFIX;
  const text = writeFileSnapshot(prefix, now(), prompts, await pricesHere(values));
  await writeGenerated(outOf(values), text, `${plural(prompts.length, 'prompt file')} for ${prefix}`, terminal);
  return ExitCode.Done;
}

/** Of the Region that options or environment name: nobody else is asked. */
async function pricesHere(values: OptionValues): Promise<ModelPrices | undefined> {
  const lock = await lockIfThere(lockPath(values));
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = typeof values.region === 'string' ? values.region : AWS_REGION || AWS_DEFAULT_REGION;
  const prices = region === undefined ? undefined : lock?.regions[region];
  return prices && pricesOf(prices);
}

async function read({ openRegistry, values }: CommandContext) {
  const registry = await openRegistry();
  const { reader, stack } = registry;
  const wanted = stack.aliases.filter(({ aliasName }) => values.alias === undefined || aliasName === values.alias);
  if (wanted.length === 0) {
    const names = [...new Set(stack.aliases.map(({ aliasName }) => aliasName))].sort();
    throw new CliError({
      what: `no alias ${values.alias} in this registry`,
      fix: `aliases there: ${names.join(', ')}`,
    });
  }
  const pointers = await reader.aliases();
  const contents = new Map<string, Promise<PromptVariantContent>>();
  const leftOut: string[] = [];
  const found = wanted.map(async ({ promptName, aliasName }): Promise<SnapshotAlias[]> => {
    const pointer = pointers.find((one) => one.promptName === promptName && one.aliasName === aliasName);
    const version = versionOfArn(pointer?.versionArn);
    if (!pointer || version === null) {
      leftOut.push(`${promptName}/${aliasName} points to no version`);
      return [];
    }
    if ((await registry.prompt(promptName)).withdrawn.includes(version)) {
      leftOut.push(`${promptName}/${aliasName} points to version ${version}, which is withdrawn`);
      return [];
    }
    const { versionArn, guardrail } = pointer;
    const variant = contents.get(versionArn) ?? content(registry, pointer, version);
    contents.set(versionArn, variant);
    return [{ promptName, aliasName, versionArn, variant: await variant, guardrail }];
  });
  const aliases = (await Promise.all(found)).flat();
  const lock = await lockIfThere(lockPath(values));
  const region = await registry.clients.cloudFormation.config.region();
  const prices = lock?.regions[region] && pricesOf(lock.regions[region]);
  return { parameterPrefix: stack.parameterPrefix, aliases, leftOut: leftOut.sort(), prices };
}

/** From Bedrock alone: what only the archive still has, nobody can call. */
async function content(
  { reader }: Registry,
  { promptName, aliasName, versionArn }: PointedAlias,
  version: number,
): Promise<PromptVariantContent> {
  const found = await reader.held(versionArn.replace(/^.*\/|:\d+$/g, ''), version);
  if (found) return found.variant;
  throw new CliError({
    what: `${promptName}/${aliasName} points to version ${version}, which Bedrock does not hold`,
    why: 'it was deleted outside of the registry',
    fix: `release another one: prompt-registry promote ${promptName} ${aliasName} --to VERSION`,
  });
}
