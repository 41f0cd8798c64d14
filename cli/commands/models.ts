import { usageError } from '../cli-error';
import type { Command } from '../command';
import { modelsAccess } from './models-access';
import { modelsCheck } from './models-check';
import { modelsList } from './models-list';
import { modelsRefresh } from './models-refresh';

const SUBCOMMANDS = [modelsRefresh, modelsList, modelsCheck, modelsAccess];

export const models: Command = {
  name: 'models',
  summary: 'which models prompts run on, and until when',
  positionals: ['refresh|list|check|access'],
  options: {},
  subcommands: SUBCOMMANDS,
  examples: SUBCOMMANDS.flatMap(({ examples }) => examples.slice(0, 1)),
  run: async ({ positionals: [name] }) => {
    throw usageError(`no models ${name}`, `commands: ${SUBCOMMANDS.map((one) => one.name.split(' ')[1]).join(', ')}`);
  },
};
