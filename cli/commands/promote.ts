import { type Command, REGISTRY_OPTIONS } from '../command';

export const promote: Command = {
  name: 'promote',
  summary: 'moves an alias to a version, after showing what that changes',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias', 'target'],
  options: {
    to: { type: 'string', value: 'VERSION', description: ':6, @STAGING, pd1:… or previous' },
    reason: { type: 'string', value: 'TEXT', description: "why; kept in the ledger's record" },
    plan: { type: 'string', value: 'ID', description: 'execute this plan, and nothing but it' },
    watch: {
      type: 'string',
      value: 'TIME',
      description: 'let CloudFormation watch alarms for so long after it: 10m, up to 180m',
    },
    alarm: {
      type: 'string',
      value: 'ARN',
      multiple: true,
      description: 'a CloudWatch alarm that rolls the release back when it rings; may be given five times',
    },
    now: { type: 'boolean', description: 'move at once, also an alias that rolls out' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    "A release is a stack update with the alias's parameter changed, and the reason's where one is given: the previous " +
      'template, the previous values of all other parameters, tags and notifications as they are. If anything fails, ' +
      'CloudFormation puts the alias back.',
    'With --watch and --alarm the update ends only after that time, and is rolled back if an alarm rings before: the stack ' +
      'takes no other update meanwhile. CloudFormation would keep watching later updates as well; the next promote or ' +
      'rollback takes the alarms off.',
  ],
  examples: [
    'promote financial-analysis PROD --to @STAGING',
    'promote financial-analysis PROD --to :2 --yes --reason "ticket 4711"',
    'promote financial-analysis PROD --to :2 --watch 10m --alarm arn:aws:cloudwatch:us-east-1:111122223333:alarm:worse',
    'promote financial-analysis PROD --plan arn:aws:cloudformation:…:changeSet/…',
  ],
  run: async (context) => {
    const { release } = await import('../release/release');
    const { releaseOrder } = await import('../release/release-order');
    return release(context, releaseOrder(context, 'promote'));
  },
};
