import { usageError } from '../cli-error';
import type { Command } from '../command';
import { rolloutHalt } from './rollout-halt';
import { rolloutReadout } from './rollout-readout';
import { rolloutStatus } from './rollout-status';

export const rollout: Command = {
  name: 'rollout',
  summary: 'how far a rollout got, how both versions do, and taking the candidate back at once',
  positionals: ['status|halt|readout'],
  options: {},
  subcommands: [rolloutStatus, rolloutHalt, rolloutReadout],
  examples: [...rolloutStatus.examples, ...rolloutHalt.examples, ...rolloutReadout.examples],
  run: async ({ positionals: [name] }) => {
    throw usageError(
      `no rollout ${name}`,
      'rollouts: status, halt, readout; promote begins and settles one, rollback ends it',
    );
  },
};
