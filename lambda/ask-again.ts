import type { Clock } from './clock';

/** Where a permission has not spread yet, or a service has a bad moment. */
const TRIES = 3;
const PAUSE_MS = 1_000;
/** Answers that do not come for so long are not waited for again: a handler has to end within its Lambda time-out. */
const LONGEST_MS = 10_000;

/** Asks up to three times: what cannot be looked up for a second is not yet unknown. Throws the last error. */
export async function askAgain<T>(ask: () => Promise<T>, clock: Clock): Promise<T> {
  const start = clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === TRIES || clock.now() - start > LONGEST_MS) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
}
