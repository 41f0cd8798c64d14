import { beforeEach, describe, expect, test } from 'vitest';
import { formatGates, formatGatesByAlias, gateTerms } from '../../core/release/gate';
import { event } from './events';
import { agree, digestOf, GATE, GATES, reject, say } from './gated-world';
import { type Properties, ReleaseWorld } from './release-world';

const DAY = 86_400_000;

/** PROD stood on 1 before there was a gate. */
let world: ReleaseWorld;
let stored: Properties;

beforeEach(async () => {
  world = new ReleaseWorld();
  stored = await world.release('1');
  world.gates = GATES;
  world.stack.now = 'UPDATE_IN_PROGRESS';
});

async function released(version: number): Promise<void> {
  agree(world, version);
  stored = await world.release(String(version), stored);
}

/** An alias event that CloudFormation sends, of a plan that was made before. */
const move = (planned: Properties) => world.alias(event('PromptAlias', 'Update', planned, stored));
const head = () => world.chain().records.at(-1);
const refusedWith = (code: string) => expect.objectContaining({ code });

/** Every call to AWS, from here on: of S3, CloudFormation, Bedrock and its profiles. */
function watched(): string[] {
  const calls: string[] = [];
  const { bucket, stack, prompts, profiles } = world;
  for (const [service, port] of Object.entries({ bucket, stack, prompts, profiles })) {
    const own = port as unknown as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(port))) {
      const original = own[name];
      if (name === 'constructor' || typeof original !== 'function') continue;
      own[name] = (...asked: unknown[]) => {
        calls.push(`${service}.${name} ${typeof asked[0] === 'string' ? asked[0] : ''}`);
        return original.apply(port, asked);
      };
    }
  }
  return calls;
}

/** From here on S3 answers nothing under reviews/. */
function withoutReviews(trouble: () => Promise<never> = () => Promise.reject(awsError('AccessDenied'))): void {
  const { bucket } = world;
  for (const name of ['list', 'listObjects', 'folders', 'read'] as const) {
    const original = bucket[name].bind(bucket) as (...asked: unknown[]) => unknown;
    Object.assign(bucket, {
      [name]: (key: string, ...rest: unknown[]) => (key.startsWith('reviews/') ? trouble() : original(key, ...rest)),
    });
  }
}

const awsError = (name: string) => Object.assign(new Error('S3 says so'), { name });

