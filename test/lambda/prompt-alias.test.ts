import { describe, expect, test } from 'vitest';
import { ledgerKey } from '../../core/ledger/layout';
import { event, PROMPT_ARN, PROMPT_ID } from './events';
import { ReleaseWorld } from './release-world';

/** A world whose alias PROD was released to these versions, and the properties the stack holds. */
async function released(...targets: string[]) {
  const world = new ReleaseWorld();
  let stored: Record<string, unknown> | undefined;
  for (const target of targets) stored = await world.release(target, stored);
  world.stack.now = 'UPDATE_IN_PROGRESS';
  return { world, stored: stored ?? {} };
}

function story(world: ReleaseWorld) {
  return world
    .chain()
    .records.map(
      ({ kind, undo, from, to }) => `${kind}${undo ? ' (undo)' : ''} ${from?.version ?? '–'} → ${to?.version ?? '–'}`,
    );
}

describe('an alias', () => {
  test('is promoted, rolled back and told where it was before', async () => {
    const { world, stored } = await released('1', '2');
    const plan = world.aliasProperties(await world.plan('1'));

    const answer = await world.alias(event('PromptAlias', 'Update', plan, stored));

    expect(answer).toEqual({ Version: '1', VersionArn: `${PROMPT_ARN}:1`, PreviousVersion: '2' });
    expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2', 'rollback 2 → 1']);
    expect(world.chain().findings).toEqual([]);
  });

  test('is recorded with who asked, when, and under which stack operation', async () => {
    const { world } = await released('1');

    expect(world.chain().records[0]).toMatchObject({
      registry: '/prompts/prod',
      prompt: 'financial-analysis',
      promptId: PROMPT_ID,
      alias: 'PROD',
      operation: 'deploy-1',
      logicalId: 'PromptAlias',
      reason: null,
      previous: null,
    });
  });

  test('is recorded with the operation and its reason although CloudFormation refuses once', async () => {
    const world = new ReleaseWorld();
    const { status, wanted, operation } = world.stack;
    const once = <T, A extends unknown[]>(ask: (...asked: A) => Promise<T>) => {
      let refused = false;
      return async (...asked: A) => {
        if (refused) return ask.apply(world.stack, asked);
        refused = true;
        throw new Error('refused once');
      };
    };
    Object.assign(world.stack, { wanted: once(wanted), status: once(status), operation: once(operation) });
    world.stack.token = null;
    const stored = await world.release('1');
    world.stack.token = 'deploy-2';
    Object.assign(world.stack, { wanted: once(wanted) });
    const planned = world.aliasProperties(await world.plan('2'));
    await world.alias(event('PromptAlias', 'Update', planned, stored));
    world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    Object.assign(world.stack, { wanted: once(wanted), operation: once(operation) });
    await world.alias(event('PromptAlias', 'Update', stored, planned));
    Object.assign(world.stack, { wanted: once(wanted), operation: once(operation), status: once(status) });
    await world.alias(event('PromptAlias', 'Delete', stored));

    expect(world.chain().records.map(({ operation, undo }) => [operation, undo])).toEqual([
      [null, false],
      ['deploy-2', false],
      ['deploy-2', true],
      ['deploy-2', true],
    ]);
  });

  describe('is not moved by an event that CloudFormation did not send', () => {
    const EVIL = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Evil/1';

    test.each([
      ['nothing is in progress', () => undefined],
      ['something else is in progress', (stored: object) => ({ ...stored, Version: '3' })],
      ['the same version, planned otherwise, is', (stored: object) => ({ ...stored, Revision: '7' })],
    ])('forward, while %s', async (_, shown) => {
      const { world, stored } = await released('1');
      const planned = world.aliasProperties(await world.plan('2'));
      const request = event('PromptAlias', 'Update', planned, stored);
      const properties = shown(stored);
      if (properties) world.stack.inProgress.set('PromptAlias', { status: 'UPDATE_IN_PROGRESS', properties });

      await expect(world.send(request)).rejects.toMatchObject({ code: 'NotInProgress' });

      expect(story(world)).toEqual(['promote – → 1']);
    });

    test('forward, while the stack’s events cannot be read', async () => {
      const { world, stored } = await released('1');
      const planned = world.aliasProperties(await world.plan('2'));
      world.stack.wanted = async () => Promise.reject(new Error('no'));

      await expect(world.alias(event('PromptAlias', 'Update', planned, stored))).rejects.toThrow('no');

      expect(story(world)).toEqual(['promote – → 1']);
    });

    test('forward, but waits up to 20 seconds for the stack to show it', async () => {
      const { world, stored } = await released('1');
      const request = event('PromptAlias', 'Update', world.aliasProperties(await world.plan('2')), stored);
      const { wanted } = world.stack;
      const slept = () => world.waits.slice(1).reduce((sum, wait) => sum + wait, 0);
      world.stack.wanted = async (...asked) => (slept() >= 20_000 ? wanted.apply(world.stack, asked) : undefined);

      expect((await world.alias(request)).Version).toBe('2');
    });

    test.each([
      ['a Delete', 'Delete' as const],
      ['a step back', 'Update' as const],
    ])('%s, while its stack does nothing, or nothing with this alias', async (_, type) => {
      const { world, stored } = await released('1', '2');
      const before = { ...stored, Version: '1', PlannedAt: '1', Direction: 'back' };
      const request = event('PromptAlias', type, type === 'Delete' ? stored : before, stored);
      for (const status of ['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_IN_PROGRESS']) {
        world.stack.turn(status);
        await world.send(request);
      }

      expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2']);
    });

    test.each([
      ['a Delete', 'Delete' as const],
      ['a step back', 'Update' as const],
    ])('%s, while its stack is about to release this alias', async (_, type) => {
      const { world, stored } = await released('1', '2');
      const planned = world.aliasProperties(await world.plan('3'));
      world.stack.turn('UPDATE_IN_PROGRESS');
      world.stack.begin(event('PromptAlias', 'Update', planned, stored));
      const before = { ...stored, Version: '1', PlannedAt: '1', Direction: 'back' };

      await world.send(event('PromptAlias', type, type === 'Delete' ? stored : before, stored));

      expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2']);
    });

    test('a Delete of another stack that deletes a resource of this name, while the alias’s own stack lives', async () => {
      const { world, stored } = await released('1', '2');
      world.stack.now = 'UPDATE_COMPLETE';
      await world.alias({ ...event('PromptAlias', 'Delete', stored), StackId: EVIL });
      expect(story(world)).toHaveLength(2);

      world.stack.status = async (stackId) => (stackId === EVIL ? 'DELETE_IN_PROGRESS' : '');
      await world.alias({ ...event('PromptAlias', 'Delete', stored), StackId: EVIL });
      expect(story(world).at(-1)).toBe('remove 2 → –');
    });

    test('a Delete of another stack, while CloudFormation does not say whether the alias’s own stack lives', async () => {
      const { world, stored } = await released('1', '2');
      const { status } = world.stack;
      world.stack.status = async (stackId) =>
        stackId === EVIL ? status.call(world.stack) : Promise.reject(new Error('throttled'));
      await world.alias({ ...event('PromptAlias', 'Delete', stored), StackId: EVIL });

      expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2']);
    });

    test('a step back of a stack that the registry may not see, on a chain that nobody holds', async () => {
      const { world, stored } = await released('none');
      world.stack.wanted = async () =>
        Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
      await world.send({ ...event('PromptAlias', 'Delete', { ...stored, Version: '1' }), StackId: EVIL });
      expect(story(world)).toEqual([]);
    });

    test('except on the way back where CloudFormation does not answer: that is never blocked', async () => {
      const { world, stored } = await released('1', '2');
      world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
      world.stack.wanted = async () => Promise.reject(new Error('no'));
      const back = { ...stored, Version: '1', PlannedAt: '1', Direction: 'back' };
      await world.send(event('PromptAlias', 'Update', back, stored));
      expect(story(world).at(-1)).toBe('rollback (undo) 2 → 1');
    });
  });

  test('that points nowhere yet leaves no record', async () => {
    const { world } = await released('none');

    expect(story(world)).toEqual([]);
  });

  test('waits for IAM before a move forward, and only then', async () => {
    const { world, stored } = await released('1');
    expect(world.waits).toEqual([15_000]);
    const planned = world.aliasProperties(await world.plan('2'));
    await world.alias(event('PromptAlias', 'Update', planned, stored));
    expect(world.waits).toEqual([15_000, 15_000]);

    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.alias(event('PromptAlias', 'Update', stored, planned));
    await world.release('1', stored, '3');
    await world.alias(event('PromptAlias', 'Delete', stored));

    expect(world.waits).toEqual([15_000, 15_000]);
  });

  test.each([
    ['what is left of the wait', 9_000, [6_000]],
    ['nothing once that is over', 15_000, []],
  ])('waits for %s where the policies were widened some time ago', async (_, quiet, waits) => {
    const world = new ReleaseWorld();
    world.stack.quiet = quiet;

    await world.release('1');

    expect(world.waits).toEqual(waits);
  });

  test('waits the whole time where the stack events cannot be read', async () => {
    const world = new ReleaseWorld();
    world.stack.sincePolicies = async () => Promise.reject(new Error('no'));

    await world.release('1');

    expect(world.waits).toEqual([15_000]);
  });

  test('waits for IAM where callers are to name another guardrail, before they are told, and not on the way back', async () => {
    const { world, stored } = await released('1');
    const guarded = { ...stored, Guardrail: 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc:3' };

    await world.alias(event('PromptAlias', 'Update', guarded, stored));
    expect(world.waits).toEqual([15_000, 15_000]);
    await world.alias(event('PromptAlias', 'Update', { ...guarded }, guarded));
    expect(world.waits).toHaveLength(2);
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.alias(event('PromptAlias', 'Update', stored, guarded));

    expect(world.waits).toHaveLength(2);
    expect(story(world)).toEqual(['promote – → 1']);
  });

  test('does not move when its plan did not change', async () => {
    const { world, stored } = await released('1');

    const answer = await world.alias(event('PromptAlias', 'Update', { ...stored, Version: '2' }, stored));

    expect(answer.Version).toBe('2');
    expect(story(world)).toEqual(['promote – → 1']);
  });

  test('records a change of withdrawn versions', async () => {
    const { world, stored } = await released('1', '2');

    await world.release('2', stored, '1');

    expect(story(world).at(-1)).toBe('withdraw 2 → 2');
    expect(world.chain().records.at(-1)?.withdrawn).toEqual([1]);
  });

  test('goes back when the stack does, and the record says that it was undone', async () => {
    const { world, stored } = await released('1');
    const planned = world.aliasProperties(await world.plan('2'));
    await world.alias(event('PromptAlias', 'Update', planned, stored));
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

    const answer = await world.alias(event('PromptAlias', 'Update', stored, planned));

    expect(answer).toEqual({ Version: '1', VersionArn: `${PROMPT_ARN}:1`, PreviousVersion: 'none' });
    expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2', 'rollback (undo) 2 → 1']);
  });

  test('of a Create that failed is given up, so that its late event finds its number taken', async () => {
    const { world } = await released();
    const planned = world.aliasProperties(await world.plan('1'));
    const create = event('PromptAlias', 'Create', planned);
    world.stack.now = 'ROLLBACK_IN_PROGRESS';

    await world.alias({
      ...event('PromptAlias', 'Delete', planned),
      PhysicalResourceId: 'Prompts-prod-PromptAlias-1ABC',
    });

    expect(story(world)).toEqual(['abandon (undo) – → –']);
    await expect(world.alias(create)).rejects.toMatchObject({ code: 'LateRelease' });
    world.stack.now = 'UPDATE_IN_PROGRESS';
    await expect(world.alias(create)).rejects.toMatchObject({ code: 'AliasMoved' });
  });

  test('that is removed keeps its withdrawn versions, whatever the event lists', async () => {
    const { world, stored } = await released('1', '2');
    const withdrawn = await world.release('2', stored, '1');
    world.stack.now = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';

    await world.alias(event('PromptAlias', 'Delete', { ...withdrawn, WithdrawnVersions: 'none' }));

    expect(world.chain().records.at(-1)).toMatchObject({ kind: 'remove', withdrawn: [1] });
  });

  test.each([4, 10, 60])('answers where it was before, past %i releases that failed', async (failures) => {
    const { world, stored } = await released('1', '2');
    for (let failure = 0; failure < failures; failure++) await world.failedRelease('3', stored);
    world.stack.now = 'UPDATE_IN_PROGRESS';
    const planned = world.aliasProperties(await world.plan('4'));

    const forward = await world.alias(event('PromptAlias', 'Update', planned, stored));
    const back = await world.alias(event('PromptAlias', 'Update', stored, planned));

    expect(forward.PreviousVersion).toBe('2');
    expect(back.PreviousVersion).toBe('1');
  });

  test('can be removed and made again, on one chain', async () => {
    const { world, stored } = await released('1');
    world.stack.now = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await world.alias(event('PromptAlias', 'Delete', stored));
    await world.release('2');

    expect(story(world)).toEqual(['promote – → 1', 'remove 1 → –', 'promote – → 2']);
    expect(world.chain().findings).toEqual([]);
  });

  describe('delivered again', () => {
    test.each(['one after the other', 'two at once'])('%s, forward and back, writes one record each', async (how) => {
      const { world, stored } = await released('1');
      const planned = world.aliasProperties(await world.plan('2'));
      const both = async (request: ReturnType<typeof event>) => {
        if (how === 'two at once') return Promise.all([world.alias(request), world.alias(request)]);
        return [await world.alias(request), await world.alias(request)];
      };

      const forward = await both(event('PromptAlias', 'Update', planned, stored));
      world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
      const back = await both(event('PromptAlias', 'Update', stored, planned));
      world.stack.now = 'UPDATE_IN_PROGRESS';
      const removed = await both(event('PromptAlias', 'Delete', stored));

      expect(forward[0]).toEqual(forward[1]);
      expect(back[0]).toEqual(back[1]);
      expect(removed).toHaveLength(2);
      expect(story(world)).toEqual(['promote – → 1', 'promote 1 → 2', 'rollback (undo) 2 → 1', 'remove 1 → –']);
    });

    test('a rollback that comes again after 30 more releases changes nothing', async () => {
      const { world, stored } = await released('1');
      const planned = world.aliasProperties(await world.plan('2'));
      await world.alias(event('PromptAlias', 'Update', planned, stored));
      const back = event('PromptAlias', 'Update', stored, planned);
      await world.alias(back);
      let now = stored;
      for (let release = 0; release < 30; release++) now = await world.release(release % 2 ? '1' : '3', now);
      const before = world.bucket.objects.size;

      await world.alias(back);

      expect(world.bucket.objects.size).toBe(before);
    });
  });

  describe('whose ledger holds something that is no record', () => {
    const spoil = (world: ReleaseWorld, sequence: number) =>
      world.bucket.putIfAbsent(ledgerKey(PROMPT_ID, 'PROD', sequence), '{}');

    test('is not released', async () => {
      const { world, stored } = await released('1');
      await spoil(world, 2);

      await expect(world.plan('2')).rejects.toMatchObject({ code: 'BadLedgerRecord' });
      const planned = { ...stored, Version: '2', Revision: '2', PlannedAt: `${Number(stored.PlannedAt) + 1}` };
      await expect(world.alias(event('PromptAlias', 'Update', planned, stored))).rejects.toMatchObject({
        code: 'BadLedgerRecord',
      });
    });

    test('still goes back', async () => {
      const { world, stored } = await released('1');
      const planned = world.aliasProperties(await world.plan('2'));
      await spoil(world, 2);
      world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      expect((await world.alias(event('PromptAlias', 'Update', stored, planned))).Version).toBe('1');
      expect(world.chain().records.at(-1)).toMatchObject({ sequence: 3, kind: 'abandon' });
    });
  });
});
