import { beforeEach, describe, expect, test } from 'vitest';
import { reasonKey, reasonPrefix } from '../../core/ledger/layout';
import { parseReason } from '../../core/release/release-reason';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { handleReleaseReason } from '../../lambda/release-reason/handler';
import { event, STACK_ID } from './events';
import { ReleaseWorld } from './release-world';

const START = Date.UTC(2026, 10, 22);

let world: ReleaseWorld;
let now: number;
let lines: string[];

beforeEach(() => {
  world = new ReleaseWorld();
  now = START;
  lines = [];
});

/** An event as CloudFormation sends it when the parameter changes from one text to another. */
function said(reason: string, before?: string): CustomResourceEvent {
  const asked = event('PromptAlias', before === undefined ? 'Create' : 'Update', {}, {});
  return {
    ...asked,
    ResourceType: 'Custom::ReleaseReason',
    LogicalResourceId: 'ReleaseReason',
    ResourceProperties: { Reason: reason },
    OldResourceProperties: before === undefined ? undefined : { Reason: before },
  };
}

async function deliver(request: CustomResourceEvent): Promise<void> {
  now += 1000;
  await handleReleaseReason(request, {
    ...{ store: world.bucket, stack: world.stack, clock: { now: () => now, sleep: async () => {} } },
    log: (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
  });
}

/** A stack operation that gives these words, up to where the aliases begin. */
async function begin(token: string | null, reason: string, before?: string): Promise<CustomResourceEvent> {
  Object.assign(world.stack, { now: 'UPDATE_IN_PROGRESS', token, reason, began: `time:${token}-${now}` });
  const request = said(reason, before);
  await deliver(request);
  return request;
}

/** A stack operation that leaves the parameter as it is. */
function beginSilently(token: string | null): void {
  Object.assign(world.stack, { now: 'UPDATE_IN_PROGRESS', token, reason: undefined, began: `time:${token}-${++now}` });
}

const reasons = () =>
  [...world.bucket.objects].filter(([key]) => key.startsWith('reasons/')).map(([, body]) => parseReason(body));
const last = () => world.chain().records.at(-1);

describe('the reason of a release', () => {
  test('stands in the record of every alias that moves in the operation it was given for', async () => {
    await begin('deploy-1', 'ticket 4711');
    const stored = await world.release('1');
    expect(last()).toMatchObject({ operation: 'deploy-1', reason: 'ticket 4711' });

    await begin('deploy-2', 'ticket 4712', 'ticket 4711');
    await world.release('2', stored);
    expect(last()).toMatchObject({ operation: 'deploy-2', reason: 'ticket 4712' });
    expect(world.chain().findings).toEqual([]);
  });

  test('is not that of the release before, whose words CloudFormation repeats', async () => {
    await begin('deploy-1', 'ticket 4711');
    const stored = await world.release('1');
    beginSilently('deploy-2');
    await world.release('2', stored);

    expect(last()).toMatchObject({ operation: 'deploy-2', reason: null });
  });

  test('is none where the parameter is emptied', async () => {
    await begin('deploy-1', 'ticket 4711');
    const stored = await world.release('1');
    await begin('deploy-2', '', 'ticket 4711');
    await world.release('2', stored);

    expect(last()?.reason).toBeNull();
    expect(reasons()).toHaveLength(1);
  });

  test('is given again after a failed release with the same words, and counts', async () => {
    await begin('deploy-1', 'start');
    const stored = await world.release('1');
    await begin('deploy-2', 'ticket 4711', 'start');
    const planned = world.aliasProperties(await world.plan('2'));
    await world.alias(event('PromptAlias', 'Update', planned, stored));
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    world.stack.reason = 'start';
    await deliver(said('start', 'ticket 4711'));
    await world.alias(event('PromptAlias', 'Update', stored, planned));
    expect(last()).toMatchObject({ undo: true, reason: null });

    await begin('deploy-3', 'ticket 4711', 'start');
    await world.release('2', stored);
    expect(last()).toMatchObject({ operation: 'deploy-3', reason: 'ticket 4711' });
  });

  test('is told from an earlier one by the time where operations have no token', async () => {
    await begin(null, 'ticket 4711');
    const stored = await world.release('1');
    expect(last()).toMatchObject({ operation: null, reason: 'ticket 4711' });
    beginSilently(null);
    await world.release('2', stored);
    expect(last()).toMatchObject({ operation: null, reason: null });
  });

  test('is never that of another stack on the same registry', async () => {
    await begin('deploy', 'ticket 4711');
    const [only] = [...world.bucket.objects];
    world.bucket.objects.clear();
    const other = STACK_ID.replace('0f0e', '1111');
    world.bucket.objects.set(reasonKey(other, START), only?.[1] ?? '');
    world.bucket.objects.set(reasonKey(STACK_ID, START), (only?.[1] ?? '').replace(STACK_ID, other));
    await world.release('1');

    expect(last()?.reason).toBeNull();
  });

  test('stays away from the record of a removal', async () => {
    await begin('deploy-1', 'ticket 4711');
    const stored = await world.release('1');
    await world.alias(event('PromptAlias', 'Delete', stored));

    expect(last()).toMatchObject({ kind: 'remove', operation: 'deploy-1', reason: null });
  });

  test.each([
    ['cannot be read', () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' }))],
    ['is half an object', () => Promise.resolve('{"schema":1,"sta')],
  ])('that %s does not stop the release', async (_, read) => {
    await begin('deploy-1', 'ticket 4711');
    const whole = world.bucket.read.bind(world.bucket);
    world.bucket.read = (key) => (key.startsWith('reasons/') ? read() : whole(key));
    await world.release('1');

    expect(last()).toMatchObject({ operation: 'deploy-1', reason: null });
  });

  test('is asked for again where it cannot be read at once', async () => {
    await begin('deploy-1', 'ticket 4711');
    const whole = world.bucket.read.bind(world.bucket);
    let refusals = 2;
    world.bucket.read = (key) =>
      key.startsWith('reasons/') && refusals-- > 0 ? Promise.reject(new Error('a bad moment')) : whole(key);
    await world.release('1');

    expect(last()).toMatchObject({ operation: 'deploy-1', reason: 'ticket 4711' });
  });
});

describe('an event about the reason', () => {
  test('writes it down, with the operation and the time', async () => {
    const request = await begin('deploy-1', 'ticket 4711');

    expect(reasons()).toEqual([
      {
        ...{ schema: 1, stackId: STACK_ID, operation: 'deploy-1', operationTime: world.stack.began },
        ...{ reason: 'ticket 4711', requestId: request.RequestId, time: new Date(now).toISOString() },
      },
    ]);
    expect([...world.bucket.objects.keys()]).toEqual([reasonKey(STACK_ID, now)]);
    expect(lines.join()).not.toContain('4711');
  });

  test.each([
    ['delivered twice', async (request: CustomResourceEvent) => deliver(request)],
    [
      'delivered twice at once',
      async (request: CustomResourceEvent) => void (await Promise.all([deliver(request), deliver(request)])),
    ],
  ])('%s is one reason', async (_, again) => {
    await again(await begin('deploy-1', 'ticket 4711'));
    expect(reasons()).toHaveLength(1);
  });

  test('two of which overlap leaves the same words, whoever is read', async () => {
    Object.assign(world.stack, { token: 'deploy-1', reason: 'ticket 4711' });
    const request = said('ticket 4711');
    await Promise.all([deliver(request), deliver(request)]);
    await world.release('1');

    expect(last()?.reason).toBe('ticket 4711');
  });

  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_IN_PROGRESS'])(
    'that comes while the stack is %s writes nothing and does not fail',
    async (status) => {
      // A stack that rests shows no resource in progress.
      const reason = status.endsWith('_IN_PROGRESS') ? 'ticket 4711' : undefined;
      Object.assign(world.stack, { now: status, reason });
      await deliver(said('ticket 4711'));
      await deliver(said('ticket 4711', 'before'));
      expect(reasons()).toEqual([]);
    },
  );

  test('of a rollback that comes again in the next operation is not taken for its reason', async () => {
    await begin('deploy-1', 'start');
    await begin('deploy-2', 'wrong words', 'start');
    const late = said('start', 'wrong words');
    await begin('deploy-3', 'ticket 4713', 'start');
    await deliver(late);
    const stored = await world.release('1');
    expect(last()?.reason).toBe('ticket 4713');

    beginSilently('deploy-4');
    await deliver(late);
    await world.release('2', stored);
    expect(last()?.reason).toBeNull();
  });

  test('that says nothing new writes nothing, such as after a change of the schema', async () => {
    Object.assign(world.stack, { reason: 'ticket 4711' });
    await deliver(said('ticket 4711', 'ticket 4711'));
    await deliver(said('  '));
    expect(reasons()).toEqual([]);
  });

  test('of a Delete writes nothing and asks nobody', async () => {
    world.stack.status = async () => Promise.reject(new Error('no'));
    await deliver({ ...said('ticket 4711'), RequestType: 'Delete' });
    expect(reasons()).toEqual([]);
  });

  test('of an Update whose direction cannot be told holds nothing up; a Create, which only goes forward, does', async () => {
    world.stack.status = async () => Promise.reject(new Error('throttled'));
    await deliver(said('start', 'ticket 4711'));
    expect(lines.at(-1)).toContain('direction not known');
    await expect(deliver(said('ticket 4711'))).rejects.toThrow('throttled');
  });

  test('that cannot be written stops the deployment before any alias moved', async () => {
    world.bucket.putIfAbsent = async () => Promise.reject(new Error('no'));
    await expect(begin('deploy-1', 'ticket 4711')).rejects.toThrow('no');
  });

  test('with a clock that is behind still is the newest', async () => {
    await begin('deploy-1', 'one');
    now -= 3_600_000;
    await begin('deploy-2', 'two', 'one');
    const newest = (await world.bucket.list(reasonPrefix(STACK_ID), 1))[0] ?? '';
    expect(parseReason(world.bucket.objects.get(newest) ?? '').reason).toBe('two');
  });

  test('works where the stack’s events do not show properties', async () => {
    world.stack.wanted = async () => ({
      status: 'UPDATE_IN_PROGRESS',
      operation: 'deploy-1',
      properties: undefined,
    });
    await begin('deploy-1', 'ticket 4711');
    expect(reasons()).toHaveLength(1);
  });
});
