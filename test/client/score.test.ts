import { describe, expect, it, test } from 'vitest';
import { fakePrompts } from '../../client';
import { readExposure, writeExposure } from '../../client/exposure';
import type { Drawn } from '../../client/pointed';
import { versionArn } from './registry-server';
import { keyFrom, NAME, RolloutFixture } from './rollout-fixture';

const CANDIDATE = keyFrom(0);
const STABLE = keyFrom(3);

async function exposures(fixture: RolloutFixture): Promise<[candidate: string, stable: string]> {
  const exposure = async (targetingKey: string | undefined) => {
    const prompt = await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey }));
    return prompt.exposure ?? '';
  };
  return [await exposure(CANDIDATE), await exposure(STABLE)];
}

const scores = ({ registry }: RolloutFixture) =>
  registry.metricLines
    .map((line) => JSON.parse(line))
    .filter((line) => Object.keys(line).some((name) => name.startsWith('Score.')))
    .map(({ Version, Prompt, Alias, 'Score.helpful': value }) => [Prompt, Alias, Version, value]);

const score = ({ registry, prompts }: RolloutFixture, exposure: string | undefined, value = true, name = 'helpful') =>
  registry.settle(prompts.score(exposure, name, value));

describe('A score', () => {
  it('counts for the version that gave the answer, yes or no', async () => {
    const fixture = await RolloutFixture.start();
    const [candidate, stable] = await exposures(fixture);
    expect([await score(fixture, candidate), await score(fixture, stable, false)]).toEqual([true, true]);
    expect(scores(fixture)).toEqual([
      [NAME, 'PROD', '4', 1],
      [NAME, 'PROD', '3', 0],
    ]);
    const line = JSON.parse(fixture.registry.metricLines[0] ?? '');
    expect(line._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'PromptRegistry',
        Dimensions: [['Registry', 'Prompt', 'Alias', 'Version']],
        Metrics: [{ Name: 'Score.helpful', Unit: 'Count' }],
      },
    ]);
    expect(fixture.registry.metricLines.join()).not.toContain(CANDIDATE);
  });

  it('counts in another process, which asks SSM for the alias once', async () => {
    const fixture = await RolloutFixture.start();
    const [candidate, stable] = await exposures(fixture);
    const other = fixture.registry.client();
    const before = fixture.registry.requests();
    expect(await fixture.registry.settle(other.score(candidate, 'helpful', true))).toBe(true);
    expect(await fixture.registry.settle(other.score(stable, 'helpful', true))).toBe(true);
    expect(fixture.registry.requests()).toBe(before + 1);
  });

  it('counts once for a use and name, whatever is said later', async () => {
    const fixture = await RolloutFixture.start();
    const [candidate] = await exposures(fixture);
    expect([await score(fixture, candidate), await score(fixture, candidate, false)]).toEqual([true, false]);
    expect(await score(fixture, candidate, true, 'polite')).toBe(true);
    expect(scores(fixture)).toHaveLength(2);
  });

  test.each<[string, (exposure: string) => string | undefined]>([
    ['nothing', () => undefined],
    ['no text', () => ''],
    ['another text', () => 'x'],
    ['an object', () => ({}) as string],
    ['10 MB', (exposure) => exposure.padEnd(10_000_000, 'x')],
    ['a version that is neither', (exposure) => exposure.replace('x1.3.4.', 'x1.3.7.')],
    ['another plan', (exposure) => exposure.replace('x1.3.', 'x1.2.')],
    ['plan 0', (exposure) => exposure.replace('x1.3.', 'x1.0.')],
    ['another prompt', (exposure) => exposure.replace(NAME, 'nobody')],
    ['another alias', (exposure) => exposure.replace('PROD', 'QA')],
    ['a name that is none', (exposure) => exposure.replace(NAME, '../../x')],
    ['a line end behind it', (exposure) => `${exposure}\n`],
  ])('does not count with %s for an exposure, and does not fail', async (_, change) => {
    const fixture = await RolloutFixture.start();
    const [candidate] = await exposures(fixture);
    expect(await score(fixture, change(candidate))).toBe(false);
    expect(scores(fixture)).toEqual([]);
  });

  it('does not count after the rollout', async () => {
    const fixture = await RolloutFixture.start();
    const [candidate, stable] = await exposures(fixture);
    fixture.halt();
    await fixture.nextRefresh();
    expect(await score(fixture, candidate)).toBe(true);
    fixture.declare('none');
    await fixture.nextRefresh();
    expect(await score(fixture, stable)).toBe(false);
    fixture.declare({ plan: 9 });
    await fixture.nextRefresh();
    expect(await score(fixture, stable)).toBe(false);
  });

  it('of a split counts under the names that its plan lists, also in another process, and under no other', async () => {
    const fixture = await RolloutFixture.start();
    fixture.declare({ scores: ['helpful', 'is-short'] });
    const [candidate, stable] = await exposures(fixture);
    const other = { ...fixture, registry: fixture.registry, prompts: fixture.registry.client() } as RolloutFixture;
    for (const one of [fixture, other]) {
      expect(await score(one, candidate, true, 'polite')).toBe(false);
      expect(await score(one, candidate, true, 'Helpful')).toBe(false);
      expect(await score(one, candidate, true, 'is-short')).toBe(true);
      expect(await score(one, stable)).toBe(true);
      expect(await score(one, stable, false)).toBe(false);
    }
    expect(scores(fixture)).toHaveLength(4);
    fixture.declare({ scores: [] });
    await fixture.nextRefresh();
    expect(await score(fixture, candidate)).toBe(false);
  });

  it('counts after the end of a split, until somebody settles or ends it: feedback comes late', async () => {
    const fixture = await RolloutFixture.start();
    fixture.declare({ scores: ['helpful'] });
    fixture.progress({ until: 30, seen: new Date(fixture.registry.clock.wall()).toISOString() });
    const [candidate, stable] = await exposures(fixture);
    await fixture.nextRefresh();
    const late = await fixture.registry.settle(fixture.prompts.get(NAME, { targetingKey: CANDIDATE }));
    expect([late.version, late.exposure]).toEqual([3, undefined]);
    expect(await score(fixture, candidate)).toBe(true);
    fixture.declare('none');
    await fixture.nextRefresh();
    expect(await score(fixture, stable)).toBe(false);
  });

  it('does not count, and does not fail, while the registry does not answer or refuses', async () => {
    const fixture = await RolloutFixture.start();
    const [candidate] = await exposures(fixture);
    for (const behaviour of ['500', '403'] as const) {
      fixture.registry.server.behaviour = behaviour;
      expect(await fixture.registry.settle(fixture.registry.client().score(candidate, 'helpful', true))).toBe(false);
    }
  });

  it('goes nowhere where metrics are switched off, and from fakePrompts', async () => {
    const fixture = await RolloutFixture.start({ metrics: false });
    const [candidate] = await exposures(fixture);
    expect(await score(fixture, candidate)).toBe(false);
    const fake = fakePrompts({ p: 'Hi' });
    expect(await fake.score((await fake.get('p')).exposure, 'helpful', true)).toBe(false);
  });

  test.each([
    ['', true],
    ['is helpful', true],
    ['x'.repeat(41), true],
    ['1st', true],
    ['helpful', 1 as unknown as boolean],
    ['helpful', 'true' as unknown as boolean],
  ])('named %j with %j is a mistake', async (name, value) => {
    const fixture = await RolloutFixture.start();
    await expect(score(fixture, undefined, value, name)).rejects.toMatchObject({ code: 'InvalidOption' });
  });
});

