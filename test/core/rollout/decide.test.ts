import { describe, expect, it } from 'vitest';
import { formatProgress, parseProgress, type RolloutProgress } from '../../../core/contract/rollout-parameters';
import { recordDigest } from '../../../core/ledger/record';
import type { Rollout } from '../../../core/ledger/record-schema-2';
import { type RolloutStep, serializeStep } from '../../../core/ledger/rollout-step';
import type { ArmCounts } from '../../../core/rollout/arm-counts';
import { decide, type RolloutAction } from '../../../core/rollout/decide';
import { shareAt } from '../../../core/rollout/share';
import type { GuardReadings, Situation } from '../../../core/rollout/situation';
import { released } from '../history';

const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:Slow';
const MINUTE = 60_000;
const START = Date.parse('2026-12-02T09:00:30.000Z');

const rollout: Rollout = {
  ...{ plan: 3, candidate: released(4), steps: [5, 25, 50], bake: 600, minimum: 50, key: 'session' },
  guards: ['errors', ALARM],
};

const fine: GuardReadings = { alarms: new Map([[ALARM, 'OK']]), spans: [], uses: 60 };
const worse: ArmCounts = { candidate: { uses: 50, failures: 25 }, stable: { uses: 950, failures: 9 } };

/** One alias's rollout, as a controller that does what it decides sees it. */
class World {
  public rollout: Rollout | null = rollout;
  public steps: RolloutStep[] = [];
  public value = 'none';
  public guards: GuardReadings | undefined = fine;
  public now = START;
  public readonly told: string[] = [];
  private previous = 'a'.repeat(64);

  /** One invocation; `calls`: it dies after so many. */
  public tick(more: Partial<Situation> = {}, calls = Infinity): RolloutAction['do'][] {
    const done: RolloutAction['do'][] = [];
    let told: number | undefined;
    const { now = new Date(this.now) } = more;
    while (done.length < calls) {
      const { rollout, steps, previous, value, guards } = this;
      const began = new Date(START).toISOString();
      const action = decide({ rollout, began, steps, previous, value, guards, told, now, ...more });
      if (action.do === 'nothing') break;
      done.push(action.do);
      if (action.do === 'append') this.append(action.step);
      else if (action.do === 'put') this.value = formatProgress(action.progress);
      else {
        told = action.n;
        this.told.push([action.about, ...action.reasons].join(': '));
      }
      if (done.length > 10) throw new Error(`does not come to rest: ${done}`);
    }
    return done;
  }

  /** The minutes from here on, a tick in each. */
  public wait(minutes: number): this {
    for (let minute = 0; minute < minutes; minute++) {
      this.now += MINUTE;
      this.tick();
    }
    return this;
  }

  public get progress(): RolloutProgress | null {
    return parseProgress(this.value);
  }

  /** What readers get now. */
  public get share(): number {
    const { progress, now } = this;
    const isServed =
      progress?.plan === this.rollout?.plan &&
      progress?.state === 'step' &&
      Date.parse(progress.at) <= now &&
      now < Date.parse(progress.until);
    return isServed ? (rollout.steps[progress.step] ?? 0) : 0;
  }

  private append(step: RolloutStep) {
    expect(step.previous).toBe(this.previous);
    this.steps = [...this.steps, step];
    this.previous = recordDigest(serializeStep(step));
  }
}

function started(minutes = 3): World {
  const world = new World();
  world.tick();
  return world.wait(minutes);
}

