import { usageError } from '../cli-error';
import type { Command } from '../command';
import { modelsAccess } from './models-access';
import { modelsCheck } from './models-check';
import { modelsList } from './models-list';
import { modelsPromote } from './models-promote';
import { modelsRefresh } from './models-refresh';
import { modelsRollback } from './models-rollback';
import { modelsSwap } from './models-swap';

const SUBCOMMANDS = [modelsRefresh, modelsList, modelsCheck, modelsAccess, modelsSwap, modelsPromote, modelsRollback];

export const models: Command = {
  name: 'models',
  summary: 'which models prompts run on, and until when; another one for all of them',
  positionals: ['refresh|list|check|access|swap|promote|rollback'],
  options: {},
  subcommands: SUBCOMMANDS,
  examples: SUBCOMMANDS.flatMap(({ examples }) => examples.slice(0, 1)),
  run: async ({ positionals: [name] }) => {
    throw usageError(`no models ${name}`, `commands: ${SUBCOMMANDS.map((one) => one.name.split(' ')[1]).join(', ')}`);
  },
};
