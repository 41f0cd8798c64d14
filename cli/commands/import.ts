import { usageError } from '../cli-error';
import type { Command } from '../command';
import { importBedrock } from './import-bedrock';
import { importLangfuse } from './import-langfuse';

export const importCommand: Command = {
  name: 'import',
  summary: 'brings prompts from elsewhere, as prompt files',
  positionals: ['langfuse|bedrock'],
  options: {},
  subcommands: [importLangfuse, importBedrock],
  examples: [...importLangfuse.examples, ...importBedrock.examples.slice(0, 1)],
  run: async ({ positionals: [name] }) => {
    throw usageError(`no import ${name}`, 'imports: langfuse, bedrock');
  },
};