describe('A controller', () => {
  it('starts with the first step: the record, then the parameter, from a whole minute on that every client has read it by', () => {
    const world = new World();
    expect(world.tick()).toEqual(['append', 'put', 'notify', 'put']);
    expect(world.steps).toMatchObject([{ plan: 3, n: 1, kind: 'step', step: 0, by: 'controller', evidence: {} }]);
    expect(world.progress).toEqual({
      ...{ v: 1, plan: 3, n: 1, step: 0, state: 'step' },
      ...{ at: '2026-12-02T09:02:00.000Z', until: '2026-12-02T09:30:30.000Z' },
    });
    expect(world.tick()).toEqual([]);
    expect(world.share).toBe(0);
    expect(world.wait(2).share).toBe(5);
  });

  it('goes through the steps, each after its bake, and stays at the last one until somebody settles', () => {
    const world = new World();
    const shares = new Map<number, number>();
    for (let minute = 0; minute <= 60; minute++) {
      world.tick();
      if (!shares.has(world.share)) shares.set(world.share, minute);
      world.now += MINUTE;
    }
    expect([...shares]).toEqual([
      ...[
        [0, 0],
        [5, 2],
        [25, 14],
        [50, 26],
      ],
    ]);
    expect(world.steps.map(({ n, kind, step }) => [n, kind, step])).toEqual([
      ...[
        [1, 'step', 0],
        [2, 'step', 1],
        [3, 'step', 2],
      ],
    ]);
    expect(world.steps[1]?.evidence).toEqual({ errors: { n1: 0, k1: 0, n0: 0, k0: 0, e: 1 }, uses: 60 });
  });

  it.each<[string, Partial<GuardReadings>]>([
    ['too few used it', { uses: 49 }],
    ['an alarm has no data', { alarms: new Map([[ALARM, 'INSUFFICIENT_DATA']]) }],
    ['an alarm does not exist', { alarms: new Map() }],
  ])('stays while %s, is alive, and says so once after three bakes', (_name, reading) => {
    const world = started();
    world.guards = { ...fine, ...reading };
    world.wait(60);
    expect(world.steps).toHaveLength(1);
    expect(world.share).toBe(5);
    expect(world.told.map((text) => text.replace(/:.*/, ''))).toEqual(['step', 'silence']);
    world.guards = fine;
    expect(world.wait(3).steps).toHaveLength(2);
    expect(world.told).toHaveLength(3);
  });

  it.each([29, 30, 31, 32, 33])(
    'tells each step, and does not say that it stays where it goes on, in minute %i',
    (minute) => {
      const world = started();
      const kinds = () => world.told.map((text) => text.replace(/:.*/, ''));
      const isLate = () => kinds().includes('silence');
      world.guards = { ...fine, uses: 49 };
      world.wait(minute - 3);
      const stayed = isLate();
      world.guards = fine;
      world.wait(1);
      expect([world.steps.length, world.told.length, isLate()]).toEqual([2, stayed ? 3 : 2, stayed]);
      expect(kinds().at(-1)).toBe('step');
    },
  );

  it('that died before it told of a step, and comes when that is over, tells of it and of the next one', () => {
    const world = new World();
    expect(world.tick({}, 2)).toEqual(['append', 'put']);
    world.now += 14 * MINUTE;
    world.tick();
    expect([world.steps.length, world.told]).toEqual([2, ['step', 'step']]);
  });

  it.each([1, 29, 30, 31, 40])('tells the first step also when it comes for the first time after %i min', (minutes) => {
    const world = new World();
    world.now += minutes * MINUTE;
    world.tick();
    expect(world.told).toEqual(['step']);
  });

  it.each<[string, Partial<GuardReadings>, string]>([
    ['the candidate fails more often', { spans: [worse] }, 'it fails more often: 25 of 50 first uses, stable 9 of 950'],
    ['an alarm goes off', { alarms: new Map([[ALARM, 'ALARM']]) }, 'alarm Slow is in ALARM'],
  ])('halts for good when %s: the parameter, then the record', (_name, reading, reason) => {
    const world = started();
    world.guards = { ...fine, ...reading };
    world.now += 1000;
    expect(world.tick()).toEqual(['put', 'append', 'notify', 'put']);
    expect(world.share).toBe(0);
    expect(world.progress).toMatchObject({ n: 2, step: 0, state: 'halt' });
    expect(world.steps[1]).toMatchObject({ n: 2, kind: 'halt', step: 0, by: 'controller', reason });
    expect(world.steps[1]?.at).toBe(world.progress?.at);
    expect(world.told).toEqual(['step', `halt: ${reason}`]);
    world.guards = fine;
    expect(world.wait(100).steps).toHaveLength(2);
    expect(world.share).toBe(0);
    expect(world.told).toHaveLength(2);
  });

  it('halts on request at once, also when CloudWatch does not answer and before anything was served', () => {
    for (const world of [started(), new World()]) {
      world.guards = undefined;
      world.now += 1000;
      const n = world.steps.length + 1;
      expect(world.tick({ request: { reason: 'complaints' } })).toEqual(['put', 'append', 'notify', 'put']);
      expect(world.steps.at(-1)).toMatchObject({ n, kind: 'halt', by: 'request', reason: 'complaints' });
      expect(world.tick({ request: { reason: 'again' } })).toEqual([]);
    }
  });

  it('does not start while an alarm is in ALARM, and starts after it', () => {
    const world = new World();
    world.guards = { ...fine, alarms: new Map([[ALARM, 'ALARM']]) };
    expect(world.wait(40).steps).toEqual([]);
    expect(world.told).toEqual(['silence: 60 of 50 uses'].slice(1).concat('silence: alarm Slow is not OK'));
    world.guards = fine;
    expect(world.wait(3).share).toBe(5);
  });

  it('goes nowhere while CloudWatch does not answer: readers are on stable after the time of a dead one', () => {
    const world = started();
    world.guards = undefined;
    world.wait(27);
    expect(world.share).toBe(5);
    expect(world.wait(4).share).toBe(0);
    world.guards = fine;
    // The step it was at is served again before the next one.
    expect(world.wait(1).share).toBe(5);
    expect(world.steps).toHaveLength(1);
    expect(world.wait(1).steps).toHaveLength(2);
  });

  it('does nothing where no rollout is in force, but for taking back what it said', () => {
    const world = started();
    world.rollout = null;
    expect(world.tick()).toEqual(['put']);
    expect(world.value).toBe('none');
    expect(world.tick()).toEqual([]);
  });

  it.each<[string, (own: RolloutProgress) => string]>([
    ['gives a later step', (own) => formatProgress({ ...own, step: 2 })],
    ['gives the number of a later step', (own) => formatProgress({ ...own, n: 9 })],
    ['holds for ever', (own) => formatProgress({ ...own, until: '2036-01-01T00:00:00.000Z' })],
    ['begins earlier', (own) => formatProgress({ ...own, at: '2026-12-01T00:00:00.000Z' })],
    ['begins much later', (own) => formatProgress({ ...own, at: '2026-12-03T00:00:00.000Z' })],
    ['is of another plan', (own) => formatProgress({ ...own, plan: 2 })],
    ['was set back', () => 'none'],
    ['is nonsense', () => '{"v":1'],
  ])('puts a parameter right that %s', (_name, edit) => {
    const world = started();
    const right = world.progress;
    world.value = edit(right ?? expect.fail());
    world.tick();
    expect(world.progress).toEqual(right);
    expect(world.steps).toHaveLength(1);
  });

  it.each([1, 5, 20])(
    'that died between record and parameter gives notice of the step all the same, %i min later',
    (late) => {
      const world = started(11);
      world.now += MINUTE;
      expect(world.tick({}, 1)).toEqual(['append']);
      world.now += late * MINUTE;
      world.tick();
      const begins = Date.parse(world.progress?.at ?? '');
      expect(world.progress).toMatchObject({ n: 2, step: 1, state: 'step' });
      expect(begins - world.now).toBeGreaterThanOrEqual(75_000);
      expect(begins % MINUTE).toBe(0);
      // And the step gets its whole bake.
      while (world.steps.length === 2) world.wait(1);
      expect(world.now - begins).toBeGreaterThanOrEqual(600_000);
      expect(world.now - begins).toBeLessThan(660_000);
    },
  );

  it.each([
    ['ahead', 60, '5 25 50'],
    // What it says of the end of the share is over by then.
    ['behind', -60, '5 0 5 25 50'],
  ])('whose clock is an hour %s for five minutes skips no step and no bake', (_name, wrong, expected) => {
    const world = started(5);
    const shares: number[] = [];
    for (let minute = 0; minute < 180; minute++) {
      const isWrong = minute >= 2 && minute < 7;
      world.now += MINUTE;
      world.tick(isWrong ? { now: new Date(world.now + wrong * MINUTE) } : {});
      shares.push(
        shareAt({ v: 1, plan: rollout.plan, steps: rollout.steps, to: '', salt: '' }, world.progress, world.now),
      );
    }
    expect(shares.filter((share, minute) => share !== shares[minute - 1]).join(' ')).toBe(expected);
    // The first step began two minutes after the start, five before these.
    expect(shares.indexOf(25) + 5 - 2).toBeGreaterThanOrEqual(10);
    expect(shares.filter((share) => share === 25).length).toBeGreaterThanOrEqual(10);
    expect(world.steps).toHaveLength(3);
  });

  it.each([60, -60])('whose clock is wrong by %i min halts at once, and for good', (wrong) => {
    const world = started(5);
    world.guards = { ...fine, spans: [worse] };
    world.now += MINUTE;
    world.tick({ now: new Date(world.now + wrong * MINUTE) });
    expect(world.progress?.state).toBe('halt');
    world.guards = fine;
    world.wait(90);
    expect([world.progress?.state, world.steps.at(-1)?.kind, world.share]).toEqual(['halt', 'halt', 0]);
  });

  it.each([1, 5, 20])('that died before the first step was written gives notice of it, %i min later', (late) => {
    const world = new World();
    world.guards = { ...fine, uses: 0 };
    expect(world.tick({}, 1)).toEqual(['append']);
    world.now += late * MINUTE;
    world.tick();
    const begins = Date.parse(world.progress?.at ?? '');
    expect(begins - world.now).toBeGreaterThanOrEqual(75_000);
    expect(begins % MINUTE).toBe(0);
    expect(world.progress).toMatchObject({ n: 1, step: 0, state: 'step' });
    expect(world.told.map((one) => one.split(':')[0])).toEqual(['step']);
    // It stands, and the step gets its whole bake.
    world.wait(3);
    expect([Date.parse(world.progress?.at ?? ''), world.share]).toEqual([begins, 5]);
    world.guards = fine;
    while (world.steps.length === 1) world.wait(1);
    expect(world.now - begins).toBeGreaterThanOrEqual(600_000);
    expect(world.now - begins).toBeLessThan(660_000);
  });

  it('whose parameter was set back in the first step goes on with it where the candidate was used, else gives notice', () => {
    const at = (uses: number) => {
      const world = started();
      world.guards = { ...fine, uses };
      world.value = 'none';
      world.tick();
      return Date.parse(world.progress?.at ?? '') - world.now;
    };
    expect(at(1)).toBeLessThan(0);
    expect(at(0)).toBeGreaterThanOrEqual(75_000);
  });

  it('takes a halt in the parameter for one: it is never taken back', () => {
    const world = started();
    world.value = formatProgress({ ...(world.progress ?? expect.fail()), state: 'halt', n: 7 });
    world.tick();
    expect(world.steps[1]).toMatchObject({ n: 2, kind: 'halt', by: 'controller', reason: 'the parameter said so' });
    expect(world.progress).toMatchObject({ n: 2, state: 'halt' });
  });

  it('takes back a step in the parameter that has no record', () => {
    const world = new World();
    world.guards = { ...fine, alarms: new Map([[ALARM, 'ALARM']]) };
    world.value = formatProgress({
      plan: 3,
      n: 1,
      step: 2,
      state: 'step',
      at: '2026-12-02T09:00:00Z',
      until: '2027-01-01T00:00:00Z',
    });
    world.tick();
    expect(world.value).toBe('none');
  });

  it('goes on with a plan that is in force again, and never after its halt', () => {
    const world = started(15);
    world.rollout = null;
    world.tick();
    world.rollout = rollout;
    world.wait(1);
    expect(world.share).toBe(25);
    world.tick({ request: { reason: null } });
    world.rollout = null;
    world.tick();
    world.rollout = rollout;
    world.wait(3);
    expect(world.progress?.state).toBe('halt');
    expect(world.share).toBe(0);
  });

  it('says every day that nobody settles', () => {
    const world = started(30);
    world.told.length = 0;
    world.wait(3 * 24 * 60);
    expect(world.told).toEqual(['unsettled', 'unsettled', 'unsettled']);
    world.now += 1000;
    world.tick({ request: { reason: 'enough' } });
    world.wait(2 * 24 * 60);
    expect(world.told.slice(3)).toEqual(['halt: enough', 'unsettled: enough', 'unsettled: enough']);
  });

  it('ends at the same, and tells everything, wherever one dies', () => {
    const halt = { ...fine, spans: [worse] };
    for (let calls = 0; calls < 4; calls++) {
      const world = new World();
      world.tick({}, calls);
      world.wait(15);
      expect([world.share, world.steps.length]).toEqual([25, 2]);
      world.guards = halt;
      world.now += MINUTE;
      world.tick({}, calls);
      if (calls > 0) expect(world.share).toBe(0);
      world.wait(2);
      expect(world.steps.map(({ kind }) => kind)).toEqual(['step', 'step', 'halt']);
      expect(world.steps[2]).toMatchObject({ reason: expect.stringContaining('25 of 50') });
      expect(new Set(world.told.map((text) => text.slice(0, 4)))).toEqual(new Set(['step', 'halt']));
    }
  });
});

