import { type Command, REGISTRY_OPTIONS } from '../command';

export const modelsPromote: Command = {
  name: 'models promote',
  summary: 'moves an alias of all prompts whose STAGING runs on a model, in one change set',
  positionals: ['MODEL', 'ALIAS'],
  options: {
    from: { type: 'string', value: 'ALIAS', description: 'the alias whose versions are promoted. Default: STAGING' },
    prompts: { type: 'string', value: 'GLOB', description: 'only prompts of these names: fin-*' },
    reason: { type: 'string', value: 'TEXT', description: "why; kept in each ledger's record" },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'All aliases move or none: it is one stack update, which CloudFormation rolls back as a whole. Gates are asked for each ' +
      'prompt before there is a change set.',
  ],
  examples: ['models promote us.amazon.nova-lite-v1:0 PROD'],
  run: async (context) => (await import('../models/models-release')).releaseByModel(context, 'promote'),
};
