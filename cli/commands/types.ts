import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../cli-error';
import type { Command } from '../command';
import { ExitCode } from '../exit-code';
import { writeGenerated } from '../generated-file';

export const types: Command = {
  name: 'types',
  summary: "writes TypeScript types of the prompts' variables, for PromptClient",
  positionals: ['[FOLDER]'],
  options: {
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
  ],
  examples: ['types', 'types prompts --out src/prompts.d.ts', 'types --out - | diff - src/prompts.d.ts'],
  run: async ({ terminal, positionals: [folder = 'prompts'], values }) => {
    const { parsePromptFile } = await import('../../core/prompt-file/prompt-file');
    const { promptTypes } = await import('../../core/prompt-file/prompt-types');
    const paths = await promptFiles(folder);
    const prompts = await Promise.all(paths.map(async (path) => parsePromptFile(await readFile(path), path)));
    const out = typeof values.out === 'string' ? values.out : 'prompts.d.ts';
    await writeGenerated(
      out,
      promptTypes(prompts),
      `${prompts.length} prompt${prompts.length === 1 ? '' : 's'}`,
      terminal,
    );
    return ExitCode.Done;
  },
};

async function promptFiles(folder: string): Promise<string[]> {
  const fix = 'name the folder that holds the .prompt files: prompt-registry types FOLDER';
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new CliError({ what: `cannot read folder ${folder}`, why: (cause as Error).message, fix }, undefined, {
      cause,
    });
  }
  const paths = names.filter((name) => name.endsWith('.prompt')).map((name) => join(folder, name));
  if (paths.length === 0) throw new CliError({ what: `no .prompt file in ${folder}`, fix });
  return paths.sort();
}
