/** How the time of the endpoint follows from the machine's: both in milliseconds since 1970, at one moment. */
export interface ClockRate {
  readonly machine: number;
  readonly world: number;
  readonly speed: number;
}

const LONGEST_SKIP = 366 * 86_400_000;

/** The clock of all services and functions: the machine's, and faster from the moment somebody says so. */
export class WorldClock {
  private rate: ClockRate = { machine: 0, world: 0, speed: 1 };

  /** Undefined while it is the machine's own. */
  get current(): ClockRate | undefined {
    return this.rate.world === this.rate.machine && this.rate.speed === 1 ? undefined : this.rate;
  }

  readonly now = (): Date => {
    const { machine, world, speed } = this.rate;
    return new Date(world + (Date.now() - machine) * speed);
  };

  /** It never jumps: it goes on from where it is. */
  setSpeed(speed: number): void {
    if (!(speed >= 1 && speed <= 1_000)) {
      throw new Error(`expected a speed from 1 (the machine's clock) to 1000, found ${speed}`);
    }
    const machine = Date.now();
    this.rate = { machine, world: this.now().getTime(), speed };
  }

  /** It goes on from so much later, as fast as before. */
  skip(ms: number): void {
    if (!(ms >= 0 && ms <= LONGEST_SKIP)) {
      throw new Error(`expected to skip 0 to ${LONGEST_SKIP} ms (a year), found ${ms}`);
    }
    const machine = Date.now();
    this.rate = { machine, world: this.now().getTime() + ms, speed: this.rate.speed };
  }
}
