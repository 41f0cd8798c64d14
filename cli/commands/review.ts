import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';

export const review: Command = {
  name: 'review',
  summary: 'what an alias would get, who asked for it, who agreed and what is missing',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias'],
  options: {
    to: { type: 'string', value: 'VERSION', description: ':6, @STAGING or pd1:…; without it, what somebody asks for' },
    html: { type: 'string', value: 'FILE', description: 'write a page that needs no network and no script' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Without --to it shows the one version that somebody asks for, and refuses to choose among several.',
    'The digest is computed from the words that are shown: approve and reject take it whole.',
  ],
  examples: ['review financial-analysis PROD', 'review financial-analysis PROD --to @STAGING --json'],
  run: async (context) => {
    const { reviewedMove } = await import('../reviews/reviewed-move');
    const { reviewText } = await import('../reviews/review-text');
    const { terminal, values } = context;
    const move = await terminal.progress('reading', () => reviewedMove(context));
    if (typeof values.html === 'string') {
      const { writeReviewPage } = await import('../reviews/review-page-file');
      await writeReviewPage(values.html, move, context.now());
      terminal.notice(`wrote ${values.html}`);
    } else if (values.json) terminal.json(move);
    else terminal.line(reviewText(move, terminal));
    return ExitCode.Done;
  },
};