describe('a gated alias', () => {
  test('does not move before somebody asked and another one agreed', async () => {
    await expect(world.plan('2')).rejects.toThrow(
      'alias PROD of prompt financial-analysis cannot move to version 2 (pd1:',
    );
    await expect(world.plan('2')).rejects.toEqual(refusedWith('ApprovalMissing'));
    say(world, { who: 'alice', as: 'authors', kind: 'request', version: 2 });
    say(world, { who: 'alice', as: 'risk', kind: 'approve', version: 2 });
    await expect(world.plan('2')).rejects.toEqual(refusedWith('SelfApproval'));
    expect(world.head()).toBe(1);
  });

  test('moves then, and its record says by what', async () => {
    const request = say(world, { who: 'alice', as: 'authors', kind: 'request', version: 2 });
    const approval = say(world, { who: 'bob', as: 'risk', kind: 'approve', version: 2 });
    await world.release('2', stored);

    const { schema, requires, rollout, ended, passed } = head() ?? {};
    expect({ schema, requires, rollout, ended }).toEqual({ schema: 2, requires: [], rollout: null, ended: null });
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    const time = expect.stringMatching(/Z$/);
    const reviews = [
      { key: request, sha256, time, kind: 'request' },
      { key: approval, sha256, time, kind: 'approve' },
    ];
    expect(passed).toEqual({ how: 'agreed', gates: [GATE], reviews, model: null });
    expect(world.chain().findings).toEqual([]);
  });

  test.each([
    ['another content', { version: 3 }],
    ['another alias', { alias: 'STAGING' }],
    ['8 days ago', { age: 8 * DAY }],
  ])('does not move by what was said of %s', async (_, change) => {
    say(world, { who: 'alice', as: 'authors', kind: 'request', version: 2, ...change });
    say(world, { who: 'bob', as: 'risk', kind: 'approve', version: 2, ...change });
    await expect(world.plan('2')).rejects.toEqual(
      expect.objectContaining({ code: expect.stringMatching(/^Approval/) }),
    );
  });

  test('that has none of its own in the registry moves as ever, and its record is of schema 1', async () => {
    const plan = await world.plan('2', 'none', undefined, 'STAGING');
    await world.alias(event('PromptAlias', 'Create', world.aliasProperties(plan, 'STAGING')));
    expect(world.chain('STAGING').records[0]).toMatchObject({ schema: 1, to: { version: 2 } });
    expect(plan.Terms).toBe(gateTerms([]));
  });

  test('is judged once more before its record', async () => {
    agree(world, 2);
    const planned = world.aliasProperties(await world.plan('2'));
    reject(world, 2);
    await expect(move(planned)).rejects.toEqual(refusedWith('Rejected'));
    expect(world.head()).toBe(1);

    say(world, { who: 'carol', as: 'risk', kind: 'approve', version: 2 });
    world.pass(8 * DAY);
    await expect(move(planned)).rejects.toEqual(refusedWith('ApprovalExpired'));
    agree(world, 2);
    expect((await move(planned)).Version).toBe('2');
  });

  test('does not move past a rejection behind a hundred evaluations of its signer', async () => {
    agree(world, 2);
    const planned = world.aliasProperties(await world.plan('2'));
    reject(world, 2);
    const evaluate = () => say(world, { who: 'carol', as: 'risk', kind: 'evaluate', version: 2 });
    for (let count = 1; count < 100; count++) evaluate();
    await expect(world.plan('2')).rejects.toEqual(refusedWith('Rejected'));
    evaluate();
    await expect(world.plan('2')).rejects.toEqual(refusedWith('TooManyReviews'));
    await expect(move(planned)).rejects.toEqual(refusedWith('TooManyReviews'));
    say(world, { who: 'carol', as: 'risk', kind: 'approve', version: 2 });
    expect((await move(planned)).Version).toBe('2');
  });

  test('that stands is never judged', async () => {
    await released(2);
    world.pass(400 * DAY);
    reject(world, 2);
    withoutReviews();
    expect((await world.plan('2')).Version).toBe('2');
    await world.release('2', stored);
    expect(world.head()).toBe(2);
  });

  test('has gates of its own besides, and says by which terms it was planned', async () => {
    const own = { ...GATE, by: 'legal' };
    world.more = { Gates: formatGates([own]), Terms: 'of the plan' };
    agree(world, 2);
    await expect(world.plan('2')).rejects.toThrow('1 approval by legal');
    say(world, { who: 'dave', as: 'legal', kind: 'approve', version: 2 });
    expect((await world.plan('2')).Terms).toBe(gateTerms([GATE, own]));
    await world.release('2', stored);
    expect(head()?.passed).toMatchObject({ gates: [GATE, own] });
  });

  test('that follows the content is refused, but not on its way back', async () => {
    await released(2);
    world.more = { Follows: 'content' };
    agree(world, 3);
    await expect(world.plan(digestOf(3))).rejects.toEqual(refusedWith('GateOnFollower'));
    expect((await world.plan(digestOf(1))).Version).toBe('1');
  });

  test('moves through no gate of a newer version of the package', async () => {
    world.gates = formatGatesByAlias({ '*': [GATE, { gate: 'of-a-later-version' }] });
    agree(world, 2);
    await expect(world.plan('2')).rejects.toEqual(refusedWith('UnknownGate'));
  });

  test('starts at none, and its first version is judged as any', async () => {
    world = new ReleaseWorld();
    world.gates = GATES;
    const none = await world.release('none');
    await expect(world.plan('1')).rejects.toEqual(refusedWith('ApprovalMissing'));
    agree(world, 1);
    await world.release('1', none);
    expect(head()?.passed).toMatchObject({ how: 'agreed' });
  });
});

