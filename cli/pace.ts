const WINDOW_MS = 1_050;

/** Lets at most so many calls start within any second; the others wait for their turn. */
export class Pace {
  private readonly starts: number[] = [];
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly perSecond: number) {}

  next(): Promise<void> {
    this.turn = this.turn.then(() => this.wait());
    return this.turn;
  }

  private async wait(): Promise<void> {
    // Not the time of day: a clock that is set back would hold everybody up.
    const now = performance.now();
    const oldest = this.starts.length >= this.perSecond ? (this.starts.shift() as number) : Number.NEGATIVE_INFINITY;
    const free = Math.max(now, oldest + WINDOW_MS);
    this.starts.push(free);
    if (free > now) await new Promise((resolve) => setTimeout(resolve, free - now));
  }
}
