import { usageError } from '../cli-error';
import type { Command } from '../command';
import { exportLangfuse } from './export-langfuse';

export const exportCommand: Command = {
  name: 'export',
  summary: 'writes the versions of a registry for another tool',
  positionals: ['langfuse'],
  options: {},
  subcommands: [exportLangfuse],
  examples: exportLangfuse.examples,
  run: async ({ positionals: [name] }) => {
    throw usageError(`no export ${name}`, 'exports: langfuse');
  },
};
