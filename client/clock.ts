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

/**
 * Tells the milliseconds since it was made, by whichever clock saw more of them pass. Never negative.
 *
 * A class, as all that is kept for each alias or version: closures cost each of them some hundred bytes more.
 */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #wall: number;
  readonly #monotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.wall();
    this.#monotonic = clock.monotonic();
  }

  elapsed(): number {
    const wall = this.#clock.wall() - this.#wall;
    const monotonic = this.#clock.monotonic() - this.#monotonic;
    return Math.max(monotonic, wall);
  }
}
