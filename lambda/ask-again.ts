import type { HandlerClock } from './clock';
import { retry } from './retry';

/** Where a permission has not spread yet, or a service has a bad moment. */
const PAUSES_MS = [1_000, 1_000];
/** Answers that do not come for so long are not waited for again: a handler has to end within its Lambda time-out. */
const LONGEST_MS = 10_000;

/** Asks up to three times: what cannot be looked up for a second is not yet unknown. Throws the last error. */
export async function askAgain<T>(ask: () => Promise<T>, clock: HandlerClock): Promise<T> {
  const start = clock.now();
  return retry(ask, { pauses: PAUSES_MS, isWorthIt: () => clock.now() - start <= LONGEST_MS, clock });
}
