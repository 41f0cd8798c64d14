import { usageError } from '../cli-error';
import type { Command } from '../command';
import { importLangfuse } from './import-langfuse';

export const importCommand: Command = {
  name: 'import',
  summary: 'brings prompts from elsewhere, as prompt files',
  positionals: ['langfuse'],
  options: {},
  subcommands: [importLangfuse],
  examples: importLangfuse.examples,
  run: async ({ positionals: [name] }) => {
    throw usageError(`no import ${name}`, 'imports: langfuse');
  },
};