describe('An exposure of a long name', () => {
  const drawn = { plan: 99_999_999, arm: versionArn(99_999) } as Drawn;
  const alias = `P${'x'.repeat(31)}`;
  const name = `${'a-b-'.repeat(49)}c`;

  it('has 120 characters at most, and says how the name begins', () => {
    const exposure = writeExposure(name, alias, drawn, () => 0.999999);
    expect(exposure).toHaveLength(120);
    const { prompt, ...rest } = readExposure(exposure);
    expect(rest).toEqual({ plan: 99_999_999, version: 99_999, alias, isCut: true });
    expect(name.startsWith(prompt)).toBe(true);
    expect(prompt.length).toBeGreaterThan(60);
  });

  it('counts where the client knows one prompt that begins so, and not where it knows two', async () => {
    const fixture = await RolloutFixture.start();
    const { parameters } = fixture.registry.server;
    const below = `/prompts/prod/${NAME}/PROD`;
    for (const long of [name, `${name}2`])
      for (const part of ['', '/rollout', '/rollout-progress'])
        parameters.set(`/prompts/prod/${long}/PROD${part}`, parameters.get(`${below}${part}`) ?? '');
    const get = (prompt: string) => fixture.registry.settle(fixture.prompts.get(prompt, { targetingKey: CANDIDATE }));
    const { exposure } = await get(name);
    expect(await fixture.registry.settle(fixture.registry.client().score(exposure, 'helpful', true))).toBe(false);
    expect(await score(fixture, exposure)).toBe(true);
    expect(scores(fixture)).toEqual([[name, 'PROD', '4', 1]]);
    await get(`${name}2`);
    expect(await score(fixture, exposure, true, 'polite')).toBe(false);
  });
});
