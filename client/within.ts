import type { Clock } from './clock';

/** Rejects on time even if the SDK, busy with a body that does not end, ignores the signal. */
export function within<T>(clock: Clock, milliseconds: number, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      reject(new Error('timed out'));
      controller.abort();
    }, milliseconds);
    start(controller.signal)
      .then(resolve, reject)
      .finally(() => clock.clearTimeout(timer));
  });
}
