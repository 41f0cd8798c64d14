import { beforeEach, describe, expect, test } from 'vitest';
import { formatGatesByAlias, gateTerms } from '../../core/release/gate';
import { passedBy } from '../../core/release/passed-by';
import { passedText } from '../../studio/audit-page/row-text';
import { event } from './events';
import { agree, digestOf, EVALUATION, GATE, measure, say } from './gated-world';
import { type Properties, ReleaseWorld } from './release-world';

/** PROD stood on 1 before there was a gate. */
let world: ReleaseWorld;
let stored: Properties;

beforeEach(async () => {
  world = new ReleaseWorld();
  stored = await world.release('1');
  world.gates = formatGatesByAlias({ PROD: [EVALUATION] });
  world.stack.now = 'UPDATE_IN_PROGRESS';
});

const move = (planned: Properties) => world.alias(event('PromptAlias', 'Update', planned, stored));
const head = () => world.chain().records.at(-1);
const refusedWith = (code: string) => expect.objectContaining({ code });

describe('an alias with a gate of evaluations', () => {
  test('moves to what was measured, and its record names the run and how many there were', async () => {
    await expect(world.plan('2')).rejects.toEqual(refusedWith('EvaluationMissing'));
    measure(world, 2, 1, { passed: 100 });
    await expect(world.plan('2')).rejects.toEqual(refusedWith('BelowThreshold'));
    const run = measure(world, 2, 1);
    expect((await world.plan('2')).Terms).toBe(gateTerms([EVALUATION]));
    await world.release('2', stored);
    expect(head()?.passed).toEqual({
      ...{ how: 'agreed', gates: [EVALUATION], runs: 2, model: null },
      reviews: [
        {
          ...{ key: run, kind: 'evaluate', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), time: expect.any(String) },
          metrics: { exact: { both: 185, onlyCandidate: 5, onlyLive: 5, neither: 5 } },
        },
      ],
    });
    expect(world.chain().findings).toEqual([]);
    const passed = head()?.passed;
    expect(passed && passedText({ passed: passedBy(passed) })).toBe('measured by pipeline (exact 95 % → 95 %; 2 runs)');
  });

  test('is measured against what is live at its move, not at its plan', async () => {
    measure(world, 3, 1);
    const planned = world.aliasProperties(await world.plan('3'));
    measure(world, 2, 1);
    await world.release('2', stored);
    await expect(world.plan('3')).rejects.toEqual(refusedWith('StaleBaseline'));
    await expect(world.plan('3')).rejects.toThrow(`compared with ${digestOf(2).slice(0, 12)}…, which is live`);
    // Its number is gone as well.
    await expect(move(planned)).rejects.toEqual(refusedWith('AliasMoved'));
  });

  test('is judged once more before its record', async () => {
    measure(world, 2, 1);
    const planned = world.aliasProperties(await world.plan('2'));
    world.pass(1_000);
    measure(world, 2, 1, { passed: 100, who: 'nightly' });
    await expect(move(planned)).rejects.toEqual(refusedWith('BelowThreshold'));
    expect(world.head()).toBe(1);
  });

  test.each<[string, Parameters<typeof measure>[3], string]>([
    ['another suite', { suite: `es1:${'00'.repeat(32)}` }, 'EvaluationMissing'],
    ['another baseline', { baseline: digestOf(3) }, 'StaleBaseline'],
    ['more cases than it has', { cases: 10 }, 'EvaluationMissing'],
    ['a critical case that failed', { critical: { cases: 1, failed: ['a'], unnamed: 0 } }, 'BelowThreshold'],
    [
      'few cases',
      { cases: 200, metrics: { exact: { both: 10, onlyCandidate: 0, onlyLive: 0, neither: 0 } } },
      'Inconclusive',
    ],
  ])('does not move by a run of %s', async (_, fields, code) => {
    measure(world, 2, 1, fields);
    await expect(world.plan('2')).rejects.toEqual(refusedWith(code));
  });

  test('is not moved by what somebody signs in another group, for another alias or content', async () => {
    const run = { ...JSON.parse(world.bucket.objects.get(measure(world, 4, 1)) ?? '{}') };
    const { schema: _, kind: __, group: ___, alias: ____, digest: _____, ...counts } = run;
    say(world, { who: 'eve', as: 'risk', kind: 'evaluate', version: 2 }, counts);
    say(world, { who: 'pipeline', as: 'measured', kind: 'evaluate', version: 2, alias: 'STAGING' }, counts);
    say(world, { who: 'pipeline', as: 'measured', kind: 'approve', version: 2 }, counts);
    await expect(world.plan('2')).rejects.toEqual(refusedWith('EvaluationMissing'));
  });

  test('that points at nothing is compared with nothing', async () => {
    world = new ReleaseWorld();
    world.gates = formatGatesByAlias({ PROD: [EVALUATION] });
    const none = await world.release('none');
    measure(world, 1, null, { passed: 150 });
    await expect(world.plan('1')).rejects.toEqual(refusedWith('BelowThreshold'));
    measure(world, 1, null);
    await world.release('1', none);
    expect(head()?.passed).toMatchObject({ how: 'agreed', runs: 2 });
  });

  test('may ask people as well: neither stands for the other', async () => {
    world.gates = formatGatesByAlias({ PROD: [GATE, EVALUATION] });
    measure(world, 2, 1);
    await expect(world.plan('2')).rejects.toEqual(refusedWith('ApprovalMissing'));
    agree(world, 2);
    await world.release('2', stored);
    expect(head()?.passed).toMatchObject({ gates: [GATE, EVALUATION], runs: 1 });
  });

  test('goes back without a run, whatever is signed or cannot be read', async () => {
    measure(world, 2, 1);
    stored = await world.release('2', stored);
    world.pass(1_000);
    measure(world, 1, 2, { passed: 60 });
    const { bucket } = world;
    for (const name of ['listObjects', 'folders', 'read'] as const) {
      const original = bucket[name].bind(bucket) as (...asked: unknown[]) => unknown;
      Object.assign(bucket, {
        [name]: (key: string, ...rest: unknown[]) =>
          key.startsWith('reviews/') ? Promise.reject(new Error('AccessDenied')) : original(key, ...rest),
      });
    }
    stored = await world.release('1', stored);
    expect(head()).toMatchObject({ kind: 'rollback', passed: { how: 'back', to: 1 } });
  });

  test('needs a new run for a content that it left backwards', async () => {
    measure(world, 2, 1);
    stored = await world.release('2', stored);
    world.pass(1_000);
    stored = await world.release('1', stored);
    await expect(world.plan('2')).rejects.toThrow('before the alias came back from this content: run it again');
    world.pass(1_000);
    measure(world, 2, 1);
    await world.release('2', stored);
    expect(head()?.passed).toMatchObject({ runs: 2 });
  });

  test('finds the newest of fifty runs by one list and two rounds of reads', async () => {
    for (let run = 1; run <= 50; run++) measure(world, 2, 1);
    const { bucket } = world;
    let [lists, reads, rounds, underWay] = [0, 0, 0, 0];
    const [list, read] = [bucket.listObjects.bind(bucket), bucket.read.bind(bucket)];
    bucket.listObjects = (...asked) => {
      if (asked[0].startsWith('reviews/')) lists++;
      return list(...asked);
    };
    bucket.read = async (key) => {
      if (!key.startsWith('reviews/')) return read(key);
      reads++;
      if (underWay++ === 0) rounds++;
      await new Promise(setImmediate);
      underWay--;
      return read(key);
    };
    await world.plan('2');
    expect([lists, reads, rounds]).toEqual([1, 50, 2]);
    await world.release('2', stored);
    expect(head()?.passed).toMatchObject({ runs: 50 });
  });
});
