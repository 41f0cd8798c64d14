import { visibleLine } from '../../core/text/visible-text';
import { terminalDiff } from '../diff/terminal-diff';
import { callersText, hanging, modelText, variableNotes } from '../release/plan-text';
import type { Terminal } from '../terminal';
import { type Said, saidText } from './consent';
import { runText } from './measured-run';
import type { ReviewedMove } from './reviewed-move';
import { threadText } from './thread-text';

const WAYS = {
  stays: 'the alias points to it',
  free: 'the alias has no gate: nobody needs to be asked',
  back: 'the alias may go back to it without asking anybody',
} as const;

/** What somebody reads before they agree. */
export function reviewText(move: ReviewedMove, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { prompt, alias, from, to, missing, way, digest } = move;
  const name = `${prompt} ${alias}`;
  const rows: [string, string][] = [
    ['alias', `${name}  ${colors.bold(`${from ?? glyphs.none} ${glyphs.arrow} ${to}`)}`],
    ['digest', digest],
    ['model', modelText(move.model, terminal)],
    ['variables', variableNotes(move.variables, terminal).join('; ') || 'as before'],
    ['callers', callersText(move.callers)],
    ...said('asked', move.asked),
    ...said('approved', move.approved),
    ...said('rejected', move.rejected),
    ...(move.measured ?? []).map((run): [string, string] => ['measured', runText(run)]),
    way === 'forward'
      ? [
          'missing',
          missing.map(({ message }) => colors.yellow(visibleLine(message))).join('; ') || colors.green('nothing'),
        ]
      : ['gates', WAYS[way]],
    ...(move.warnings ?? []).map((warning): [string, string] => ['note', colors.yellow(visibleLine(warning))]),
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  const thread = threadText(move.thread, terminal);
  return [
    terminalDiff(move.diff, terminal),
    '',
    ...rows.map(([title, value]) => `${colors.dim(title.padEnd(width))}  ${hanging(value, width + 2, terminal)}`),
    ...(thread === '' ? [] : ['', thread]),
    ...(way === 'forward' ? ['', ...nextSteps(name, move)] : []),
  ].join('\n');
}

function said(title: string, by: readonly Said[]): [string, string][] {
  return by.map((one) => [title, `by ${saidText(one)}`]);
}

/** To be copied: one line each, however narrow the terminal is. */
function nextSteps(name: string, { digest, to, missing, asked }: ReviewedMove): string[] {
  if (missing.length === 0) return [`prompt-registry promote ${name} --to :${to}`];
  const commands = missing.flatMap(({ command }) => command ?? []);
  if (commands.length === missing.length) return [...new Set(commands)];
  if (asked.length === 0) return [`prompt-registry request ${name} --to ${digest}`];
  return [`prompt-registry approve ${name} --to ${digest}`, `prompt-registry reject ${name} --to ${digest}`];
}
