import type { HandlerClock } from '../clock';

/** A bucket of tokens: `rate` a second, `burst` at once. Each instance of the function has its own. */
export function throttle([rate, burst]: readonly [number, number], clock: Pick<HandlerClock, 'now'>): () => boolean {
  let tokens = burst;
  let at = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1_000) * rate);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
