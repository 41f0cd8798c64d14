import { visibleLine } from '../../core/text/visible-text';
import { usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { AskedMove } from '../reviews/asked-moves';
import { consentText } from '../reviews/consent';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export const check: Command = {
  name: 'check',
  summary: 'whether the gates of all moves that are asked for agree; for pipelines',
  positionals: ['[PROMPT]', '[ALIAS]'],
  options: {
    to: { type: 'string', value: 'VERSION', description: 'this move only: :6, @STAGING or pd1:…' },
    template: { type: 'string', value: 'FILE', description: 'what a deployment of this template asks for' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Exits with 0 where all gates agree, with 2 where one would refuse, and says what is missing. Moves nothing.',
    'Without --to and --template it looks at what people asked for.',
  ],
  examples: [
    'check',
    'check financial-analysis PROD --to @STAGING',
    'check --template cdk.out/Prompts-prod.template.json --json',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    const moves = await terminal.progress('looking at the gates', () => movesOf(context));
    const passes = moves.every(({ missing }) => missing.length === 0);
    if (values.json) terminal.json({ passes, moves });
    else terminal.line(checkText(moves, terminal));
    return passes ? ExitCode.Done : ExitCode.Differs;
  },
};

async function movesOf(context: CommandContext): Promise<AskedMove[]> {
  const { positionals, values, openRegistry, now } = context;
  const [promptName, aliasName] = positionals;
  if (typeof values.template === 'string') {
    if (promptName !== undefined || values.to !== undefined) {
      throw usageError('a template says itself what moves', 'leave PROMPT, ALIAS and --to out, or --template');
    }
    const { templateMoves } = await import('../reviews/template-moves');
    return templateMoves(await openRegistry(), values.template, now());
  }
  if (typeof values.to !== 'string') {
    const { requestedMoves } = await import('../reviews/asked-moves');
    return requestedMoves(await openRegistry(promptName), promptName, aliasName, now());
  }
  if (aliasName === undefined) throw usageError('which alias is to move?', 'check PROMPT ALIAS --to VERSION');
  const { namedMove } = await import('../reviews/asked-moves');
  const { namedAlias } = await import('../reviews/review-subject');
  return [await namedMove(await namedAlias(context), values.to, now())];
}

const WAYS = { stays: 'is there already', free: 'no gate', back: 'goes back, asks nobody', forward: '' } as const;

/** A line for each move, and one for each thing that is missing. */
export function checkText(moves: readonly AskedMove[], terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  if (moves.length === 0) return 'no gate is asked';
  const lines = moves.flatMap(({ prompt, alias, from, to, digest, way, missing, ...said }) => {
    const sign = missing.length === 0 ? colors.green(glyphs.ok) : colors.red(glyphs.bad);
    const target = to ?? (digest === null ? 'its content' : `${digest.slice(0, 12)}${glyphs.ellipsis}`);
    const note = WAYS[way] || consentText(said);
    return [
      `${sign} ${prompt} ${alias}  ${from ?? glyphs.none} ${glyphs.arrow} ${target}${note && `  ${note}`}`,
      ...missing.map(({ code, message }) => `  ${code}: ${visibleLine(message)}`),
    ];
  });
  return wrapLines(lines.join('\n'), terminal.width);
}
