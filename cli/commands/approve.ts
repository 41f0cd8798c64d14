import { type Command, REGISTRY_OPTIONS } from '../command';

export const approve: Command = {
  name: 'approve',
  summary: 'agrees that an alias gets the content that review showed',
  positionals: ['PROMPT', 'ALIAS'],
  options: {
    to: { type: 'string', value: 'DIGEST', description: 'the whole digest that review printed' },
    comment: { type: 'string', value: 'TEXT', description: 'what was checked; kept with the approval' },
    as: { type: 'string', value: 'GROUP', description: 'sign as a member of this group only' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'The digest is that of the words you read: nothing else can be released by it, whatever happens in between. ' +
      'Who asked cannot approve.',
  ],
  examples: ['approve financial-analysis PROD --to pd1:3f9c… --comment "checked against policy 7"'],
  run: async (context) => {
    const { say } = await import('../reviews/say');
    return say(context, 'approve');
  },
};
