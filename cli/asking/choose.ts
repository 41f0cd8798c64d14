import { visibleLine } from '../../core/text/visible-text';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { Glyphs } from '../glyphs';
import { type Colors, printable } from '../styled-text';
import type { Choice } from './choice';

export interface ChoiceStyle {
  readonly colors: Colors;
  readonly glyphs: Glyphs;
}

/** Rows of a terminal that tells none. */
const ROWS = 24;
/** Lines of a question besides its choices. */
const AROUND = 6;

/**
 * A list on standard error, for arrow keys, numbers, or the beginning of a name.
 *
 * @throws CliError `Interrupted` on Ctrl-C and Ctrl-D, and where the terminal goes away
 */
export async function choose<T>(
  { stdin, stderr }: { readonly stdin: NodeJS.ReadableStream; readonly stderr: NodeJS.WritableStream },
  { colors, glyphs }: ChoiceStyle,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  const { default: select } = await import('@inquirer/select');
  const style = (paint: (text: string) => string) => (text: string) => printable(paint(text));
  const gone = new AbortController();
  const leave = () => gone.abort();
  // The library waits for ever for what is closed.
  const onKey = (_: unknown, key?: { readonly ctrl?: boolean; readonly name?: string }) => {
    if (key?.ctrl && key.name === 'd') leave();
  };
  stdin.on('keypress', onKey).once('end', leave).once('error', leave);
  try {
    return await select<T>(
      {
        message: visibleLine(question),
        loop: false,
        default: choices.find(({ closed }) => closed === undefined)?.value,
        pageSize: Math.max(((stderr as { readonly rows?: number }).rows ?? ROWS) - AROUND, 3),
        choices: choices.map(({ value, text, short, more, closed }) => ({
          value,
          name: visibleLine(text),
          short: visibleLine(short),
          ...(more && { description: visibleLine(more) }),
          ...(closed !== undefined && { disabled: `(${visibleLine(closed)})` }),
        })),
        theme: {
          prefix: { idle: style(colors.cyan)('?'), done: style(colors.green)(glyphs.ok) },
          icon: { cursor: '>' },
          indexMode: 'number',
          i18n: { disabledError: 'this one cannot be chosen' },
          style: {
            message: style(colors.bold),
            answer: style(colors.cyan),
            highlight: style(colors.cyan),
            disabled: style(colors.dim),
            description: style(colors.dim),
            error: style(colors.yellow),
            keysHelpTip: () => style(colors.dim)('arrow keys or number, then Enter; Ctrl-C ends'),
          },
        },
      },
      { input: stdin, output: stderr, signal: gone.signal },
    );
  } catch (cause) {
    if (!['ExitPromptError', 'AbortPromptError'].includes((cause as Error).name)) throw cause;
    throw new CliError({ what: 'nothing was chosen, and nothing was changed' }, ExitCode.Interrupted, { cause });
  } finally {
    stdin.off('keypress', onKey).off('end', leave).off('error', leave);
  }
}
