import { askFailure } from './ask-failure';
import { type ConverseModel, type ModelRequest, modelAnswer } from './converse-model';
import type { ModelAnswer } from './model-answer';
import type { RunClock } from './run-clock';
import { type SpentTokens, TokenPace } from './token-pace';

/** Asking goes on for so long without a single answer. */
const PATIENCE_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const TRIES = 3;

export interface PatientModelProps {
  readonly converse: ConverseModel;
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  /** Tokens in any minute, read and written together. @default - as many as the service takes */
  readonly tokensPerMinute?: number;
  /** What was spent before, by the same clock, oldest first: it counts as long as it is in the minute. @default - nothing */
  readonly spent?: readonly SpentTokens[];
  /** Told when a throttle makes everybody wait, and for how long. */
  readonly onBusy?: (milliseconds: number) => void;
}

/** No question of this run will have an answer. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/**
 * Asks models and waits where they are busy: one throttled call makes all others wait, as they would be throttled too.
 */
export class PatientModel {
  private readonly pace: TokenPace;
  private busyUntil = 0;
  private pauses = 0;
  private lastAnswer: number;

  constructor(private readonly props: PatientModelProps) {
    this.pace = new TokenPace(props.tokensPerMinute, props.clock, props.spent);
    this.lastAnswer = props.clock.now();
  }

  /**
   * @throws CannotRun where nothing will be answered any more, or the run was stopped
   * @throws what the model answered, where this question has no answer
   */
  async ask(request: ModelRequest): Promise<ModelAnswer> {
    const { clock, signal } = this.props;
    for (let tries = 1; ; ) {
      const { answer, error } = await this.attempt(request);
      if (answer) return answer;
      if (signal.aborted) throw new CannotRun('the run was stopped', { cause: error });
      const failure = askFailure(error);
      if (failure === 'run') throw new CannotRun(messageOf(error), { cause: error });
      if (failure === 'busy') this.wait(error);
      else if (failure === 'question' || tries >= TRIES) throw error;
      else {
        tries += 1;
        await clock.sleep(FIRST_PAUSE_MS * clock.random(), signal);
      }
    }
  }

  private async attempt(request: ModelRequest): Promise<{ answer?: ModelAnswer; error?: unknown }> {
    const { clock, signal, converse } = this.props;
    await this.quiet();
    const settle = await this.pace.take(signal);
    if (signal.aborted) return {};
    const start = clock.now();
    try {
      const answer = modelAnswer(await converse(request, signal), clock.now() - start);
      settle(answer.inputTokens + answer.outputTokens);
      this.lastAnswer = clock.now();
      this.pauses = 0;
      return { answer };
    } catch (error) {
      settle(0);
      return { error };
    }
  }

  /** Waits until nobody has to wait any more. */
  private async quiet(): Promise<void> {
    const { clock, signal } = this.props;
    for (let left = this.busyUntil - clock.now(); left > 0 && !signal.aborted; left = this.busyUntil - clock.now()) {
      await clock.sleep(left, signal);
    }
  }

  private wait(error: unknown): void {
    const { clock, onBusy } = this.props;
    const now = clock.now();
    if (now - this.lastAnswer > PATIENCE_MS) {
      const minutes = PATIENCE_MS / 60_000;
      throw new CannotRun(`throttled for ${minutes} minutes without an answer: ${messageOf(error)}`, {
        cause: error,
      });
    }
    // Others were throttled by the same full minute, and have said so.
    if (this.busyUntil > now) return;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.pauses);
    const pause = Math.max(retryAfter(error), longest * (0.5 + clock.random() / 2));
    this.pauses += 1;
    this.busyUntil = now + pause;
    onBusy?.(pause);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Milliseconds that the service asks to be left alone. */
function retryAfter(error: unknown): number {
  const { $response, retryAfterMs } = Object(error) as {
    $response?: { headers?: Record<string, string> };
    retryAfterMs?: number;
  };
  return retryAfterMs ?? (Number($response?.headers?.['retry-after']) * 1000 || 0);
}