describe('A controller of a plan with an end', () => {
  const HOURS = 6;
  const END = START + HOURS * 60 * MINUTE;
  const split: Rollout = { ...rollout, steps: [40], minimum: 0, for: HOURS * 3_600, scores: ['helpful'] };

  function begun(minutes = 3): World {
    const world = new World();
    world.rollout = split;
    world.tick();
    return world.wait(minutes);
  }
  const until = ({ progress }: World) => Date.parse(progress?.until ?? '');
  /** What a reader gets that knows nothing of ends. */
  const shareOf = ({ progress, now }: World) =>
    shareAt({ v: 1, plan: 3, to: '', steps: [40], salt: '' }, progress, now);

  it('gives its share from the first step on, and says nothing of settling before the end', () => {
    const world = begun();
    expect(shareOf(world)).toBe(40);
    world.rollout = { ...split, for: 2 * 86_400 };
    world.wait(36 * 60);
    expect(shareOf(world)).toBe(40);
    expect(world.told).toEqual(['step']);
    expect(world.steps).toHaveLength(1);
  });

  it('tells no step again where its parameter is set back once it is over', () => {
    const world = begun();
    while (world.now < END + 3 * MINUTE) world.wait(1);
    expect(world.told).toEqual(['step', 'over']);
    world.value = 'none';
    world.guards = undefined;
    world.wait(2);
    expect(world.told).toEqual(['step', 'over']);
    expect([shareOf(world), until(world)]).toEqual([0, END]);
  });

  it('never lets readers believe it beyond the end, and does not tell anything again for that', () => {
    const world = begun();
    while (world.now < END + MINUTE) {
      world.wait(1);
      expect(until(world)).toBeLessThanOrEqual(END);
      expect(shareOf(world)).toBe(world.now < END ? 40 : 0);
    }
    expect(until(world)).toBe(END);
    expect(world.told).toEqual(['step', 'over']);
  });

  it('makes no further step after it, says so every day, and does not write every minute', () => {
    const world = begun();
    world.wait(HOURS * 60);
    const { value } = world;
    world.wait(12 * 60);
    expect(world.value).toBe(value);
    world.wait(2 * 24 * 60);
    expect(world.told).toEqual(['step', 'over', 'over', 'over']);
    expect(world.steps).toHaveLength(1);
    expect(until(world)).toBe(END);
  });

  it('tells of the end once where it was away, or CloudWatch was, when it came', () => {
    const world = begun();
    world.guards = undefined;
    world.now = END - 5 * MINUTE;
    world.wait(10);
    expect(world.told).toEqual(['step', 'over']);
    const other = begun();
    other.now = END + 30 * 60 * MINUTE;
    other.wait(10);
    expect(other.told).toEqual(['step', 'over']);
    expect([shareOf(other), other.steps.length]).toEqual([0, 1]);
  });

  it('begins nothing that clients would have to notice after the end', () => {
    const world = new World();
    world.rollout = split;
    world.guards = { ...fine, alarms: new Map([[ALARM, 'ALARM']]) };
    world.now = END - 2 * MINUTE;
    world.tick();
    world.guards = fine;
    world.now = END - MINUTE;
    world.wait(5);
    expect(world.steps).toEqual([]);
    expect(world.value).toBe('none');
    expect(world.told).toEqual(['over']);
  });

  it('is halted by its guards until the end, and by nobody but people after it', () => {
    const world = begun();
    world.guards = { ...fine, spans: [worse] };
    world.wait(1);
    expect(world.steps.map(({ kind }) => kind)).toEqual(['step', 'halt']);
    world.wait(HOURS * 60);
    expect([shareOf(world), until(world) <= END]).toEqual([0, true]);
    const over = begun();
    over.now = END;
    over.guards = { ...fine, spans: [worse] };
    over.wait(5);
    expect(over.steps).toHaveLength(1);
    over.tick({ request: { reason: 'complaints' } });
    expect(over.steps.map(({ kind, by }) => [kind, by])[1]).toEqual(['halt', 'request']);
    expect(over.told).toEqual(['step', 'over', 'halt: complaints']);
    over.wait(2 * 24 * 60);
    expect(over.told.slice(3)).toEqual(['unsettled: complaints', 'unsettled: complaints']);
    expect(until(over)).toBe(END);
  });

  it.each<[string, number]>([
    ['before', END - MINUTE],
    ['after', END + MINUTE],
  ])('takes an until beyond the end back that stands in the parameter %s it', (_when, now) => {
    const world = begun();
    world.now = now;
    world.tick();
    world.value = formatProgress({ ...(world.progress ?? expect.fail()), until: '2036-01-01T00:00:00.000Z' });
    world.tick();
    expect(until(world)).toBeLessThanOrEqual(END);
    expect(shareOf(world)).toBe(now < END ? 40 : 0);
  });

  it('goes by the end where its clock was set back over it: what is over is served again, and over by then', () => {
    const world = begun();
    world.now = END + MINUTE;
    world.tick();
    world.now = END - 60 * MINUTE;
    world.wait(1);
    expect([shareOf(world), until(world) <= END]).toEqual([40, true]);
    world.now = END;
    world.tick();
    expect(shareOf(world)).toBe(0);
  });
});
