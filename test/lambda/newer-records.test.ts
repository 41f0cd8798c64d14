import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { ledgerKey } from '../../core/ledger/layout';
import { handlePromptVersion } from '../../lambda/prompt-version/handler';
import { bodyAfter, changedBody, GOLDEN_BODIES } from '../core/ledger/golden-bodies';
import { event, PROMPT_ID, variant } from './events';
import { ReleaseWorld } from './release-world';

const [, , rollout = '', settled = ''] = GOLDEN_BODIES;

/** An event of the stack that the golden records are of. */
const fromItsStack = (...parts: Parameters<typeof event>) => ({
  ...event(...parts),
  StackId: String(JSON.parse(rollout).stackId),
});

/** A world whose PROD has these records, and its properties before and after a release that was planned then. */
async function worldWith(bodies: readonly string[], place: string, target: string) {
  const world = new ReleaseWorld();
  for (const [index, body] of bodies.entries()) {
    world.bucket.objects.set(ledgerKey(PROMPT_ID, 'PROD', index + 1), body);
  }
  world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
  const { Revision, ...stored } = world.aliasProperties(await world.plan(place));
  const before = { ...stored, Revision: '1', PlannedAt: '1', Direction: 'forward' };
  world.stack.now = 'UPDATE_IN_PROGRESS';
  return { world, before, plan: () => world.plan(target) };
}

const heads = GOLDEN_BODIES.map((_, index) => GOLDEN_BODIES.slice(0, index + 1));
const places = heads.map((bodies) => String(JSON.parse(bodies.at(-1) ?? '').to.version));
const golden = heads.map((bodies, index) => [index + 1, bodies, places[index] as string] as const);

/** What the newest record of the world says, as it lies in the bucket. */
const newest = (world: ReleaseWorld) =>
  JSON.parse([...world.bucket.objects].sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[1] ?? '');

describe('over a chain that ends with golden record', () => {
  test.each(golden)('%i a release goes forward from where the alias is', async (number, bodies, place) => {
    const { world, before, plan } = await worldWith(bodies, place, '1');

    const planned = world.aliasProperties(await plan());
    await world.alias(fromItsStack('PromptAlias', 'Update', planned, before));

    const running = JSON.parse(bodies.at(-1) ?? '').rollout;
    expect(newest(world)).toMatchObject({
      ...(running ? { schema: 2, ended: { plan: running.plan } } : { schema: 1 }),
      sequence: number + 1,
      from: { version: Number(place) },
      to: { version: 1 },
    });
    expect(world.chain().findings).toEqual([]);
  });

  test.each(golden)(
    '%i a stack that goes back, and a removal, begin where the alias is',
    async (number, bodies, place) => {
      const { world, before } = await worldWith(bodies, place, '1');
      const planned = { ...before, Revision: String(number), PlannedAt: '2' };
      world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      await world.alias(fromItsStack('PromptAlias', 'Update', { ...before, Version: '1', VersionArn: 'x' }, planned));
      expect(newest(world)).toMatchObject({
        sequence: number + 1,
        from: { version: Number(place) },
        to: { version: 1 },
        undo: true,
      });
      await world.alias(fromItsStack('PromptAlias', 'Delete', before));
      expect(newest(world)).toMatchObject({ sequence: number + 2, kind: 'remove', from: { version: 1 }, to: null });
      expect(world.chain().findings).toEqual([]);
    },
  );
});

describe('over a record that needs what is not known here, or of a schema that is not', () => {
  const shadow = bodyAfter(settled, {
    ...{ kind: 'rollout', to: JSON.parse(rollout).to, withdrawn: [2] },
    ...{ requires: ['shadow'], rollout: null, passed: null, ended: null, shadow: { of: 4 } },
  });
  const third = changedBody(shadow, { schema: 3 });
  const chains = [
    ['RecordNeedsNewer', [...GOLDEN_BODIES.slice(0, 4), shadow]],
    ['BadLedgerRecord', [...GOLDEN_BODIES.slice(0, 4), third]],
  ] as const;

  test.each(chains)('nothing goes forward: %s', async (code, bodies) => {
    const { world, before, plan } = await worldWith(bodies, '3', '1');

    await expect(plan()).rejects.toMatchObject({ code });
    const planned = { ...before, Version: '1', Revision: '5', PlannedAt: '2' };
    await expect(world.alias(fromItsStack('PromptAlias', 'Update', planned, before))).rejects.toMatchObject({ code });
    expect(world.bucket.objects.size).toBe(5);
  });

  test.each(chains)('everything goes back, from where the alias is: not %s', async (_, bodies) => {
    const { world, before } = await worldWith(bodies, '4', '1');
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

    expect(await world.plan('4')).toMatchObject({ Version: '4', Revision: '5', Direction: 'back' });
    await world.alias(fromItsStack('PromptAlias', 'Update', before, { ...before, Revision: '5', PlannedAt: '2' }));
    expect(newest(world)).toMatchObject({ sequence: 6, from: { version: 3 }, to: { version: 4 }, undo: true });
  });

  test.each(chains)('a removal keeps the withdrawn versions: not %s', async (_, bodies) => {
    const { world, before } = await worldWith(bodies, '4', '1');

    await world.alias(fromItsStack('PromptAlias', 'Delete', { ...before, WithdrawnVersions: 'none' }));

    expect(newest(world)).toMatchObject({ kind: 'remove', from: { version: 3 }, to: null, withdrawn: [2] });
  });

  test.each(chains)('no version that the alias stood on is deleted: not %s', async (_, bodies) => {
    const { world } = await worldWith(bodies, '4', '1');
    const { prompts, bucket, stack } = world;
    const publish = (text: string) => {
      prompts.draft = variant(text);
      const properties = {
        ...{ ContentDigest: contentDigest(variant(text)), VersionNote: '', KeepVersions: [], Targets: [] },
        CallableVersions: '2',
      };
      const clock = { now: () => 0, sleep: async () => {} };
      const deps = { prompts, store: bucket, stack, clock, log: () => {}, registry: '/prompts/prod' };
      const sent = event('PromptVersion', 'Create', properties);
      stack.begin(sent);
      return handlePromptVersion(sent, deps);
    };
    for (const version of [1, 2, 3, 4]) await prompts.deleteVersion('', version);
    prompts.highest = 0;
    prompts.deleted.length = 0;
    for (let number = 1; number <= 10; number++) await publish(`text ${number}`);

    await publish('text 11');
    await publish('text 12');

    // It stands on 3, and stood on 4 just before.
    expect(prompts.deleted).toEqual([1, 2]);
    await publish('text 13');
    expect(prompts.deleted).toEqual([1, 2, 5]);
  });
});
