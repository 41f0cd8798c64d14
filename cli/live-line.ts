import stringWidth from 'string-width';
import { visibleLine } from '../core/text/visible-text';
import type { Glyphs } from './glyphs';

const FRAME_MS = 100;
/** What ends sooner needs no progress. */
const QUIET_MS = 300;

/**
 * One line at the bottom of the screen that shows what is going on, while other lines are written above it. Nothing where
 * nobody looks. Our own, because the kept spinners write no lines above themselves.
 */
export class LiveLine {
  private doing: string | undefined;
  private started = 0;
  private drawn = false;
  private hidden = false;

  constructor(
    private readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number },
    private readonly glyphs: Glyphs,
    /** Whether the stream is a terminal that can erase a line. */
    private readonly isLive: boolean,
  ) {}

  async during<T>(doing: string, work: (say: (doing: string) => void) => Promise<T>): Promise<T> {
    const outer = this.doing;
    this.doing = doing;
    if (outer === undefined) this.started = Date.now();
    const timer = this.isLive && outer === undefined ? setInterval(() => this.draw(), FRAME_MS) : undefined;
    try {
      return await work((words) => {
        this.doing = words;
      });
    } finally {
      clearInterval(timer);
      this.doing = outer;
      if (outer === undefined) this.erase();
    }
  }

  /** Leaves the screen to `work`. */
  async hiddenDuring<T>(work: () => Promise<T>): Promise<T> {
    this.erase();
    this.hidden = true;
    try {
      return await work();
    } finally {
      this.hidden = false;
    }
  }

  /** Writes lines above the live one. */
  above(write: () => void): void {
    this.erase();
    write();
  }

  private draw(): void {
    const age = Date.now() - this.started;
    if (this.hidden || this.doing === undefined || age < QUIET_MS) return;
    const { spinner } = this.glyphs;
    const sign = spinner[Math.floor(age / FRAME_MS) % spinner.length];
    const seconds = `${Math.floor(age / 1000)} s`;
    const room = (this.stream.columns || 80) - seconds.length - 5;
    this.erase();
    this.stream.write(`${sign} ${cut(visibleLine(this.doing), room, this.glyphs.ellipsis)}  ${seconds}`);
    this.drawn = true;
  }

  private erase(): void {
    if (!this.drawn) return;
    this.stream.write('\r\x1b[2K');
    this.drawn = false;
  }
}

function cut(text: string, width: number, ellipsis: string): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > width - ellipsis.length) break;
    kept += character;
  }
  return kept + ellipsis;
}
