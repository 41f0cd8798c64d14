import { type Command, REGISTRY_OPTIONS } from '../command';

export const request: Command = {
  name: 'request',
  summary: 'asks that an alias with a gate gets a version',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias', 'target'],
  options: {
    to: { type: 'string', value: 'VERSION', description: ':6, @STAGING or pd1:…' },
    reason: { type: 'string', value: 'TEXT', description: 'why; kept with the request' },
    as: { type: 'string', value: 'GROUP', description: 'sign as a member of this group only' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Signed with the session that the command works with, in every group of the gates that its role is a member of. ' +
      'Asking again takes the place of what you said before.',
  ],
  examples: ['request financial-analysis PROD --to @STAGING --reason "CHG-1042"'],
  run: async (context) => {
    const { say } = await import('../reviews/say');
    return say(context, 'request');
  },
};
