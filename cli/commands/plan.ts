import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';

export const plan: Command = {
  name: 'plan',
  summary: 'what a release would do, as a change set that is not executed',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias', 'target'],
  options: {
    to: { type: 'string', value: 'VERSION', description: ':6, @STAGING, pd1:… or previous' },
    withdraw: { type: 'boolean', description: 'withdraw the version that the alias points to now, in the same update' },
    now: { type: 'boolean', description: 'move at once, also an alias that rolls out' },
    reason: { type: 'string', value: 'TEXT', description: "why; kept in the ledger's record" },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'The plan id is the ARN of the change set. CloudFormation itself makes it stale: once the stack was changed by anybody, ' +
      'promote --plan refuses it. A change set that would touch anything but this alias is refused.',
  ],
  examples: ['plan financial-analysis PROD --to @STAGING', 'plan financial-analysis PROD --to :2 --json'],
  run: async (context) => {
    const { prepare } = await import('../release/release');
    const { planText } = await import('../release/plan-text');
    const { releaseOrder } = await import('../release/release-order');
    const { terminal, values } = context;
    const { plan: planned, request } = await prepare(context, releaseOrder(context, 'promote'), 'show');
    if (values.json) terminal.json(planned ?? null);
    else if (planned) terminal.line(`${planText(planned, terminal)}\n\nplan id  ${planned.id}`);
    else terminal.line(`${request.state.alias.aliasName} points to ${request.to} already: nothing to do`);
    return ExitCode.Done;
  },
};