describe('the way back of a gated alias', () => {
  beforeEach(() => released(2));

  test('is free, one step or two, and its record says to where', async () => {
    await released(3);
    world.pass(DAY);
    withoutReviews();
    await world.release('1', stored);
    expect(head()).toMatchObject({ schema: 2, kind: 'rollback', passed: { how: 'back', to: 1 } });
  });

  test('is no way forward again: what was left backwards needs new consent', async () => {
    world.pass(DAY);
    stored = await world.release('1', stored);
    await expect(world.plan('2')).rejects.toEqual(refusedWith('ApprovalExpired'));
    await expect(world.plan('2')).rejects.toThrow('before the alias came back from this content');
    world.pass(1_000);
    await released(2);
    expect(head()?.passed).toMatchObject({ how: 'agreed' });
  });

  test('asks nobody for a withdrawal, and a withdrawn version comes back by consent alone', async () => {
    await released(3);
    world.pass(DAY);
    stored = await world.release('3', stored, '2');
    expect(head()).toMatchObject({ schema: 1, kind: 'withdraw' });
    stored = await world.release('3', stored);
    await expect(world.plan('2')).rejects.toEqual(refusedWith('ApprovalExpired'));
  });

  test.each([
    ['403', () => Promise.reject(awsError('AccessDenied'))],
    ['500', () => Promise.reject(awsError('InternalError'))],
    ['no answer in time', () => Promise.reject(awsError('TimeoutError'))],
  ])('is not blocked where reviews cannot be read (%s); the way forward is', async (_, trouble) => {
    agree(world, 3);
    const planned = world.aliasProperties(await world.plan('3'));
    withoutReviews(trouble);
    await expect(world.plan('3')).rejects.toEqual(refusedWith('ReviewsUnreadable'));
    await expect(move(planned)).rejects.toEqual(refusedWith('ReviewsUnreadable'));
    expect(world.head()).toBe(2);

    world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    await world.alias(event('PromptAlias', 'Update', stored, planned));
    world.stack.turn('UPDATE_ROLLBACK_COMPLETE');
    expect((await world.release('1', stored)).Version).toBe('1');
    await world.alias(event('PromptAlias', 'Delete', stored));
    expect(world.head()).toBe(null);
  });

  test('is not blocked by gates that nobody can read', async () => {
    agree(world, 3);
    const planned = world.aliasProperties(await world.plan('3'));
    world.gates = '{{';
    world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    expect(await world.plan('2')).toMatchObject({ Version: '2', Direction: 'back', Terms: 'none' });
    await world.alias(event('PromptAlias', 'Update', stored, planned));
    await world.alias(event('PromptAlias', 'Delete', stored));
    expect(world.head()).toBe(null);
  });

  test.each([
    ['of the registry', () => Object.assign(world, { gates: '{{' })],
    [
      'of the alias',
      () => Object.assign(world, { more: { Gates: '[{"gate":"approval","by":"risk","signature":"key"}]' } }),
    ],
  ])('is not blocked by a return through gates that nobody can read, %s; the way forward is', async (_, broken) => {
    agree(world, 3);
    const planned = world.aliasProperties(await world.plan('3'));
    broken();
    await expect(world.plan('3')).rejects.toEqual(refusedWith('InvalidGate'));
    await expect(move({ ...planned, ...world.more })).rejects.toEqual(refusedWith('InvalidGate'));
    expect(await world.plan('2')).toMatchObject({ Version: '2', Terms: 'none' });
    stored = await world.release('2', stored, '4');
    expect(head()).toMatchObject({ kind: 'withdraw', to: { version: 2 } });
    await world.release('1', stored);
    expect(head()).toMatchObject({ kind: 'rollback', passed: { how: 'back', to: 1 } });
  });

  test.each([
    ['a return', (stored: Properties) => world.release('1', stored).then(() => {})],
    ['a release that fails', (stored: Properties) => world.failedRelease('1', stored)],
    ['a withdrawal', (stored: Properties) => world.release('2', stored, '1').then(() => {})],
    ['a removal', (stored: Properties) => world.alias(event('PromptAlias', 'Delete', stored)).then(() => {})],
  ])('makes the same calls as without a gate: %s', async (_, happens) => {
    world.pass(1_000);
    const ungated = new ReleaseWorld();
    const same = await ungated.release('2', await ungated.release('1'));
    const calls = watched();
    await happens(stored);
    [world, stored] = [ungated, same];
    const expected = watched();
    await happens(stored);

    expect(calls).toEqual(expected);
    const services = new Set(calls.map((call) => call.slice(0, call.indexOf('.'))));
    expect(services).toContain('bucket');
    expect(services).toContain('stack');
    expect(calls.filter((call) => call.includes(' reviews/'))).toEqual([]);
  });
});
