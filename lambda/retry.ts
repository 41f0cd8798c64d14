import type { HandlerClock } from './clock';

export interface RetryOptions {
  /** Milliseconds before each further try: as many tries more as there are pauses. */
  readonly pauses: Iterable<number>;
  /** Whether the error is worth another try after this pause; without it every error is. */
  readonly isWorthIt?: (error: unknown, pause: number) => boolean;
  readonly clock: HandlerClock;
}

/** Does it until it succeeds. Throws the last error. */
export async function retry<T>(work: () => Promise<T>, { pauses, isWorthIt, clock }: RetryOptions): Promise<T> {
  const left = pauses[Symbol.iterator]();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const next = left.next();
      if (next.done || isWorthIt?.(error, next.value) === false) throw error;
      await clock.sleep(next.value);
    }
  }
}

/** Pauses that double up to the longest, without end unless there is a number of them. */
export function* doubling(first: number, longest = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY) {
  for (let index = 0; index < count; index++) yield Math.min(first * 2 ** index, longest);
}
