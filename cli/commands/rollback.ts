import { type Command, REGISTRY_OPTIONS } from '../command';

export const rollback: Command = {
  name: 'rollback',
  summary: 'moves an alias back to the version it pointed to before',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias'],
  options: {
    to: { type: 'string', value: 'VERSION', description: 'another version than the one before' },
    withdraw: {
      type: 'boolean',
      description: 'withdraw the bad version in the same update: no alias of the prompt serves it',
    },
    reason: { type: 'string', value: 'TEXT', description: "why; kept in the ledger's record" },
    plan: { type: 'string', value: 'ID', description: 'execute this plan, and nothing but it' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Without --withdraw the version that is left stays callable for those who read the alias a moment ago. With it, its ' +
      'callers are refused as soon as IAM has spread the change.',
  ],
  examples: [
    'rollback financial-analysis PROD --yes',
    'rollback financial-analysis PROD --withdraw',
    'rollback financial-analysis PROD --to :1',
  ],
  run: async (context) => {
    const { release } = await import('../release/release');
    const { releaseOrder } = await import('../release/release-order');
    return release(context, releaseOrder(context, 'rollback'));
  },
};
