import { PromptClient, type SdkClient } from '../../client';
import type { Clock } from '../../client/clock';
import { formatProgress, formatRollout } from '../../core/contract/rollout-parameters';
import { versionArn } from './registry-server';

export const STEPS = [5, 25, 50, 100];
export const TTL = 60_000;
const SALT = `pd1:${'5'.repeat(64)}`;
const START = Date.UTC(2026, 10, 30);
/** Notice before a step, as the controller gives it, and how long a share holds without a controller (there: 30 minutes). */
export const NOTICE = 75_000;
export const LIFE = 5 * 60_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Served {
  readonly time: number;
  readonly version: number | undefined;
  /** How old the process's knowledge of the alias was. */
  readonly age: number;
  /** Its clock was set at some time before. */
  readonly hasJumped: boolean;
}

export interface FleetSettings {
  readonly processes: number;
  readonly users: number;
  /** Milliseconds by which a clock may be wrong, either way. */
  readonly skew: number;
  readonly random: () => number;
}

/** Many processes with the real client, clocks of their own, and users who come to any of them. */
export class SimulatedFleet {
  time = 0;
  isSsmDown = false;
  readonly values = { pointer: versionArn(3), rollout: 'none', progress: 'none' };
  /** What each user got, in order. */
  readonly served: Served[][];
  requests = 0;
  private readonly queue = new EventQueue();
  private readonly processes: Process[];
  private step = -1;
  private halted = false;

  constructor(private readonly settings: FleetSettings) {
    const { processes, random, skew, users } = settings;
    this.served = Array.from({ length: users }, () => []);
    this.processes = Array.from({ length: processes }, () => new Process(this, (random() * 2 - 1) * skew, random));
  }

  at(time: number, run: () => void): void {
    this.queue.add(time, run);
  }

  /** Users come at least 3 s after they came last: within twice the skew nobody can know which version is the newer. */
  bringUsers(meanPause: number, until: number): void {
    const { random } = this.settings;
    const come = (user: number) => {
      const process = this.processes[Math.floor(random() * this.processes.length)] as Process;
      if (!process.isFrozen) this.serve(process, user);
      const next = this.time + 3_000 - Math.log(1 - random()) * meanPause;
      if (next < until) this.at(next, () => come(user));
    };
    for (let user = 0; user < this.served.length; user++) this.at(random() * meanPause, () => come(user));
  }

  /** Lambda freezes a share of the processes now and then. */
  freezeSome(share: number, until: number): void {
    const { random } = this.settings;
    for (const process of this.processes.slice(0, Math.floor(this.processes.length * share))) {
      const freeze = () => {
        const length = 5_000 + random() * 295_000;
        process.freeze(length);
        const next = this.time + length + random() * 120_000;
        if (next < until) this.at(next, freeze);
      };
      this.at(random() * 120_000, freeze);
    }
  }

  /** NTP sets the clocks of a share of the processes wrong by an hour, either way, and right again some minutes later. */
  jumpSome(share: number, until: number): void {
    const { random } = this.settings;
    for (const process of this.processes.slice(-Math.floor(this.processes.length * share))) {
      const jump = () => {
        process.jump = random() < 0.5 ? HOUR : -HOUR;
        process.hasJumped = true;
        this.at(this.time + 30_000 + random() * 150_000, () => {
          process.jump = 0;
        });
        const next = this.time + 200_000 + random() * 300_000;
        if (next < until) this.at(next, jump);
      };
      this.at(60_000 + random() * 180_000, jump);
    }
  }

  outage(from: number, length: number): void {
    this.at(from, () => {
      this.isSsmDown = true;
    });
    this.at(from + length, () => {
      this.isSsmDown = false;
    });
  }

  declare(): void {
    this.values.rollout = formatRollout({ plan: 3, to: versionArn(4), steps: STEPS, salt: SALT });
  }

  /** The controller: goes on when it may, and says each minute that it lives. What it cannot write it writes a minute later. */
  control(mayGoOn: (time: number, step: number) => boolean, until: number): void {
    let at = 0;
    const tick = () => {
      if (!this.isSsmDown && !this.halted) {
        if (this.step + 1 < STEPS.length && mayGoOn(this.time, this.step + 1)) {
          this.step++;
          at = Math.ceil((this.time + NOTICE) / MINUTE) * MINUTE;
        }
        if (this.step >= 0) this.put('step', at);
      }
      if (this.time + MINUTE < until) this.at(this.time + MINUTE, tick);
    };
    this.at(0, tick);
  }

  halt(): void {
    this.halted = true;
    this.put('halt', this.time);
  }

  settle(): void {
    this.values.pointer = versionArn(4);
    this.values.rollout = 'none';
  }

