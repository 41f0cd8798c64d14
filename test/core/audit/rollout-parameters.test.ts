import { describe, expect, it } from 'vitest';
import type { AuditedParameter } from '../../../core/audit/audited-parameter';
import type { ParameterWrite } from '../../../core/audit/evidence';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { ParameterEvents } from '../../../core/audit/parameter-events';
import { rolloutParameters } from '../../../core/audit/rules/rollout-parameters';
import { formatProgress, parseProgress, type RolloutProgress } from '../../../core/contract/rollout-parameters';
import { MINUTE, POINTER, ROLLOUT, RolloutWorld } from '../../lambda/rollout-world';

const CONTROLLER = 'arn:aws:sts::111122223333:assumed-role/ControllerRole/Controller';
const STACK = 'arn:aws:sts::111122223333:assumed-role/Execution/AWSCloudFormation';
const PROGRESS = `${POINTER}/rollout-progress`;

/** A rollout by the real controller, with each value that its parameters had. */
class Watched {
  readonly plan: ParameterWrite[] = [];
  readonly progress: ParameterWrite[] = [];

  constructor(readonly world = new RolloutWorld()) {
    this.look(STACK);
  }

  /** Notes what is new. */
  look(user = CONTROLLER): this {
    const note = (writes: ParameterWrite[], value = 'none', by: string) => {
      if (writes.at(-1)?.value === value) return;
      const time = new Date(this.world.now).toISOString();
      writes.push({ version: writes.length + 1, value, time, user: by });
    };
    note(this.plan, this.world.parameters.get(`${POINTER}/rollout`), user === CONTROLLER ? STACK : user);
    note(this.progress, this.world.parameters.get(PROGRESS), user);
    return this;
  }

  async wait(minutes: number): Promise<this> {
    for (let minute = 0; minute < minutes; minute++) {
      await this.world.wait(1);
      this.look();
    }
    return this;
  }

  /** What an audit lists of the ledger now, before it reads the parameters. */
  list() {
    return { now: new Date(this.world.now).toISOString(), bodies: [...this.world.bucket.objects] };
  }

  problems(status = 'UPDATE_COMPLETE', { now, bodies } = this.list(), roleName = 'ControllerRole'): string[] {
    const objects = bodies.map(([key, body]) => ({
      ...{ key, body },
      versions: [{ versionId: 'v', time: '2026-12-02T10:00:00.000Z', marker: false }],
    }));
    const survey = surveyLedger(objects);
    const [chain] = survey.chains;
    const rollout = { plan: this.plan, progress: this.progress };
    const parameter = { name: POINTER, promptId: 'ABCDEFGHIJ', alias: 'PROD', stackId: null, history: [], rollout };
    const stack = { stackId: 's', roleArn: 'arn:aws:iam::111122223333:role/Execution', status };
    const controller = { functionName: 'Controller', roleName };
    const evidence = { now, controller, stacks: new Map() };
    const found: string[] = [];
    rolloutParameters.run(
      {
        ...{ parameter, chain, survey, stack, evidence, busy: status !== 'UPDATE_COMPLETE' },
        parameterEvents: new ParameterEvents([]),
      } as unknown as AuditedParameter,
      (problem, object) => found.push(`${problem} ${object.slice(POINTER.length + 1).replace(/:\d+$/, '')}`),
    );
    return [...new Set(found)].sort();
  }
}

const started = (minutes: number) => {
  const watched = new Watched();
  watched.world.start();
  return watched.look(STACK).wait(minutes);
};

