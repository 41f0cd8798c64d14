const WIDTH = 100;
const SECONDS_PER_FRAME = 0.1;

/** Prints the chapters: one line each with its time, then what came of it. A terminal sees progress, a pipe only results. */
export class Screen {
  /** Chapters that came out as they state. */
  told = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  line(text = ''): void {
    this.out.write(`${text}\n`);
  }

  detail(text: string): void {
    this.line(`     ${text}`);
  }

  /** Runs `work` under a title. Its `note` shows what is going on just now; the outcome stands at the end of the line. */
  async chapter(
    number: number,
    title: string,
    work: (note: (text: string) => void) => Promise<string[]>,
  ): Promise<void> {
    const started = performance.now();
    const head = `${number}  ${title}`;
    let doing = '';
    const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
    const frame = () =>
      this.out.write(`\r\x1b[2K${head}  ${seconds()} s  ${doing}`.slice(0, this.out.columns ?? WIDTH));
    const timer = this.out.isTTY ? setInterval(frame, SECONDS_PER_FRAME * 1000) : undefined;
    const clear = () => {
      clearInterval(timer);
      this.out.write(this.out.isTTY ? '\r\x1b[2K' : '');
    };
    try {
      const details = await work((text) => {
        doing = text;
      });
      clear();
      this.line(`${head.padEnd(WIDTH - 16)}${`${seconds()} s`.padStart(8)}  ok`);
      this.told += 1;
      details.forEach((text) => void this.detail(text));
    } catch (error) {
      clear();
      this.line(`${head.padEnd(WIDTH - 16)}${`${seconds()} s`.padStart(8)}  NOT AS STATED`);
      throw error;
    }
  }
}
