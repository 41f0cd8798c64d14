import type { PromptVariantContent } from '../../core/content/prompt-content';
import { type SnapshotAlias, writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { versionOfArn } from '../../core/contract/version-arn';
import { pricesOf } from '../../core/models/model-prices';
import { CliError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { writeGenerated } from '../generated-file';
import { LOCK_OPTION, lockIfThere, lockPath } from '../models/lock-file';
import type { Registry } from '../registry';
import type { PointedAlias } from '../registry-reader';

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
    ...LOCK_OPTION,
    ...REGISTRY_OPTIONS,
    json: { type: 'boolean', description: 'the same as --out -' },
  },
  details: [
    'Prices of the lock file, if there is one, go into it, so that the client can tell what a call costs.',
    'Run it when the application is built: its PromptClient serves the snapshot where SSM cannot be reached and it knows ' +
      'nothing newer. Aliases that point to no version, or to a withdrawn one, are left out.',
  ],
  examples: ['snapshot', 'snapshot --alias PROD --out dist/prompt-snapshot.json'],
  run: async (context) => {
    const { terminal, values, now } = context;
    // Before the aliases are read: a snapshot must not look younger than it is.
    const time = now();
    const { parameterPrefix, aliases, leftOut, prices } = await terminal.progress('reading aliases', () =>
      read(context),
    );
    const text = writePromptSnapshot(parameterPrefix, time, aliases, prices);
    const out = values.json ? '-' : typeof values.out === 'string' ? values.out : 'prompt-snapshot.json';
    await writeGenerated(
      out,
      text,
      `${aliases.length} alias${aliases.length === 1 ? '' : 'es'} of ${parameterPrefix}`,
      terminal,
    );
    for (const line of leftOut) terminal.notice(`left out: ${line}`);
    return ExitCode.Done;
  },
};

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
    const { versionArn } = pointer;
    const variant = contents.get(versionArn) ?? content(registry, pointer, version);
    contents.set(versionArn, variant);
    return [{ promptName, aliasName, versionArn, variant: await variant }];
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
