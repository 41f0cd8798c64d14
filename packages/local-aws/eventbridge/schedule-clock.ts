export interface ScheduleOptions {
  /** How long a minute of a `rate()` lasts here, in milliseconds. @default 60000 */
  readonly minuteMs?: number;
}

/** The clock that schedules go by: the machine's, faster where the options say so, and pushed on by hand. */
export class ScheduleClock {
  private readonly began = performance.now();
  private readonly minuteMs: number;
  private pushed = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly ticks = new Set<() => void>();

  constructor({ minuteMs = 60_000 }: ScheduleOptions = {}) {
    this.minuteMs = minuteMs;
  }

  /** Minutes since this clock began. */
  get minutes(): number {
    return this.pushed + (performance.now() - this.began) / this.minuteMs;
  }

  /** How far this clock was pushed, in milliseconds: events of schedules are from a later day then. */
  get aheadMs(): number {
    return this.pushed * 60_000;
  }

  push(minutes: number): void {
    this.pushed += minutes;
  }

  /** Calls `tick` from now on, often enough for schedules of a minute. */
  onTick(tick: () => void): void {
    this.ticks.add(tick);
    const all = () => {
      for (const each of this.ticks) {
        each();
      }
    };
    this.timer ??= setInterval(all, Math.max(10, Math.min(1_000, this.minuteMs / 4))).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
