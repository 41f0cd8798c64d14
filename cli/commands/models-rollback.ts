import { type Command, REGISTRY_OPTIONS } from '../command';

export const modelsRollback: Command = {
  name: 'models rollback',
  summary: 'moves an alias of all prompts on a model back to the version before, in one change set',
  positionals: ['MODEL', 'ALIAS'],
  options: {
    prompts: { type: 'string', value: 'GLOB', description: 'only prompts of these names: fin-*' },
    reason: { type: 'string', value: 'TEXT', description: "why; kept in each ledger's record" },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Those that the newest release onto the model moved: a prompt that ran on it before stays. All aliases move or none; going ' +
      'back asks nobody.',
  ],
  examples: ['models rollback us.amazon.nova-lite-v1:0 PROD --yes'],
  run: async (context) => (await import('../models/models-release')).releaseByModel(context, 'rollback'),
};
