import { type Command, REGISTRY_OPTIONS } from '../command';

export const reject: Command = {
  name: 'reject',
  summary: 'blocks a content for an alias until you say something else',
  positionals: ['PROMPT', 'ALIAS'],
  options: {
    to: { type: 'string', value: 'DIGEST', description: 'the whole digest that review printed' },
    comment: { type: 'string', value: 'TEXT', description: 'why; kept with the rejection' },
    as: { type: 'string', value: 'GROUP', description: 'sign as a member of this group only' },
    ...REGISTRY_OPTIONS,
  },
  details: ['One rejection is enough, however many approved. Approving takes it back.'],
  examples: ['reject financial-analysis PROD --to pd1:3f9c… --comment "names no source"'],
  run: async (context) => {
    const { say } = await import('../reviews/say');
    return say(context, 'reject');
  },
};
