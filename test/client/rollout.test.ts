import { describe, expect, it, test } from 'vitest';
import { writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { isCandidate } from '../../core/rollout/share';
import { PARAMETER, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';
import { keyFrom, NAME, RolloutFixture, SALT } from './rollout-fixture';

const [FIRST, SECOND, THIRD, LAST] = [0, 1, 2, 3].map(keyFrom);

describe('The request for an alias', () => {
  it('asks for its rollout as well, and is one', async () => {
    const fixture = await RolloutFixture.start();
    await fixture.version(FIRST);
    await fixture.version(LAST);
    const below = ['rollout', 'rollout-progress', 'guardrail'].map((name) => `${PARAMETER}/${name}`);
    const names = [PARAMETER, ...below];
    expect(fixture.registry.server.requests).toMatchObject([{ operation: 'GetParameters', names }]);
  });

  it('needs no more than the alias, where the policy of an older stack allows no more, and then asks for no more', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.server.readable = (name) => name === PARAMETER;
    expect(await fixture.version(FIRST)).toBe(3);
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(3);
    const operations = fixture.registry.server.requests.map(({ operation }) => operation);
    expect(operations).toEqual(['GetParameters', 'GetParameter', 'GetParameter']);
  });

  it('tries the rollout again after maxStale, since a running caller gets the policy of a newer stack', async () => {
    const fixture = await RolloutFixture.start({ maxStale: 180_000 });
    fixture.registry.server.readable = (name) => name === PARAMETER;
    expect(await fixture.version(FIRST)).toBe(3);
    for (let minute = 0; minute < 6; minute++) await fixture.nextRefresh();
    const operations = () => fixture.registry.server.requests.map(({ operation }) => operation);
    expect(operations().filter((name) => name === 'GetParameters')).toHaveLength(3);
    fixture.registry.server.readable = () => true;
    for (let minute = 0; minute < 3; minute++) await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(4);
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(4);
    expect(operations().at(-1)).toBe('GetParameters');
  });

  it('says that an alias does not exist, whatever is left below it', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.pointTo('nothing');
    await expect(fixture.version(FIRST)).rejects.toMatchObject({ code: 'AliasNotFound' });
  });
});

describe('A key', () => {
  it('gets the candidate where its place is below the share, in every process and without a request', async () => {
    const fixture = await RolloutFixture.start();
    const other = fixture.registry.client({ alias: 'PROD' });
    await fixture.version();
    await fixture.version('x', other);
    const before = fixture.registry.requests();
    for (let n = 0; n < 200; n++) {
      const expected = isCandidate(SALT, `k${n}`, 25) ? 4 : 3;
      expect(await fixture.version(`k${n}`)).toBe(expected);
      expect(await fixture.version(`k${n}`, other)).toBe(expected);
    }
    expect(fixture.registry.requests()).toBe(before);
  });

  it('is the session where no other is given, and no session where one is', async () => {
    const fixture = await RolloutFixture.start();
    const version = async (options: object) =>
      (await fixture.registry.settle(fixture.prompts.get(NAME, options))).version;
    expect(await version({ sessionId: FIRST })).toBe(4);
    expect(await version({ sessionId: LAST })).toBe(3);
    expect(await version({ sessionId: LAST, targetingKey: FIRST })).toBe(4);
    const run = (options: object) =>
      fixture.registry.settle(
        fixture.prompts.run(NAME, { ticker: 'AMZN' }, async (_, prompt) => prompt.version, options),
      );
    expect(await run({ sessionId: FIRST })).toBe(4);
    expect(await run({ sessionId: LAST })).toBe(3);
    expect(await run({ sessionId: FIRST, targetingKey: LAST })).toBe(3);
  });

  test.each([
    ['is missing', undefined, {}],
    ['is an empty text, which would make one user of all who have none', '', {}],
    ['does not count for this rollout', FIRST, { key: 'none' as const }],
  ])('that %s leaves each call to chance', async (_, key, declared) => {
    const fixture = await RolloutFixture.start();
    fixture.declare(declared);
    let chance = 0;
    fixture.registry.clock.chance = () => chance;
    expect(await fixture.version(key)).toBe(4);
    chance = 0.24999;
    expect(await fixture.version(key)).toBe(4);
    chance = 0.25;
    expect(await fixture.version(key)).toBe(3);
  });

  it('may have 10 MB, of which nothing is kept', async () => {
    const fixture = await RolloutFixture.start();
    const targetingKey = 'k'.repeat(10_000_000);
    const version = await fixture.registry.settle(
      fixture.prompts.run(NAME, { ticker: 'AMZN' }, async (request, prompt) => [prompt.version, request], {
        targetingKey,
      }),
    );
    expect(version[0]).toBe(isCandidate(SALT, targetingKey, 25) ? 4 : 3);
    expect(JSON.stringify([version, fixture.registry.uses, fixture.registry.metricLines]).length).toBeLessThan(5_000);
  });
});

