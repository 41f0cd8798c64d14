import { CliError, usageError } from '../cli-error';
import type { Command } from '../command';
import { ExitCode } from '../exit-code';
import { writeGenerated } from '../generated-file';

export const types: Command = {
  name: 'types',
  summary: "writes TypeScript types of the prompts' variables, for PromptClient",
  positionals: ['[FOLDER]'],
  options: {
    app: {
      type: 'string',
      value: 'FOLDER',
      description: 'from what cdk synth wrote (cdk.out), in place of prompt files: names and variants as deployed',
    },
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to; - for standard output. Default: prompts.d.ts',
    },
  },
  details: [
    'From all .prompt files in FOLDER (default: prompts) and the folders in it; needs no AWS. ' +
      'With new PromptClient<Prompts>(…) an unknown prompt and a missing or misspelt variable do not type-check.',
    'A file is the prompt of its name. Where the app gives a promptName, writes prompts in code or uses some of the files ' +
      'only, take --app. A prompt without a type is an error after the types of the others are written.',
  ],
  examples: [
    'types',
    'types prompts --out src/prompts.d.ts',
    'types --app cdk.out',
    'types --out - | diff - src/prompts.d.ts',
  ],
  run: async ({ terminal, positionals: [folder], values }) => {
    const { app, out = 'prompts.d.ts' } = values;
    if (app !== undefined && folder !== undefined) {
      throw usageError('types takes a folder of prompt files or --app, not both', 'leave one of them out');
    }
    const { promptTypes } = await import('../../core/prompt-file/prompt-types');
    const { promptsOfFolder } = await import('../prompt-folder');
    const { promptsOfApp } = await import('../prompts-of-app');
    const { prompts, problems, notes } =
      app === undefined ? await promptsOfFolder(folder ?? 'prompts') : await promptsOfApp(String(app));
    for (const note of notes) terminal.notice(note);
    const count = `${prompts.length} prompt${prompts.length === 1 ? '' : 's'}`;
    if (prompts.length > 0) await writeGenerated(String(out), promptTypes(prompts), count, terminal);
    if (problems.length === 0) return ExitCode.Done;
    throw new CliError({
      what: problems.join('\n'),
      fix: prompts.length > 0 ? `the types of ${count} are written: correct the rest` : 'correct these, then try again',
    });
  },
};