  async run(until: number): Promise<void> {
    for (let next = this.queue.next(until); next; next = this.queue.next(until)) {
      this.time = next.time;
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.time = until;
  }

  /** Users who got stable after the candidate, by what the process that gave it last heard of SSM. */
  get gone(): { readonly fromInformed: number; readonly fromCutOff: number } {
    const back = this.served.map((served) =>
      served.filter(({ version }, index) => version === 3 && served[index - 1]?.version === 4),
    );
    const fromInformed = back.filter((served) => served.some(({ age }) => age < NOTICE)).length;
    return { fromInformed, fromCutOff: back.filter((served) => served.length > 0).length - fromInformed };
  }

  /** How many went back before a time, and of these where neither of the two processes had had its clock set. */
  goneBefore(time: number): { readonly all: number; readonly byRightClocks: number } {
    const back = this.served.map((served) =>
      served.flatMap((now, index) => {
        const last = served[index - 1];
        return now.time < time && now.version === 3 && last?.version === 4 ? now.hasJumped || last.hasJumped : [];
      }),
    );
    const all = back.filter((jumped) => jumped.length > 0).length;
    return { all, byRightClocks: back.filter((jumped) => jumped.includes(false)).length };
  }

  /** The last time at which anybody got the candidate. */
  get lastCandidate(): number {
    return Math.max(
      ...this.served.flatMap((served) => served.filter(({ version }) => version === 4).map(({ time }) => time)),
    );
  }

  /** Share of the users who came in a span and got the candidate. */
  shareBetween(from: number, to: number): number {
    const came = this.served.flatMap((served) => served.filter(({ time }) => time >= from && time < to));
    return came.filter(({ version }) => version === 4).length / came.length;
  }

  private serve(process: Process, user: number): void {
    process.prompts.get('p', { targetingKey: `user-${user}` }).then(
      ({ age, version }) => this.served[user]?.push({ time: this.time, version, age, hasJumped: process.hasJumped }),
      () => undefined,
    );
  }

  private put(state: 'step' | 'halt', at: number): void {
    const iso = (time: number) => new Date(START + time).toISOString();
    const n = this.step + (state === 'halt' ? 2 : 1);
    const until = iso(this.time + LIFE);
    this.values.progress = formatProgress({ plan: 3, n, step: this.step, state, at: iso(at), until });
  }
}

class Process {
  readonly prompts: PromptClient;
  /** By how much its clock is wrong besides. */
  jump = 0;
  hasJumped = false;
  private thaws = 0;
  private frozen = 0;

  constructor(
    private readonly fleet: SimulatedFleet,
    skew: number,
    random: () => number,
  ) {
    const clock: Clock = {
      wall: () => START + fleet.time + skew + this.jump,
      monotonic: () => fleet.time - this.frozen,
      random,
      setTimeout: (run, milliseconds) => {
        const timer = { isCleared: false };
        fleet.at(fleet.time + milliseconds, () => this.awake(() => timer.isCleared || run()));
        return timer;
      },
      clearTimeout: (timer) => {
        if (timer) (timer as { isCleared: boolean }).isCleared = true;
      },
    };
    const ssm: SdkClient = {
      send: (command) =>
        new Promise((resolve, reject) => {
          fleet.requests++;
          const [Name, ofRollout, ofProgress] = (command as { input: { Names: string[] } }).input.Names;
          // SSM answers what stands when the question arrives; the answer still has to travel.
          const { pointer, rollout, progress } = fleet.values;
          const Parameters = [
            { Name, Value: pointer },
            { Name: ofRollout, Value: rollout },
            { Name: ofProgress, Value: progress },
          ];
          const isDown = fleet.isSsmDown;
          const answer = () => {
            if (isDown) reject(Object.assign(new Error('down'), { $metadata: { httpStatusCode: 500 } }));
            else resolve({ Parameters });
          };
          fleet.at(fleet.time + 10 + random() * 90, () => this.awake(answer));
        }),
    };
    const silent = { logger: false, metrics: false } as const;
    this.prompts = new PromptClient({ parameterPrefix: '/p', alias: 'PROD', ttl: TTL, ssm, clock, ...silent });
  }

  get isFrozen(): boolean {
    return this.fleet.time < this.thaws;
  }

  freeze(length: number): void {
    this.thaws = this.fleet.time + length;
    this.frozen += length;
  }

  private awake(run: () => void): void {
    if (this.isFrozen) this.fleet.at(this.thaws, () => this.awake(run));
    else run();
  }
}

/** A heap: the earliest first, of equals the one that was added first. */
class EventQueue {
  private readonly heap: { time: number; order: number; run: () => void }[] = [];
  private order = 0;

  add(time: number, run: () => void): void {
    const event = { time, order: this.order++, run };
    this.heap.push(event);
    let index = this.heap.length - 1;
    while (index > 0 && this.isBefore(index, (index - 1) >> 1)) {
      this.swap(index, (index - 1) >> 1);
      index = (index - 1) >> 1;
    }
  }

  next(until: number) {
    const [first] = this.heap;
    if (!first || first.time >= until) return undefined;
    const last = this.heap.pop();
    if (this.heap.length === 0 || !last) return first;
    this.heap[0] = last;
    for (let index = 0; ; ) {
      const least = [2 * index + 1, 2 * index + 2]
        .filter((child) => child < this.heap.length)
        .reduce((found, child) => (this.isBefore(child, found) ? child : found), index);
      if (least === index) return first;
      this.swap(index, least);
      index = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [x, y] = [this.heap[a], this.heap[b]];
    if (!x || !y) return false;
    return x.time < y.time || (x.time === y.time && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    const [x, y] = [this.heap[a], this.heap[b]];
    if (x && y) [this.heap[a], this.heap[b]] = [y, x];
  }
}
