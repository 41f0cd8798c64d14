import { usageError } from '../cli-error';
import type { Command } from '../command';
import { rolloutHalt } from './rollout-halt';
import { rolloutStatus } from './rollout-status';

export const rollout: Command = {
  name: 'rollout',
  summary: 'how far a rollout got, and taking its candidate back at once',
  positionals: ['status|halt'],
  options: {},
  subcommands: [rolloutStatus, rolloutHalt],
  examples: [...rolloutStatus.examples, ...rolloutHalt.examples],
  run: async ({ positionals: [name] }) => {
    throw usageError(`no rollout ${name}`, 'rollouts: status, halt; promote begins and settles one, rollback ends it');
  },
};
