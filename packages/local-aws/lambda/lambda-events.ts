import { Outstanding } from '../outstanding';
import type { LambdaFunctions } from './lambda-functions';

/** An event that was given up. */
export interface DroppedEvent {
  readonly functionArn: string;
  readonly requestId: string;
  readonly reason: 'RetriesExhausted' | 'EventAgeExceeded' | 'FunctionDeleted';
  /** JSON of the last error, if the function ran at all. */
  readonly error?: string;
  /** The end of what the function wrote. */
  readonly log: string;
}

export interface LambdaEventsOptions {
  /** Waits before the second and the third attempt. AWS waits one minute, then two. @default [1000, 2000] */
  readonly retryDelaysMs?: readonly number[];
  /** Invocations of all functions together that may run at once, such as the 10 of a new account. @default any number */
  readonly concurrency?: number;
}

/** Waits of an event that was throttled: 1 s, then twice as long each time, 5 minutes at most. */
const FIRST_THROTTLED_WAIT = 1000;
const LONGEST_THROTTLED_WAIT = 300_000;

/**
 * Asynchronous invocations: run later, again after a function error, dropped in the end.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class LambdaEvents {
  /** Oldest first. */
  readonly dropped: DroppedEvent[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(
    private readonly functions: LambdaFunctions,
    private readonly options: LambdaEventsOptions = {},
    /** Told of events that were accepted and are neither done nor dropped. */
    private readonly outstanding = new Outstanding(),
  ) {}

  accept(functionArn: string, requestId: string, payload: string): void {
    const accepted = this.functions.options.now().getTime();
    this.outstanding.begin();
    this.later(0, () => this.attempt({ functionArn, requestId, payload }, accepted, 0));
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) {
      clearTimeout(timer);
    }
  }

  private async attempt(
    event: { functionArn: string; requestId: string; payload: string },
    accepted: number,
    n: number,
    throttledFor = FIRST_THROTTLED_WAIT,
  ) {
    const target = this.functions.find(event.functionArn);
    if (!target) {
      this.drop(event, 'FunctionDeleted');
      return;
    }
    const { MaximumRetryAttempts = 2, MaximumEventAgeInSeconds = 21_600 } = target.eventInvoke ?? {};
    const age = () => this.functions.options.now().getTime() - accepted;
    const expired = () => age() > MaximumEventAgeInSeconds * 1000;
    if (expired()) {
      this.drop(event, 'EventAgeExceeded');
      return;
    }
    const leave = this.functions.enter(target);
    if (!leave) {
      const next = Math.min(throttledFor * 2, LONGEST_THROTTLED_WAIT);
      this.later(throttledFor, () => this.attempt(event, accepted, n, next));
      return;
    }
    const result = await this.functions.run(target, event, expired).finally(leave);
    if (result && !result.functionError) {
      this.outstanding.end();
    } else if (result === undefined) {
      this.drop(event, 'EventAgeExceeded');
    } else if (n >= MaximumRetryAttempts) {
      this.drop(event, 'RetriesExhausted', result.payload);
    } else {
      const { retryDelaysMs = [1000, 2000] } = this.options;
      this.later(retryDelaysMs[n] ?? retryDelaysMs.at(-1) ?? 0, () => this.attempt(event, accepted, n + 1));
    }
  }

  private later(ms: number, run: () => Promise<void>): void {
    if (this.stopped) {
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void run();
    }, ms);
    this.timers.add(timer);
  }

  private drop(
    event: { functionArn: string; requestId: string },
    reason: DroppedEvent['reason'],
    error?: string,
  ): void {
    const { functionArn, requestId } = event;
    this.outstanding.end();
    if (!this.stopped) {
      const log = this.functions.find(functionArn)?.log.tail().toString() ?? '';
      this.dropped.push({ functionArn, requestId, reason, error, log });
    }
  }
}
