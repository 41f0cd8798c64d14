import { RegistryError } from '../core/registry-error';
import { type Clock, Stopwatch } from './clock';
import { retryAfter } from './retry-after';
import { within } from './within';

const ATTEMPTS = 3;
const BACKOFF = 50;

/** What was answered, and its age since the question was sent: no answer is newer than its question. */
export interface Answer<T> {
  readonly value: T;
  readonly age: Stopwatch;
}

/**
 * Asks at most three times within `timeout` milliseconds, waits included. One attempt gets half of them, so that one
 * dead connection (a thawed Lambda has many) leaves time for another. Between attempts: full jitter.
 *
 * A `RegistryError` is an answer and is not asked again; nor is a service that asked for a longer rest than is left.
 *
 * @throws what the last attempt threw
 */
export async function withAttempts<T>(
  clock: Clock,
  timeout: number,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  const spent = new Stopwatch(clock);
  for (let number = 1; ; number++) {
    const age = new Stopwatch(clock);
    try {
      return { value: await within(clock, Math.min(timeout / 2, timeout - spent.elapsed()), attempt), age };
    } catch (error) {
      const pause = Math.max(retryAfter(error), clock.random() * BACKOFF * 2 ** number);
      if (error instanceof RegistryError || number === ATTEMPTS || pause >= timeout - spent.elapsed()) throw error;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, pause));
    }
  }
}