describe('The parameters of a rollout', () => {
  it('have no finding at any minute of an honest one, nor after a halt, an end, a replacement and a split', async () => {
    const watched = await started(1);
    for (let minute = 0; minute < 50; minute++) expect((await watched.wait(1)).problems()).toEqual([]);
    await watched.world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
    expect(watched.look().problems()).toEqual([]);
    watched.world.end();
    expect((await watched.look(STACK).wait(3)).problems()).toEqual([]);
    watched.world.start({ ...ROLLOUT, plan: 4, steps: [50], for: 3_600, scores: ['helpful'] });
    expect((await watched.look(STACK).wait(90)).problems()).toEqual([]);
  });

  it('have none in between: a halt that is served and not recorded, a record whose parameter comes next', async () => {
    const halting = await started(20);
    halting.world.broken = 'append';
    await halting.world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } }).catch(() => {});
    expect(halting.look().world.progress?.state).toBe('halt');
    expect(halting.problems()).toEqual([]);
    const ending = await started(20);
    ending.world.record({
      schema: 2,
      kind: 'rollout',
      requires: [],
      rollout: null,
      passed: null,
      ended: { plan: 2, n: null, head: null },
    });
    expect(ending.problems('UPDATE_IN_PROGRESS')).toEqual([]);
    expect(ending.problems()).toEqual(['RolloutDiffers rollout']);
    const dying = await started(20);
    dying.world.now += 300 * MINUTE;
    expect(dying.problems()).toEqual([]);
  });

  it('have none where the ledger was listed before a step, a halt, a start, a replacement or an end, and they after it', async () => {
    const changes: ((watched: Watched) => unknown)[] = [
      (watched) => watched.wait(15),
      ({ world }) => world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } }),
      ({ world }) => world.end(),
      ({ world }) => world.start({ ...ROLLOUT, plan: 3, steps: [50] }),
    ];
    for (const change of changes) {
      const watched = await started(20);
      const before = watched.list();
      watched.world.now += 1_000;
      await change(watched);
      await watched.look(STACK).wait(2);
      expect(watched.problems('UPDATE_COMPLETE', before)).toEqual([]);
      expect(watched.problems()).toEqual([]);
    }
    const starting = new Watched();
    const before = starting.list();
    starting.world.now += 1_000;
    starting.world.start();
    await starting.look(STACK).wait(10);
    expect(starting.problems('UPDATE_COMPLETE', before)).toEqual([]);
    // What was wrong before is found all the same.
    const wrong = await rolloutBy(() => ({ steps: [5, 100] }))();
    const listed = wrong.list();
    wrong.world.now += 1_000;
    wrong.world.end();
    expect(wrong.look(STACK).problems('UPDATE_COMPLETE', listed)).toEqual(['RolloutNotAllowed rollout']);
  });

  const progressBy =
    (change: (found: RolloutProgress) => Partial<RolloutProgress>, user = CONTROLLER) =>
    async () => {
      const watched = await started(20);
      const found = parseProgress(watched.world.parameters.get(PROGRESS));
      if (!found) throw new Error('no progress');
      watched.world.parameters.set(PROGRESS, formatProgress({ ...found, ...change(found) }));
      return watched.look(user);
    };
  const rolloutBy =
    (change: (found: Record<string, unknown>) => object | string, user = STACK) =>
    async () => {
      const watched = await started(20);
      const name = `${POINTER}/rollout`;
      const found = JSON.parse(watched.world.parameters.get(name) ?? '');
      const changed = change(found);
      watched.world.parameters.set(
        name,
        typeof changed === 'string' ? changed : JSON.stringify({ ...found, ...changed }),
      );
      return watched.look(user);
    };

  it.each<[string, string, () => Promise<Watched>]>([
    ['a step that the record does not have', 'ShareNotAllowed rollout-progress', progressBy(() => ({ step: 3 }))],
    ['a rollout that no record began', 'ShareNotAllowed rollout-progress', progressBy(() => ({ plan: 9 }))],
    ['a step that is not in the chain', 'StepNotRecorded rollout-progress', progressBy(({ n }) => ({ n: n + 1 }))],
    ['another step than the chain has', 'StepNotRecorded rollout-progress', progressBy(() => ({ step: 2 }))],
    [
      'a step that begins before its time',
      'StepNotRecorded rollout-progress',
      progressBy(() => ({ at: '2026-12-01T00:00:00.000Z' })),
    ],
    [
      'a share that holds for a year',
      'UntilTooLate rollout-progress',
      progressBy(() => ({ until: '2027-12-01T00:00:00.000Z' })),
    ],
    [
      'what the controller would say, by somebody else',
      'WrittenByHand rollout-progress',
      progressBy(({ until }) => ({ until: until.replace('.000Z', '.001Z') }), 'arn:aws:iam::111122223333:user/eve'),
    ],
    [
      'another candidate',
      'RolloutNotAllowed rollout',
      rolloutBy(({ to }) => ({ to: String(to).replace(/:4$/, ':5') })),
    ],
    ['other users', 'RolloutNotAllowed rollout', rolloutBy(() => ({ salt: `pd1:${'f'.repeat(64)}` }))],
    ['other steps', 'RolloutNotAllowed rollout', rolloutBy(() => ({ steps: [5, 100] }))],
    ['keys that are drawn anew in each call', 'RolloutNotAllowed rollout', rolloutBy(() => ({ key: 'none' }))],
    ['a plan that no record began', 'RolloutNotAllowed rollout', rolloutBy(() => ({ plan: 9 }))],
    ['nothing that a reader understands', 'RolloutNotAllowed rollout', rolloutBy(() => '{}')],
    ['nothing, while the ledger says a rollout', 'RolloutDiffers rollout', rolloutBy(() => 'none')],
    [
      'what the ledger says, by somebody else',
      'WrittenByHand rollout',
      rolloutBy(() => ({ v: 1, key: undefined, scores: undefined }), 'arn:aws:iam::111122223333:user/eve'),
    ],
  ])('are found where they say %s', async (what, finding, tampered) => {
    const watched = await tampered();
    if (what === 'what the ledger says, by somebody else') {
      const last = watched.plan.at(-1);
      if (last) watched.plan.push({ ...last, version: 9, user: 'arn:aws:iam::111122223333:user/eve' });
    }
    expect(watched.problems()).toContain(finding);
  });

  describe('that say an earlier step than the newest of the chain', () => {
    const again = async (watched: Watched, n: number, user = CONTROLLER) => {
      const first = watched.progress.map(({ value }) => parseProgress(value)).find((one) => one?.n === n);
      const until = new Date(watched.world.now + 30 * MINUTE).toISOString();
      watched.world.putProgress({ ...(first ?? expect.fail()), until });
      return watched.look(user).problems();
    };
    const halted = async () => {
      const watched = await started(20);
      await watched.world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
      return watched.look();
    };

    it('are found after a halt, by whatever role, and also once the controller put it right', async () => {
      const watched = await halted();
      watched.world.now += 10 * MINUTE;
      expect(await again(watched, 1)).toEqual(['ShareAfterHalt rollout-progress']);
      expect(watched.world.share).toBe(5);
      await watched.wait(1);
      expect(watched.problems()).toEqual(['ShareAfterHalt rollout-progress']);
      expect(await again(await (await halted()).wait(200), 2, 'arn:aws:iam::111122223333:user/eve')).toEqual([
        ...['ShareAfterHalt rollout-progress', 'WrittenByHand rollout-progress'],
      ]);
    });

    it('are found after a later step', async () => {
      expect(await again(await started(40), 1)).toEqual(['StepTakenBack rollout-progress']);
    });

    it('are none where a controller died between a step, or a halt, and its other half', async () => {
      for (const broken of ['put', 'append']) {
        const watched = await started(5);
        for (let minute = 0; minute < 60; minute++) {
          watched.world.broken = minute % 3 === 0 ? undefined : broken;
          await watched.wait(1).catch(() => watched.look());
          expect(watched.problems()).toEqual([]);
        }
        watched.world.broken = broken;
        await watched.world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } }).catch(() => {});
        watched.world.broken = undefined;
        expect((await watched.look().wait(5)).problems()).toEqual([]);
      }
    });
  });

  describe('of a split', () => {
    const { steps: _, ...rest } = ROLLOUT;
    const SPLIT = { ...rest, steps: [50], for: 7_200, scores: ['helpful'] };
    const END = '2026-12-02T11:00:30.000Z';
    const split = (minutes: number) => {
      const watched = new Watched(new RolloutWorld(SPLIT));
      watched.world.start();
      return watched.look(STACK).wait(minutes);
    };
    const until = async (change: Partial<RolloutProgress>, edit: (watched: Watched) => void = () => {}) => {
      const watched = await split(110);
      const found = watched.world.progress ?? expect.fail();
      watched.world.putProgress({ ...found, ...change });
      watched.look();
      edit(watched);
      return watched.problems();
    };

    it('have no finding at any minute, over its end, and after a halt', async () => {
      const watched = await split(1);
      for (let minute = 0; minute < 130; minute++) expect((await watched.wait(1)).problems()).toEqual([]);
      await watched.world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
      expect(watched.look().problems()).toEqual([]);
    });

    it('let nobody go on after its end, by a second, and also where a later record took it over or ended it', async () => {
      const late = { until: '2026-12-02T11:00:31.000Z' };
      const found = ['UntilTooLate rollout-progress'];
      expect(await until({ until: END })).toEqual([]);
      expect(await until(late)).toEqual(found);
      const withdrawn = (watched: Watched) =>
        watched.world.record({
          ...{ schema: 2, kind: 'withdraw', withdrawn: [1], requires: ['rollout'], rollout: SPLIT },
          ...{ passed: null, ended: null, time: '2026-12-02T10:00:00.000Z' },
        });
      expect(await until(late, withdrawn)).toEqual(found);
      expect(await until(late, ({ world }) => void world.end())).toContain(found[0]);
      expect(await until({ ...late, state: 'halt' })).toEqual([]);
    });
  });

  it('have none by a controller that was made again since, until the first write of today’s', async () => {
    const former = 'arn:aws:sts::111122223333:assumed-role/Stack-Controller1A-Former1/Controller';
    const today = 'arn:aws:sts::111122223333:assumed-role/Stack-Controller1A-Today2/Controller';
    const watched = await started(3);
    const [first, ...others] = watched.progress.filter(({ user }) => user === CONTROLLER);
    const by = (user: string, write = first) => ({ ...(write ?? expect.fail()), user });
    const of = (...progress: ParameterWrite[]) => {
      watched.progress.splice(0, watched.progress.length, ...progress);
      return watched.problems('UPDATE_COMPLETE', watched.list(), 'Stack-Controller1A-Today2');
    };
    expect(of(by(former), ...others.map((write) => by(today, write)))).toEqual([]);
    expect(of(by(today), ...others.map((write) => by(former, write)))).toEqual(['WrittenByHand rollout-progress']);
  });

  it('put right by the controller, what somebody edited is still found', async () => {
    const watched = await progressBy(() => ({ step: 3 }))();
    await watched.wait(2);
    expect(parseProgress(watched.progress.at(-1)?.value)?.step).toBeLessThan(3);
    expect(watched.problems()).toEqual(['ShareNotAllowed rollout-progress']);
  });
});