describe('A step', () => {
  it('takes effect at its time and not when it is read; until then it is the step before', async () => {
    const fixture = await RolloutFixture.start();
    fixture.progress({ step: 0, at: -600 });
    expect([await fixture.version(FIRST), await fixture.version(SECOND)]).toEqual([4, 3]);
    fixture.progress({ step: 1, at: 75 });
    await fixture.nextRefresh();
    const late = fixture.registry.client({ alias: 'PROD' });
    for (const prompts of [fixture.prompts, late])
      expect([await fixture.version(FIRST, prompts), await fixture.version(SECOND, prompts)]).toEqual([4, 3]);
    await fixture.registry.pass(14_000);
    for (const prompts of [fixture.prompts, late])
      expect([await fixture.version(SECOND, prompts), await fixture.version(THIRD, prompts)]).toEqual([4, 3]);
  });

  it('that took effect stays when the clock is set back', async () => {
    const fixture = await RolloutFixture.start();
    fixture.progress({ step: 1, at: 10 });
    expect(await fixture.version(SECOND)).toBe(3);
    await fixture.registry.pass(10_000);
    expect(await fixture.version(SECOND)).toBe(4);
    fixture.registry.clock.wallJump = -3_600_000;
    expect(await fixture.version(SECOND)).toBe(4);
    await fixture.nextRefresh();
    expect(await fixture.version(SECOND)).toBe(4);
  });

  it.each([
    ['an older progress', (fixture: RolloutFixture) => fixture.progress({ step: 0 })],
    ['none, as an update of a tag leaves it', (fixture: RolloutFixture) => clear(fixture)],
    ['nonsense', (fixture: RolloutFixture) => clear(fixture, '{"v":1}')],
  ])('is not taken back by %s', async (_, change) => {
    const fixture = await RolloutFixture.start();
    expect(await fixture.version(SECOND)).toBe(4);
    change(fixture);
    await fixture.nextRefresh();
    expect(await fixture.version(SECOND)).toBe(4);
  });

  it('ends for everybody when the controller has not said for too long that it lives', async () => {
    const fixture = await RolloutFixture.start();
    expect(await fixture.version(FIRST)).toBe(4);
    await fixture.registry.pass(1_799_000);
    expect(await fixture.version(FIRST)).toBe(4);
    await fixture.registry.pass(1_000);
    expect(await fixture.version(FIRST)).toBe(3);
  });

  it('is that of this plan: another plan begins with nobody', async () => {
    const fixture = await RolloutFixture.start();
    expect(await fixture.version(FIRST)).toBe(4);
    fixture.declare({ plan: 5, to: versionArn(2) });
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(3);
    fixture.progress({ plan: 5, step: 0, n: 1 });
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(2);
  });
});

