/**
 * Clock and random source; injectable for tests.
 *
 * Two clocks, because either may lie: the wall clock is set back and forth, and the monotonic one stands still while
 * Lambda keeps the process frozen.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds since some start; never goes back. */
  monotonic(): number;
  /** 0 to 1, without 1. */
  random(): number;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

// Node's global is a getter, which costs more than the time itself.
const { performance } = globalThis;

export const systemClock: Clock = {
  wall: Date.now,
  monotonic: () => performance.now(),
  random: Math.random,
  setTimeout,
  clearTimeout: clearTimeout as Clock['clearTimeout'],
};

/** Tells the milliseconds since it was made, by whichever clock saw more of them pass. Never negative. */
export type Stopwatch = () => number;

export function stopwatch(clock: Clock): Stopwatch {
  const wall = clock.wall();
  const monotonic = clock.monotonic();
  return () => Math.max(0, clock.wall() - wall, clock.monotonic() - monotonic);
}
