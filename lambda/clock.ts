/** The time of a handler; injected, so that tests do not wait. */
export interface HandlerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: HandlerClock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