describe('A halt', () => {
  it('takes everybody off the candidate at the next refresh', async () => {
    const fixture = await RolloutFixture.start();
    expect(await fixture.version(FIRST)).toBe(4);
    fixture.halt();
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(3);
  });

  it.each([
    ['an old put that comes late', (fixture: RolloutFixture) => fixture.progress({})],
    ['a step with a higher number', (fixture: RolloutFixture) => fixture.progress({ n: 99 })],
    ['a reset', (fixture: RolloutFixture) => clear(fixture)],
  ])('is not taken back by %s', async (_, change) => {
    const fixture = await RolloutFixture.start();
    await fixture.version(FIRST);
    fixture.halt();
    await fixture.nextRefresh();
    change(fixture);
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(3);
  });

  it('is remembered while another plan is tried, which fails', async () => {
    const fixture = await RolloutFixture.start();
    fixture.halt();
    await fixture.version(FIRST);
    fixture.declare({ plan: 5 });
    fixture.progress({ plan: 5, step: 0 });
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(4);
    fixture.declare();
    fixture.progress({});
    await fixture.nextRefresh();
    expect(await fixture.version(FIRST)).toBe(3);
  });
});

describe('The end of a rollout', () => {
  it('gives all of them the candidate when it is settled, also where the pointer arrives first', async () => {
    const fixture = await RolloutFixture.start();
    await fixture.version(FIRST);
    fixture.registry.pointTo(4);
    await fixture.nextRefresh();
    expect([await fixture.version(FIRST), await fixture.version(LAST)]).toEqual([4, 4]);
    const prompt = await fixture.prompts.get(NAME, { targetingKey: FIRST });
    expect(prompt.exposure).toBeUndefined();
    fixture.declare('none');
    await fixture.nextRefresh();
    expect([await fixture.version(FIRST), await fixture.version(LAST)]).toEqual([4, 4]);
  });

  it('gives all of them stable when it is ended', async () => {
    const fixture = await RolloutFixture.start();
    await fixture.version(FIRST);
    fixture.declare('none');
    await fixture.nextRefresh();
    expect([await fixture.version(FIRST), await fixture.version(LAST)]).toEqual([3, 3]);
  });
});

describe('Without SSM', () => {
  it('goes on as long as the pointer is served, and then with stable', async () => {
    const snapshot = JSON.parse(
      writePromptSnapshot('/prompts/prod', new Date(), [
        { promptName: NAME, aliasName: 'PROD', versionArn: versionArn(3), variant: textVariant() },
      ]),
    );
    const fixture = await RolloutFixture.start({ snapshot });
    expect(await fixture.version(FIRST)).toBe(4);
    fixture.registry.server.behaviour = '500';
    await fixture.registry.pass(899_000);
    expect(await fixture.version(FIRST)).toBe(4);
    await fixture.registry.pass(1_000);
    const prompt = await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey: FIRST }));
    expect([prompt.version, prompt.source]).toEqual([3, 'snapshot']);
  });

  it('serves a fallback to everybody', async () => {
    const fixture = await RolloutFixture.start();
    fixture.registry.server.behaviour = '500';
    const options = { targetingKey: FIRST, fallback: 'Sell {{ticker}}' };
    const prompt = await fixture.registry.settle(fixture.prompts.get(NAME, options));
    expect([prompt.source, prompt.exposure]).toEqual(['fallback', undefined]);
  });
});

test.each([
  ['none', 'none'],
  ['nonsense', '{}'],
  ['a plan whose candidate is what is live', undefined],
])('A rollout that says %s gives everybody stable', async (_, value) => {
  const fixture = await RolloutFixture.start();
  if (value) fixture.registry.server.parameters.set(`${PARAMETER}/rollout`, value);
  else fixture.declare({ to: versionArn(3) });
  for (const key of [FIRST, LAST, undefined]) expect(await fixture.version(key)).toBe(3);
});

function clear(fixture: RolloutFixture, value = 'none'): void {
  fixture.registry.server.parameters.set(`${PARAMETER}/rollout-progress`, value);
}
