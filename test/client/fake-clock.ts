import type { Clock } from '../../client/clock';

/** Both clocks and all timers, moved by hand. */
export class FakeClock implements Clock {
  /** What really passed, whatever the clocks say. */
  time = 0;
  wallJump = 0;
  /** How long the monotonic clock stood still. */
  frozen = 0;
  chance = () => 0.5;
  private timers: { due: number; run: () => void }[] = [];

  wall = () => Date.UTC(2026, 10, 22) + this.time + this.wallJump;
  monotonic = () => this.time - this.frozen;
  random = () => this.chance();

  setTimeout(run: () => void, milliseconds: number): unknown {
    const timer = { due: this.time + milliseconds, run };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers = this.timers.filter((other) => other !== timer);
  }

  get nextDue(): number | undefined {
    return this.timers.reduce<number | undefined>((least, { due }) => Math.min(least ?? due, due), undefined);
  }

  /** Moves to the next timer and fires it. */
  fireNext(): void {
    const due = this.nextDue;
    const timer = this.timers.find((other) => other.due === due);
    if (timer === undefined) throw new Error('no timer is set');
    this.time = Math.max(this.time, timer.due);
    this.clearTimeout(timer);
    timer.run();
  }
}
