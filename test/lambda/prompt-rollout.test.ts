import { describe, expect, it } from 'vitest';
import { parseRecord, recordDigest, serializeRecord } from '../../core/ledger/record';
import { verifySteps } from '../../core/ledger/rollout-step';
import { controlRollouts } from '../../lambda/prompt-rollout/handler';
import { ALARM, MINUTE, POINTER, ROLLOUT, RolloutWorld } from './rollout-world';

const chainOf = ({ steps }: RolloutWorld) => steps.map(({ n, kind, step }) => `${n} ${kind} ${step}`);

describe('The controller of rollouts', () => {
  it('gives 5, 25 and 50 % one after the other, with a chain that holds and a message for each', async () => {
    const world = new RolloutWorld().start();
    const shares: number[] = [];
    for (let minute = 0; minute < 45; minute++) {
      await world.wait(1);
      if (shares.at(-1) !== world.share) shares.push(world.share);
    }
    expect(shares).toEqual([0, 5, 25, 50]);
    expect(chainOf(world)).toEqual(['1 step 0', '2 step 1', '3 step 2']);
    expect(world.steps[1]?.evidence).toEqual({
      errors: { n1: 300, k1: 0, n0: 5700, k0: 60, e: expect.any(Number) },
      uses: 300,
    });
    const [, start = ''] = [...world.bucket.objects].find(([key]) => key.endsWith('/99999997.json')) ?? [];
    expect(parseRecord(start).kind).toBe('rollout');
    const entries = [...world.bucket.objects]
      .map(([key, body]) => ({ key, body }))
      .filter(({ key }) => key.startsWith('rollouts/'));
    expect(verifySteps(entries, recordDigest(start)).findings).toEqual([]);
    expect(world.messages.map(({ subject }) => subject)).toEqual([
      'financial-analysis PROD 3 -> 4: 5 % from 2026-12-02T09:03:00.000Z',
      'financial-analysis PROD 3 -> 4: 25 % from 2026-12-02T09:15:00.000Z',
      'financial-analysis PROD 3 -> 4: 50 % from 2026-12-02T09:27:00.000Z',
    ]);
  });

  it('gives notice of the first step also where SSM takes it only minutes after it was recorded', async () => {
    const world = new RolloutWorld().start();
    world.broken = 'put';
    for (let minute = 0; minute < 4; minute++) await expect(world.wait(1)).rejects.toThrow('ServiceUnavailable');
    expect([chainOf(world), world.progress]).toEqual([['1 step 0'], null]);
    world.broken = undefined;
    await world.wait(1);
    expect(Date.parse(world.progress?.at ?? '') - world.now).toBeGreaterThanOrEqual(75_000);
    // A stack's tags change: callers have the candidate by then, and nobody waits for it again.
    await world.wait(5);
    world.parameters.set(`${POINTER}/rollout-progress`, 'none');
    await world.wait(1);
    expect(world.share).toBe(5);
  });

  it('halts a candidate that fails more often within minutes, and leaves an outage alone', async () => {
    const world = new RolloutWorld().start();
    await world.wait(15);
    world.failing = { candidate: 60, stable: 60 };
    await world.wait(10);
    expect(world.share).toBeGreaterThan(0);
    world.failing = { candidate: 10, stable: 1 };
    await world.wait(3);
    expect(world.share).toBe(0);
    expect(world.steps.at(-1)).toMatchObject({
      kind: 'halt',
      by: 'controller',
      reason: expect.stringContaining('it fails more often'),
    });
    expect(world.messages.at(-1)?.text).toContain('To end it: prompt-registry rollback financial-analysis PROD');
  });

  it('halts when an alarm goes off, with the event and not only with the next minute', async () => {
    const world = await new RolloutWorld().start().wait(5);
    world.alarms.set(ALARM, 'ALARM');
    world.now += 1000;
    await world.event({});
    expect(world.share).toBe(0);
    expect(world.steps.at(-1)?.evidence.alarms).toEqual([ALARM]);
  });

  it('halts on request, says so once, and has nothing to halt elsewhere', async () => {
    const world = await new RolloutWorld().start().wait(5);
    world.now += 1000;
    const halt = { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' };
    world.broken = 'metrics';
    expect(await world.event({ halt })).toEqual({ outcome: 'halted', plan: 2, n: 2, step: 0, reason: 'complaints' });
    expect(world.share).toBe(0);
    expect(await world.event({ halt: { ...halt, reason: 'again' } })).toMatchObject({
      outcome: 'halted-before',
      reason: 'complaints',
    });
    expect(await world.event({ halt: { ...halt, alias: 'STAGING' } })).toEqual({ outcome: 'no-rollout' });
    expect(await new RolloutWorld().event({ halt })).toEqual({ outcome: 'no-rollout' });
    await expect(world.event({ halt: { ...halt, reason: 'a\nb' } })).rejects.toMatchObject({
      code: 'InvalidReleaseReason',
    });
    expect(chainOf(world)).toEqual(['1 step 0', '2 halt 0']);
  });

  it('takes back what it said once the ledger says that there is no rollout, and writes nothing into it', async () => {
    const world = await new RolloutWorld().start().wait(5);
    world.end();
    await world.wait(3);
    expect(world.parameters.get(`${POINTER}/rollout-progress`)).toBe('none');
    expect(chainOf(world)).toEqual(['1 step 0']);
  });

  it('begins a new plan at its first step, whatever the one before reached', async () => {
    const world = await new RolloutWorld().start().wait(20);
    expect(world.share).toBe(25);
    world.start({ ...ROLLOUT, plan: 3, candidate: { ...ROLLOUT.candidate, version: 5 } });
    expect(world.share).toBe(0);
    await world.wait(1);
    expect(world.progress).toMatchObject({ plan: 3, n: 1, step: 0 });
  });

  it('begins a new plan after the halt of the one before', async () => {
    const world = await new RolloutWorld().start().wait(5);
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' } });
    world.start({ ...ROLLOUT, plan: 3 });
    await world.wait(1);
    expect(world.progress).toMatchObject({ plan: 3, n: 1, step: 0, state: 'step' });
  });

  it.each(['append', 'put', 'publish', 'alarms', 'metrics'])(
    'fails while %s is away, and goes on after it',
    async (name) => {
      const world = await new RolloutWorld().start().wait(12);
      world.broken = name;
      world.now += MINUTE;
      await expect(world.event()).rejects.toMatchObject({
        code: 'RolloutStopped',
        message: expect.stringContaining('financial-analysis PROD: ServiceUnavailable'),
      });
      expect(world.failures).toEqual(['rollout stopped ServiceUnavailable']);
      world.broken = undefined;
      await world.wait(12);
      expect(chainOf(world).slice(0, 2)).toEqual(['1 step 0', '2 step 1']);
      expect(world.share).toBeGreaterThan(0);
    },
  );

  it('lets readers go back to stable while CloudWatch is away for long, and serves again after it', async () => {
    const world = await new RolloutWorld().start().wait(5);
    world.broken = 'metrics';
    for (let minute = 0; minute < 31; minute++) {
      world.now += MINUTE;
      await world.event().catch(() => {});
    }
    expect(world.share).toBe(0);
    world.broken = undefined;
    world.now += MINUTE;
    await world.event();
    expect(world.share).toBe(5);
  });

  it('halts while its topic is away, and lets readers go back to stable where it could tell nobody of a step', async () => {
    const untold = async (failing: number, minutes: number) => {
      const world = new RolloutWorld().start();
      world.broken = 'publish';
      world.failing.candidate = failing;
      for (let minute = 0; minute < minutes; minute++) await world.wait(1).catch(() => {});
      expect(world.messages).toEqual([]);
      return world;
    };
    expect(chainOf(await untold(100, 10))).toEqual(['1 step 0', '2 halt 0']);
    const world = await untold(1, 20);
    expect(world.share).toBe(5);
    for (let minute = 0; minute < 12; minute++) await world.wait(1).catch(() => {});
    expect([world.share, chainOf(world)]).toEqual([0, ['1 step 0']]);
    world.broken = undefined;
    await world.wait(1);
    expect([world.share, world.messages.length]).toEqual([5, 1]);
  });

  it('goes by what somebody else appended where two write at once', async () => {
    const world = await new RolloutWorld().start().wait(3);
    const [first] = world.steps;
    if (!first) throw new Error('no step');
    const previous = recordDigest([...world.bucket.objects].find(([key]) => key.startsWith('rollouts/'))?.[1] ?? '');
    const append = world.bucket.putIfAbsent.bind(world.bucket);
    world.bucket.putIfAbsent = async (key, body) => {
      world.putStep({ ...first, n: 2, kind: 'halt', previous });
      return append(key, body);
    };
    await world.wait(10);
    expect(chainOf(world)).toEqual(['1 step 0', '2 halt 0']);
    expect(world.progress).toMatchObject({ n: 2, state: 'halt' });
    expect(world.share).toBe(0);
  });

  it('does not follow a pointer to another prompt, nor a record that it cannot read', async () => {
    const world = await new RolloutWorld().start().wait(5);
    const value = world.parameters.get(POINTER) ?? '';
    world.parameters.set(POINTER, value.replace('ABCDEFGHIJ', 'ZZZZZZZZZZ'));
    const before = world.parameters.get(`${POINTER}/rollout-progress`);
    await expect(world.event()).rejects.toMatchObject({ code: 'RolloutStopped' });
    // Also where that one has a ledger, with another rollout.
    for (const key of [...world.bucket.objects.keys()]) {
      const body = (world.bucket.objects.get(key) ?? '').replace('"financial-analysis"', '"letters"');
      world.bucket.objects.set(key.replace('ABCDEFGHIJ', 'ZZZZZZZZZZ'), body);
    }
    const written = world.bucket.objects.size;
    await expect(world.event()).rejects.toThrow(/financial-analysis PROD: BadLedgerRecord/);
    expect(world.bucket.objects.size).toBe(written);
    world.parameters.set(POINTER, value);
    world.record({ schema: 2, kind: 'rollout', requires: ['split'], rollout: ROLLOUT, passed: null, ended: null });
    await expect(world.event()).rejects.toThrow(/financial-analysis PROD: RecordNeedsNewer/);
    expect(world.parameters.get(`${POINTER}/rollout-progress`)).toBe(before);
  });

  it('gives a split its share until the end, then nobody, says so, and asks CloudWatch nothing any more', async () => {
    const { steps, ...rest } = ROLLOUT;
    const world = new RolloutWorld({ ...rest, steps: [50], for: 3_600, scores: ['helpful'] }).start();
    await world.wait(3);
    expect([world.share, chainOf(world)]).toEqual([50, ['1 step 0']]);
    await world.wait(56);
    expect(world.share).toBe(50);
    await world.wait(1);
    expect(world.share).toBe(0);
    world.broken = 'metrics';
    await world.wait(25 * 60);
    expect([world.share, chainOf(world)]).toEqual([0, ['1 step 0']]);
    expect(world.messages.map(({ subject }) => subject)).toEqual([
      'financial-analysis PROD 3 -> 4: 50 % from 2026-12-02T09:03:00.000Z to 2026-12-02T10:00:30.000Z',
      'financial-analysis PROD 3 -> 4 is over since 2026-12-02T10:00:30.000Z, everybody gets 3',
      'financial-analysis PROD 3 -> 4 is over since 2026-12-02T10:00:30.000Z, everybody gets 3',
    ]);
    expect(world.messages.at(-1)?.text).toContain(
      'To compare both: prompt-registry rollout readout financial-analysis PROD. ' +
        'To settle it: prompt-registry promote financial-analysis PROD --to :4. To end it: prompt-registry rollback',
    );
  });

  it('halts a split whose candidate fails more often', async () => {
    const { steps, ...rest } = ROLLOUT;
    const world = new RolloutWorld({ ...rest, steps: [50], for: 86_400, scores: [] }).start();
    await world.wait(5);
    world.failing = { candidate: 10, stable: 1 };
    await world.wait(3);
    expect([world.share, chainOf(world)]).toEqual([0, ['1 step 0', '2 halt 0']]);
  });

  it('looks at no ledger of an alias whose parameters are not all there, or say that nothing rolls', async () => {
    const world = new RolloutWorld();
    world.bucket.list = () => expect.fail('it looked');
    await world.event();
    for (const name of ['rollout', 'rollout-progress']) world.parameters.set(`${POINTER}/${name}`, 'none');
    await world.event();
    world.parameters.delete(`${POINTER}/rollout`);
    world.parameters.set(`${POINTER}/rollout-progress`, '{}');
    await world.event();
  });
});

describe('A controller with many rollouts', () => {
  const ALIASES = Array.from({ length: 12 }, (_, index) => `A${String(index + 1).padStart(2, '0')}`);

  /** As many aliases of one prompt as there are, each with a rollout that was just declared. */
  function manyRollouts(): RolloutWorld {
    const world = new RolloutWorld().start();
    const [objects, values] = [[...world.bucket.objects], [...world.parameters]];
    world.bucket.objects.clear();
    world.parameters.clear();
    for (const alias of ALIASES) {
      for (const [key, body] of objects) {
        world.bucket.objects.set(key.replace('/PROD/', `/${alias}/`), serializeRecord({ ...parseRecord(body), alias }));
      }
      for (const [name, value] of values) world.parameters.set(name.replace('/PROD', `/${alias}`), value);
    }
    return world;
  }

  const served = ({ parameters }: RolloutWorld) =>
    ALIASES.filter((alias) => parameters.get(`/prompts/prod/financial-analysis/${alias}/rollout-progress`) !== 'none');

  it('looks after five at a time', async () => {
    const world = manyRollouts();
    const deps = world.deps();
    let [underWay, most] = [0, 0];
    const sums: typeof deps.metrics.sums = async (...asked) => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      return deps.metrics.sums(...asked);
    };
    await controlRollouts({}, deps);
    world.now += 5 * MINUTE;
    await controlRollouts({}, { ...deps, metrics: { sums } });
    expect(most).toBe(5);
    expect(served(world)).toEqual(ALIASES);
  });

  it.each([1, 3, 5])(
    'says for how many there was no time, and all have their turn where %i fit into a minute',
    async (fit) => {
      const world = manyRollouts();
      const late = `${ALIASES.length - fit} of ${ALIASES.length}, for which no time was left; end some, or`;
      let minutes = 0;
      for (; served(world).length < ALIASES.length && minutes < 30; minutes++) {
        let begun = 0;
        world.now += MINUTE;
        const tick = world.event({}, undefined, () => (++begun > fit ? 20_000 : 60_000));
        await expect(tick).rejects.toMatchObject({ code: 'RolloutStopped', message: expect.stringContaining(late) });
      }
      // Whoever waits has as long as a share holds by itself.
      expect(minutes).toBeLessThan(30);
    },
  );

  it('names all that failed, in their order, and looks after the others', async () => {
    const world = manyRollouts();
    const deps = world.deps();
    const overwrite = (name: string, value: string) =>
      /A0[39]/.test(name) ? Promise.reject(new Error('away')) : deps.parameters.overwrite(name, value);
    const tick = controlRollouts({}, { ...deps, parameters: { ...deps.parameters, overwrite } });
    await expect(tick).rejects.toThrow('could not after financial-analysis A03: Error, financial-analysis A09: Error');
    expect(served(world)).toHaveLength(10);
  });

  it('reads no other prompt to halt one', async () => {
    const world = manyRollouts();
    const deps = world.deps();
    const paths: string[] = [];
    const below = (path: string) => {
      paths.push(path);
      return deps.parameters.below(path);
    };
    const halt = { prompt: 'financial-analysis', alias: 'A07', reason: null };
    const asked = controlRollouts({ halt }, { ...deps, parameters: { ...deps.parameters, below } });
    expect(await asked).toMatchObject({ outcome: 'halted' });
    expect(paths.splice(0)).toEqual(['/prompts/prod/financial-analysis']);
    expect(served(world)).toEqual(['A07']);
    for (const prompt of ['', '..', 'a/A07', 'letters?']) {
      const other = controlRollouts(
        { halt: { ...halt, prompt } },
        { ...deps, parameters: { ...deps.parameters, below } },
      );
      expect(await other).toEqual({ outcome: 'no-rollout' });
    }
    expect(new Set(paths)).toEqual(new Set(['/prompts/prod']));
  });

  it.each([
    ['a rollout that there is none of', { prompt: 'financial-analysis', alias: 'STAGING' }],
    ['one that is halted already', { prompt: 'financial-analysis', alias: 'A07' }],
    ['a prompt that cannot be', { prompt: '../x', alias: 'PROD' }],
    ['nothing that has a name', 5],
    ['a reason of two lines', { prompt: 'financial-analysis', alias: 'A03', reason: 'a\nb' }],
  ])('is kept from no rollout by who asks all the time to halt %s', async (_, asked) => {
    const world = manyRollouts();
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'A07' } });
    expect(served(world)).toEqual(['A07']);
    await world.event({ halt: asked as { prompt: string; alias: string } }).catch(() => undefined);
    expect(served(world)).toHaveLength(12);
  });

  it('answers who asks to halt nothing though a rollout cannot be looked after', async () => {
    const world = await new RolloutWorld().start().wait(5);
    world.broken = 'metrics';
    const halt = { prompt: 'financial-analysis', alias: 'STAGING' };
    expect(await world.event({ halt })).toEqual({ outcome: 'no-rollout' });
  });
});
