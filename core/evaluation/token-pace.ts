import type { RunClock } from './run-clock';

/** Bedrock counts tokens by the minute, read and written ones together: https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html */
const WINDOW_MS = 60_000;

/** Tokens, and when. */
export interface SpentTokens {
  readonly at: number;
  readonly tokens: number;
}

interface Taken {
  readonly at: number;
  tokens: number;
}

/**
 * Keeps a run below so many tokens in any minute, so that it leaves the rest of a quota to production. What an answer takes
 * is known afterwards: until then the mean of those before it counts. The very first goes alone, as nobody knows what one takes.
 */
export class TokenPace {
  private readonly taken: Taken[];
  private turn: Promise<unknown> = Promise.resolve();
  private answered = 0;
  private total = 0;
  /** Wakes who waits: an answer may have left room. */
  private answer = new AbortController();

  constructor(
    private readonly perMinute: number | undefined,
    private readonly clock: RunClock,
    before: readonly SpentTokens[] = [],
  ) {
    this.taken = before.map(({ at, tokens }) => ({ at, tokens }));
    this.answered = before.length;
    this.total = before.reduce((total, { tokens }) => total + tokens, 0);
  }

  /** Waits for its turn; what it answers takes note of the tokens that it really was. */
  async take(signal: AbortSignal): Promise<(tokens: number) => void> {
    const mine = this.turn.then(() => this.next(signal));
    this.turn = mine;
    return mine;
  }

  private async next(signal: AbortSignal): Promise<(tokens: number) => void> {
    const { perMinute, clock, taken } = this;
    if (perMinute !== undefined) {
      for (;;) {
        while (taken[0] && taken[0].at <= clock.now() - WINDOW_MS) taken.shift();
        const [oldest] = taken;
        const sum = taken.reduce((total, one) => total + one.tokens, 0);
        // One call that is larger than the limit goes alone.
        if (!oldest || sum + this.estimate(perMinute) <= perMinute || signal.aborted) break;
        await this.untilAnswer(oldest.at + WINDOW_MS - clock.now(), signal);
      }
    }
    const mine = { at: clock.now(), tokens: this.estimate(perMinute ?? 0) };
    taken.push(mine);
    return (tokens) => {
      mine.tokens = tokens;
      // What was refused tells nothing of the next.
      if (tokens > 0) this.answered += 1;
      this.total += tokens;
      this.answer.abort();
      this.answer = new AbortController();
    };
  }

  private async untilAnswer(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { answer } = this;
    const stop = () => answer.abort();
    signal.addEventListener('abort', stop);
    await this.clock.sleep(Math.max(1, milliseconds), answer.signal);
    signal.removeEventListener('abort', stop);
  }

  private estimate(unknown: number): number {
    return this.answered === 0 ? unknown : this.total / this.answered;
  }
}
