import { type Command, REGISTRY_OPTIONS } from '../command';

export const comment: Command = {
  name: 'comment',
  summary: 'says something about a version, which show, history and review tell from then on',
  positionals: ['PROMPT[@ALIAS|:VERSION]', 'TEXT'],
  options: {
    as: { type: 'string', value: 'GROUP', description: 'sign as a member of this group' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'One line of at most 500 visible characters, which nobody can take back. A comment counts for no gate and against none. ' +
      'Any member of a group of reviewers may write one.',
  ],
  examples: ['comment financial-analysis:2 "the second sentence promises too much"'],
  run: async (context) => {
    const { commentOn } = await import('../reviews/comment-on');
    return commentOn(context);
  },
};
