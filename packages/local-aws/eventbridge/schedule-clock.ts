export interface ScheduleOptions {
  /** How long a minute of a `rate()` lasts here, in milliseconds. @default 60000 */
  readonly minuteMs?: number;
}

/** The clock that schedules go by: the machine's, faster where the options say so, and pushed on by hand. */
export class ScheduleClock {
  private began = performance.now();
  private readonly usualMinuteMs: number;
  private minuteMs: number;
  private pushed = 0;
  /** Minutes until the speed changed last. */
  private before = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly ticks = new Set<() => void>();

  constructor({ minuteMs = 60_000 }: ScheduleOptions = {}) {
    this.usualMinuteMs = minuteMs;
    this.minuteMs = minuteMs;
  }

  /** Minutes since this clock began. */
  get minutes(): number {
    return this.pushed + this.before + (performance.now() - this.began) / this.minuteMs;
  }

  /** How far this clock was pushed, in milliseconds: events of schedules are from a later day then. */
  get aheadMs(): number {
    return this.pushed * 60_000;
  }

  push(minutes: number): void {
    this.pushed += minutes;
  }

  /** So many minutes are over at once. */
  skip(minutes: number): void {
    this.before += minutes;
  }

  /** Minutes are so much shorter than they were at first, from now on. */
  setSpeed(speed: number): void {
    this.before = this.minutes - this.pushed;
    this.began = performance.now();
    this.minuteMs = this.usualMinuteMs / speed;
    if (this.timer) {
      this.stop();
      this.start();
    }
  }

  /** Calls `tick` from now on, often enough for schedules of a minute. */
  onTick(tick: () => void): void {
    this.ticks.add(tick);
    if (!this.timer) {
      this.start();
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private start(): void {
    const all = () => {
      for (const each of this.ticks) {
        each();
      }
    };
    this.timer = setInterval(all, Math.max(10, Math.min(1_000, this.minuteMs / 4))).unref();
  }
}
