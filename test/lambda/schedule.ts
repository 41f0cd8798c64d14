import { createHash } from 'node:crypto';

/**
 * Runs programs that pause before every call to the outside world in every order there is.
 *
 * A program is any async function over a `pause`; between two pauses nothing else runs, so the pauses are all the points
 * at which another program can get in. A program can also die at any of them, and never knows.
 */
export interface Pause {
  (what: string): Promise<Resumed>;
  /** Notes what the program learned from outside: two programs that stand at the same call and learned the same go on alike. */
  saw(result: unknown): void;
  /** Notes that all it learned so far plays no part any more. */
  forgets(): void;
}
/** `lost`: the call takes effect but its answer does not arrive. */
export type Resumed = 'go' | 'lost';
export type Program = (pause: Pause) => Promise<void>;

export interface Line {
  readonly name: string;
  /** One after the other. What dies is started again while the line has deliveries left. */
  readonly programs: readonly Program[];
  /** How often a program of this line may die. */
  readonly crashes?: number;
  /** Whether a program that died is delivered again, as Lambda does with an asynchronous event. */
  readonly redelivers?: boolean;
  /** How often an answer may get lost. */
  readonly losses?: number;
  /**
   * How often a program may end with a put on its way, as a function does that is stopped at its time limit: the put takes
   * effect at any time from then on, and the line's next program begins.
   */
  readonly timeouts?: number;
  /** The line may start from here on. */
  readonly startsWhen?: () => boolean;
}

/** Picks one of so many options; `position` tells all that decides how the run goes on from here. */
export type Choose = (options: number, position: () => string) => number;

/** How many orders there are, and how many of them end wrong, with the story of the first few. */
export interface Orders {
  /** Positions that were gone on from. */
  states?: number;
  orders: number;
  wrong: number;
  stories: string[];
}

class KnownFromHere {
  constructor(readonly orders: Orders) {}
}

/**
 * Counts every order in which a run can go. A run that comes to a position where an earlier one has been is cut short:
 * what can follow is known, so the count is of orders and the work is of positions.
 *
 * @param run answers what is wrong at its end, empty for nothing
 */
export async function everyOrder(run: (choose: Choose) => Promise<string[]>): Promise<Orders> {
  const known = new Map<string, Orders>();
  const path: { position: string; options: number; taken: number; sum: Orders }[] = [];
  for (;;) {
    let step = 0;
    let found = await run((options, position) => {
      const ahead = path[step++];
      if (ahead !== undefined) return ahead.taken;
      // A hash: positions are long, and there are many.
      const here = createHash('sha256').update(position()).digest('base64');
      const before = known.get(here);
      if (before !== undefined) throw new KnownFromHere(before);
      path.push({ position: here, options, taken: 0, sum: { orders: 0, wrong: 0, stories: [] } });
      return 0;
    }).then(oneOrder, (error: unknown) => {
      if (error instanceof KnownFromHere) return error.orders;
      throw error;
    });
    for (;;) {
      const last = path.at(-1);
      if (last === undefined) return { ...found, states: known.size };
      last.sum.orders += found.orders;
      last.sum.wrong += found.wrong;
      last.sum.stories = [...last.sum.stories, ...found.stories].slice(0, 2);
      last.taken += 1;
      if (last.taken < last.options) break;
      known.set(last.position, last.sum);
      found = last.sum;
      path.pop();
    }
  }
}

function oneOrder(wrong: string[]): Orders {
  return wrong.length === 0
    ? { orders: 1, wrong: 0, stories: [] }
    : { orders: 1, wrong: 1, stories: [wrong.join('\n')] };
}

interface Waiting {
  readonly what: string;
  readonly go: (how: Resumed) => void;
}

interface Running {
  readonly line: Line;
  index: number;
  crashes: number;
  losses: number;
  timeouts: number;
  waiting: Waiting[];
  seen: unknown[];
  /** Puts of programs that were stopped, with what those had seen. */
  late: (Waiting & { readonly seen: readonly unknown[] })[];
  started: boolean;
  done: boolean;
}

/**
 * Runs the lines side by side, in the order that `choose` picks, until all are done or dead. Returns what happened.
 * @param shared everything outside the programs that they see or that is judged at the end
 */
export async function interleave(lines: readonly Line[], shared: () => unknown, choose: Choose): Promise<string[]> {
  const trace: string[] = [];
  const all: Running[] = lines.map((line) => ({
    line,
    index: 0,
    crashes: line.crashes ?? 0,
    losses: line.losses ?? 0,
    timeouts: line.timeouts ?? 0,
    waiting: [],
    seen: [],
    late: [],
    started: false,
    done: false,
  }));
  for (;;) {
    const moves: { label: string; make: () => void }[] = [];
    for (const running of all) {
      moves.push(...lateMovesOf(running));
      if (running.done) continue;
      if (!running.started) {
        if (running.line.startsWhen?.() ?? true) start(running);
        else continue;
        await settled();
      }
      moves.push(...movesOf(running));
    }
    if (moves.length === 0) return trace;
    const position = () =>
      JSON.stringify([
        shared(),
        all.map(({ index, crashes, losses, timeouts, started, done, waiting, seen, late }) => {
          const now = [waiting.map(({ what }) => what), done ? [] : seen, late.map((one) => [one.what, one.seen])];
          return [index, crashes, losses, timeouts, started, done, now];
        }),
      ]);
    const move = moves[moves.length === 1 ? 0 : choose(moves.length, position)];
    trace.push(move?.label ?? '');
    move?.make();
    await settled();
  }
}

function movesOf(running: Running) {
  const { line } = running;
  const next = running.waiting[0];
  if (next === undefined) return [];
  const label = (how: string) => `${line.name}: ${next.what}${how}`;
  const resume = (how: Resumed) => {
    running.waiting.shift();
    next.go(how);
  };
  const moves = [{ label: label(''), make: () => resume('go') }];
  if (running.losses > 0 && next.what.startsWith('put')) {
    moves.push({
      label: label(', answer lost'),
      make: () => {
        running.losses -= 1;
        resume('lost');
      },
    });
  }
  if (running.timeouts > 0 && next.what.startsWith('put')) {
    moves.push({
      label: label(' on its way: stopped'),
      make: () => {
        running.timeouts -= 1;
        running.late.push({ ...next, seen: running.seen });
        running.waiting = [];
        goOn(running);
      },
    });
  }
  if (running.crashes > 0) {
    moves.push({
      label: label(' not reached: died'),
      make: () => {
        running.crashes -= 1;
        running.waiting = [];
        if (line.redelivers) start(running);
        else running.done = true;
      },
    });
  }
  return moves;
}

function lateMovesOf(running: Running) {
  return running.late.map((late) => ({
    label: `${running.line.name}: ${late.what}, late`,
    make: () => {
      running.late = running.late.filter((other) => other !== late);
      late.go('go');
    },
  }));
}

function goOn(running: Running): void {
  running.index += 1;
  if (running.index === running.line.programs.length) running.done = true;
  else start(running);
}

function start(running: Running): void {
  running.started = true;
  const waiting: Running['waiting'] = [];
  running.waiting = waiting;
  const seen: unknown[] = [];
  running.seen = seen;
  const pause: Pause = Object.assign((what: string) => new Promise<Resumed>((go) => waiting.push({ what, go })), {
    saw: (result: unknown) => void seen.push(result),
    forgets: () => void seen.splice(0),
  });
  void running.line.programs[running.index]?.(pause).then(() => {
    // One that was stopped before is not the line's any more.
    if (running.waiting === waiting) goOn(running);
  });
}

/** Everything in memory is done after the current microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
