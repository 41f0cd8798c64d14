import { judgeModel } from '../../core/models/judge-model';
import { RegistryError } from '../../core/registry-error';
import { plural } from '../../studio/plural';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfThere, lockPath } from '../models/lock-file';
import type { SwappedFile } from '../models/swapped-file';

export const modelsSwap: Command = {
  name: 'models swap',
  summary: 'writes another model into all prompt files that are on this one',
  positionals: ['OLD', 'NEW'],
  options: {
    prompts: { type: 'string', value: 'GLOB', description: 'only prompts of these names: fin-*' },
    folder: { type: 'string', value: 'FOLDER', description: 'where the prompt files are. Default: prompts' },
    offline: { type: 'boolean', description: 'edit the files without a look at the registry' },
    ...LOCK_OPTION,
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Changes one line of each file. Before it writes any, it asks the registry for prompts that hold ten versions of which ' +
      'none may go, since a deployment would fail there, and the lock file whether the new model can be called.',
    'Then deploy: STAGING follows. models promote NEW PROD moves PROD of all of them in one change set, models rollback NEW ' +
      'PROD brings all back.',
  ],
  examples: [
    'models swap anthropic.claude-3-haiku-20240307-v1:0 us.anthropic.claude-haiku-4-5-20251001-v1:0',
    "models swap us.amazon.nova-pro-v1:0 us.amazon.nova-lite-v1:0 --prompts 'fin-*'",
  ],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    const [before = '', after = ''] = positionals;
    if (before === after) throw usageError('both models are the same', 'models swap OLD NEW');
    const files = await filesOn(context, before, after);
    await checkNewModel(context, after);
    if (!values.offline) await checkRoom(context, files);
    const { writeFile } = await import('node:fs/promises');
    for (const { path, source } of files) await writeFile(path, source);
    const written = files.map(({ path, promptName }) => ({ path, prompt: promptName }));
    if (values.json) terminal.json({ from: before, to: after, files: written });
    else
      terminal.line(
        [
          ...written.map(({ path }) => `${terminal.colors.green(terminal.glyphs.ok)} ${path}`),
          `${plural(files.length, 'file')}, one line each. Next: deploy, compare STAGING, prompt-registry models promote ${after} PROD`,
        ].join('\n'),
      );
    return ExitCode.Done;
  },
};

async function filesOn({ values }: CommandContext, before: string, after: string): Promise<SwappedFile[]> {
  const { readFile } = await import('node:fs/promises');
  const { nameGlob } = await import('../import/name-glob');
  const { fileIfThere } = await import('../file-if-there');
  const { promptFiles } = await import('../prompt-folder');
  const { swappedFile } = await import('../models/swapped-file');
  const folder = typeof values.folder === 'string' ? values.folder : 'prompts';
  const isWanted = nameGlob(typeof values.prompts === 'string' ? values.prompts : '*');
  const problems: string[] = [];
  const found: SwappedFile[] = [];
  for (const path of await promptFiles(folder)) {
    try {
      const swapped = swappedFile(path, await readFile(path), [before, after], fileIfThere);
      if (swapped && isWanted(swapped.promptName)) found.push(swapped);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) {
    throw new CliError({ what: problems.join('\n'), fix: 'correct these; no file was changed' });
  }
  if (found.length > 0) return found;
  const which = typeof values.prompts === 'string' ? ` of a name like ${values.prompts}` : '';
  throw new CliError({
    what: `no prompt file${which} in ${folder} is on ${before}`,
    fix: ['models list shows what runs on which model', 'say where the files are with --folder'],
  });
}

async function checkNewModel({ values, now, terminal }: CommandContext, model: string): Promise<void> {
  const path = lockPath(values);
  const lock = await lockIfThere(path);
  if (lock === undefined) {
    terminal.notice(`${terminal.glyphs.note} there is no ${path}: nobody looked whether ${model} can be called`);
    return;
  }
  // Of several Regions the files serve all: one that can call it is enough, and synthesis judges each.
  const verdicts = Object.keys(lock.regions).map((region) => judgeModel(model, { region }, lock, now()));
  const [first] = verdicts;
  if (first?.is === 'wrong' && verdicts.every(({ is }) => is === 'wrong')) {
    throw new RegistryError(first.code, `${first.message}; no file was changed`);
  }
  for (const verdict of verdicts)
    if (verdict.is === 'noted') terminal.notice(`${terminal.glyphs.note} ${verdict.message}`);
}

async function checkRoom(context: CommandContext, files: readonly SwappedFile[]): Promise<void> {
  const { promptsWithoutRoom } = await import('../models/without-room');
  const registry = await context.openRegistry();
  const full = await context.terminal.progress('looking for prompts without room', () =>
    promptsWithoutRoom(registry, files),
  );
  if (full.length === 0) return;
  throw new CliError({
    what: `${plural(full.length, 'prompt')} without room for a version: ${full.map(({ promptName }) => promptName).join(', ')}`,
    why: full.map(({ promptName, why }) => `${promptName}: ${why}`).join('\n'),
    fix: [
      'no file was changed; move or remove an alias, shorten keepVersions, or delete a version by hand',
      'or leave these prompts out with --prompts',
    ],
  });
}
