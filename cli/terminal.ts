import { createInterface } from 'node:readline/promises';
import { visibleJson, visibleText } from '../core/text/visible-text';
import type { Choice } from './asking/choice';
import { CliError } from './cli-error';
import { ExitCode } from './exit-code';
import { type Glyphs, glyphsFor, inGlyphs } from './glyphs';
import { LiveLine } from './live-line';
import { type Colors, printable, styles } from './styled-text';

export interface TerminalStreams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Where the command writes: results on standard output; progress, questions and errors on standard error. What comes from
 * elsewhere, be it a name, a reason, an error or an event, is made visible here, and only here for sure.
 */
export class Terminal {
  readonly colors: Colors;
  /** Colours of standard error. */
  readonly noticeColors: Colors;
  readonly glyphs: Glyphs;
  /** Columns to write in; infinite where the output goes to a file or a program. */
  readonly width: number;
  /** Whether results go to somebody who looks, not to a file or a program. */
  readonly isScreen: boolean;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  /** Whether somebody can be shown a list to choose from: nobody watches a build, and a list needs a cursor that moves. */
  readonly canChoose: boolean;
  private readonly live: LiveLine;
  private failure: Error | undefined;

  constructor(private readonly streams: TerminalStreams) {
    const { stdout, stderr, stdin, env } = streams;
    this.isScreen = stdout.isTTY === true;
    this.canAsk = stdin.isTTY === true && stderr.isTTY === true;
    this.canChoose = this.canAsk && env.TERM !== 'dumb' && ['', '0', 'false'].includes(env.CI ?? '');
    this.glyphs = glyphsFor(env);
    this.colors = styles(wantsColors(env, this.isScreen));
    this.noticeColors = styles(wantsColors(env, stderr.isTTY === true));
    const columns = Number(env.COLUMNS) || (this.isScreen ? stdout.columns || 80 : Number.POSITIVE_INFINITY);
    this.width = Math.max(columns, 20);
    this.live = new LiveLine(stderr, this.glyphs, stderr.isTTY === true && env.TERM !== 'dumb');
    // Without a listener the process would end here, in the middle of a release, with a code that means that nothing was moved.
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!READER_LEFT.includes(error.code ?? '')) this.failure ??= error;
    });
    stderr.on('error', () => {});
  }

  /** Why results could not be written; undefined where they were, or where their reader left early (`| head`). */
  async outputFailure(): Promise<Error | undefined> {
    // Streams report what failed after the line that wrote.
    await new Promise((resolve) => setImmediate(resolve));
    return this.failure;
  }

  /** One or more lines of the result. */
  line(text = ''): void {
    this.live.above(() => this.streams.stdout.write(`${printable(text)}\n`));
  }

  json(value: unknown): void {
    this.live.above(() => this.streams.stdout.write(`${visibleJson(JSON.stringify(value, null, 2))}\n`));
  }

  /** The content of a file, as it is; to somebody who looks, as they can read it. */
  file(content: string): void {
    const text = this.isScreen ? visibleText(content) : content;
    this.live.above(() => this.streams.stdout.write(text.endsWith('\n') ? text : `${text}\n`));
  }

  /** One or more lines that are not the result: on standard error. */
  notice(text = ''): void {
    this.live.above(() => this.streams.stderr.write(`${inGlyphs(printable(text), this.glyphs)}\n`));
  }

  /** Shows what is being done until `work` ends; on a screen only. `say` changes the words. */
  async progress<T>(doing: string, work: (say: (doing: string) => void) => Promise<T>): Promise<T> {
    return this.live.during(doing, work);
  }

  /** Asks which one of a list. @throws CliError where nobody chooses */
  async choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T> {
    const { choose } = await import('./asking/choose');
    const style = { colors: this.noticeColors, glyphs: this.glyphs };
    return this.live.hiddenDuring(() => choose(this.streams, style, question, choices));
  }

  /** Asks yes or no; no without an answer. */
  async confirm(question: string, flag: string): Promise<boolean> {
    if (!this.canAsk) {
      throw new CliError(
        { what: 'this needs a yes, and there is no terminal to ask', fix: `look at it with plan, then say ${flag}` },
        ExitCode.Usage,
      );
    }
    const asking = createInterface({ input: this.streams.stdin, output: this.streams.stderr });
    const interrupted = new Promise<string>((resolve) => asking.once('SIGINT', () => resolve('interrupted')));
    // Ctrl-D, or a terminal that is gone: without this the process would end here, as if all were done.
    const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
    this.streams.stdin.once('error', () => asking.close());
    try {
      const answer = await Promise.race([asking.question(`${printable(question)} [y/N] `), interrupted, closed]);
      if (answer === 'interrupted') process.emit('SIGINT');
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      asking.close();
    }
  }
}

/** A pipe that nobody reads any more, a terminal that was closed. */
const READER_LEFT = ['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/** https://no-color.org and https://force-color.org: set and not empty. */
function wantsColors(env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTty && env.TERM !== 'dumb';
}
