import { describe, expect, it } from 'vitest';
import type { ManagedPrompt, PromptClient, RegistryError } from '../../client';
import { writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { RegistryFixture, textVariant } from './registry-fixture';
import { type Behaviour, versionArn } from './registry-server';

const TTL = 60_000;
const MAX_STALE = 900_000;

/** What one call came to: the cells of the matrix. */
interface Cells {
  readonly returned: number | 'fallback' | string;
  readonly source?: string;
  /** Milliseconds. */
  readonly age?: number;
  readonly requests: number;
  /** Milliseconds of fake time that the call took. */
  readonly time: number;
}

async function cells(fixture: RegistryFixture, ask: () => Promise<ManagedPrompt>): Promise<Cells> {
  const before = fixture.requests();
  const start = fixture.clock.time;
  const outcome = await fixture.settle(ask()).catch((error: RegistryError) => error);
  const time = Math.round(fixture.clock.time - start);
  await fixture.quiet();
  const requests = fixture.requests() - before;
  if (outcome instanceof Error) return { returned: outcome.code, requests, time };
  const { source } = outcome;
  return { returned: outcome.version ?? 'fallback', source, age: Math.round(outcome.age), requests, time };
}

const get = (client: PromptClient, fallback?: string) => () =>
  client.get('financial-analysis', { alias: 'PROD', fallback });

async function warm(options: Parameters<RegistryFixture['client']>[0] = {}) {
  const fixture = await RegistryFixture.start();
  const client = fixture.client(options);
  await fixture.settle(get(client)());
  return { fixture, client };
}

const snapshot = () =>
  writePromptSnapshot('/prompts/prod', new Date(Date.UTC(2026, 10, 21)), [
    { promptName: 'financial-analysis', aliasName: 'PROD', versionArn: versionArn(2), variant: textVariant() },
  ]);
const DAY = 86_400_000;

describe('cold and up', () => {
  it('asks once and serves what the alias points to', async () => {
    const fixture = await RegistryFixture.start();
    expect(await cells(fixture, get(fixture.client()))).toEqual({
      returned: 3,
      source: 'registry',
      age: 0,
      requests: 1,
      time: 0,
    });
  });

  it('asks nobody within the time to live', async () => {
    const { fixture, client } = await warm();
    await fixture.pass(TTL - 1);
    expect(await cells(fixture, get(client))).toEqual({
      returned: 3,
      source: 'registry',
      age: TTL - 1,
      requests: 0,
      time: 0,
    });
  });
});

describe('cold and down', () => {
  // [requests, milliseconds]: with chance at 0.5 the pauses are 50 and 100 ms.
  const cost: Record<Exclude<Behaviour, 'up' | '403'> | 'refused', [number, number]> = {
    hang: [2, 2_000],
    'slow body': [2, 2_000],
    '500': [3, 150],
    garbage: [3, 150],
    '429': [1, 0],
    refused: [0, 150],
  };

  describe.each(Object.entries(cost))('%s', (fault, [requests, time]) => {
    const cold = async (options: Parameters<RegistryFixture['client']>[0] = {}) => {
      const fixture = await RegistryFixture.start();
      const client = fixture.client(options);
      await breakIt(fixture, fault);
      return { fixture, client };
    };

    it('says that the registry is unavailable when there is nothing else', async () => {
      const { fixture, client } = await cold();
      expect(await cells(fixture, get(client))).toEqual({ returned: 'RegistryUnavailable', requests, time });
    });

    it('serves the fallback', async () => {
      const { fixture, client } = await cold();
      const expected = { returned: 'fallback', source: 'fallback', age: 0 };
      expect(await cells(fixture, get(client, 'Sell {{ticker}}'))).toEqual({ ...expected, requests, time });
      expect(await cells(fixture, get(client, 'Sell {{ticker}}'))).toEqual({ ...expected, requests: 0, time: 0 });
    });

    it('serves the snapshot rather than the fallback', async () => {
      const { fixture, client } = await cold({ snapshot: JSON.parse(snapshot()) });
      const expected = { returned: 2, source: 'snapshot' };
      expect(await cells(fixture, get(client, 'Sell'))).toEqual({ ...expected, age: DAY + time, requests, time });
      expect(await cells(fixture, get(client, 'Sell'))).toEqual({ ...expected, age: DAY + time, requests: 0, time: 0 });
    });
  });

  it('asks again at most once a second while it has nothing to serve', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    fixture.server.behaviour = '500';
    await cells(fixture, get(client));
    await fixture.pass(749);
    expect(await cells(fixture, get(client))).toEqual({ returned: 'RegistryUnavailable', requests: 0, time: 0 });
    fixture.server.behaviour = 'up';
    await fixture.pass(1);
    expect(await cells(fixture, get(client))).toMatchObject({ returned: 3, source: 'registry', requests: 1 });
  });
});

describe('warm and down', () => {
  describe.each<[string, number, number]>([
    ['hang', 2, 1_000],
    ['slow body', 2, 1_000],
    ['500', 3, 150],
    ['garbage', 3, 150],
    ['429', 1, 0],
    ['refused', 0, 150],
  ])('%s', (fault, requests, wait) => {
    it('serves the last known version at once to a caller that asks often', async () => {
      const { fixture, client } = await warm();
      await breakIt(fixture, fault);
      await fixture.pass(TTL);
      const inFlight = Math.min(1, requests);
      expect(await cells(fixture, get(client))).toEqual({
        returned: 3,
        source: 'stale',
        age: TTL,
        requests: inFlight,
        time: 0,
      });
    });

    it('lets an idle caller wait for a second at most, and the next one not at all', async () => {
      const { fixture, client } = await warm();
      await breakIt(fixture, fault);
      await fixture.pass(TTL + 5_000);
      const expected = { returned: 3, source: 'stale' };
      const first = await cells(fixture, get(client));
      expect(first).toEqual({
        ...expected,
        age: TTL + 5_000 + wait,
        requests: Math.min(first.requests, requests),
        time: wait,
      });
      expect(await cells(fixture, get(client))).toMatchObject({ ...expected, requests: 0, time: 0 });
    });

    it('serves it up to maxStale, and then not', async () => {
      const { fixture, client } = await warm();
      await breakIt(fixture, fault);
      for (let age = TTL; age < MAX_STALE; age += 20_000) {
        await fixture.pass(20_000);
        const { returned, age: served } = await cells(fixture, get(client));
        expect(returned).toBe(served === undefined ? 'RegistryUnavailable' : 3);
      }
      await fixture.pass(MAX_STALE);
      expect(await cells(fixture, get(client))).toMatchObject({ returned: 'RegistryUnavailable' });
    });
  });

  it('rests as long as a Retry-After asks, a minute at most', async () => {
    const { fixture, client } = await warm();
    fixture.server.behaviour = '429';
    await fixture.pass(TTL);
    await cells(fixture, get(client));
    await fixture.pass(TTL - 1);
    expect(await cells(fixture, get(client))).toMatchObject({ source: 'stale', requests: 0 });
    fixture.server.behaviour = 'up';
    await fixture.pass(1);
    expect(await cells(fixture, get(client))).toMatchObject({ source: 'stale', requests: 1 });
    expect(await cells(fixture, get(client))).toMatchObject({ source: 'registry', requests: 0 });
  });
});

describe('warm and refused', () => {
  const refusals: [string, string, (fixture: RegistryFixture) => void][] = [
    [
      '403',
      'AccessDenied',
      (fixture) => {
        fixture.server.behaviour = '403';
      },
    ],
    ['parameter deleted', 'AliasNotFound', (fixture) => fixture.pointTo('nothing')],
    ['none', 'AliasIsNone', (fixture) => fixture.pointTo('none')],
  ];

  it.each(refusals)('%s: one forced refresh, then %s, whatever else there is to serve', async (_name, code, refuse) => {
    const { fixture, client } = await warm({ snapshot: JSON.parse(snapshot()) });
    refuse(fixture);
    // Where three names are refused, the alias's own may not be.
    const requests = code === 'AccessDenied' ? 2 : 1;
    await fixture.pass(TTL);
    // The refresh behind this call brings the refusal.
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({
      returned: 3,
      source: 'stale',
      age: TTL,
      requests,
      time: 0,
    });
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests, time: 0 });
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests: 0, time: 0 });
    await fixture.pass(1_000);
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests, time: 0 });
  });

  it.each(refusals)('%s: an idle caller is not served the old version even once', async (_name, code, refuse) => {
    const { fixture, client } = await warm({ snapshot: JSON.parse(snapshot()) });
    refuse(fixture);
    const requests = code === 'AccessDenied' ? 2 : 1;
    await fixture.pass(TTL + 1_000);
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests, time: 0 });
  });

  it.each(refusals)('%s: an outage after it does not bring the old version back', async (_name, code, refuse) => {
    const { fixture, client } = await warm({ snapshot: JSON.parse(snapshot()) });
    refuse(fixture);
    await fixture.pass(TTL + 1_000);
    await cells(fixture, get(client));
    fixture.server.behaviour = '500';
    await fixture.pass(2_000);
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests: 3, time: 150 });
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests: 0, time: 0 });
  });

  it.each(refusals)('%s: ends with the first good answer', async (_name, _code, refuse) => {
    const { fixture, client } = await warm();
    refuse(fixture);
    await fixture.pass(TTL + 1_000);
    await cells(fixture, get(client));
    fixture.server.behaviour = 'up';
    fixture.pointTo(4);
    await fixture.pass(1_000);
    expect(await cells(fixture, get(client))).toEqual({
      returned: 4,
      source: 'registry',
      age: 0,
      requests: 1,
      time: 0,
    });
  });

  it.each([
    ['version deleted', 'ResourceNotFoundException', 'VersionNotFound'],
    ['version withdrawn', 'AccessDeniedException', 'VersionRefused'],
  ])('%s: compile asks the alias once more, then says so', async (_name, refusal, code) => {
    const { fixture, client } = await warm({ snapshot: undefined });
    fixture.server.refusals.set('ABCDEFGHIJ:3', refusal);
    const prompt = await get(client)();
    await expect(fixture.settle(prompt.compile({ ticker: 'AMZN' }))).rejects.toMatchObject({ code });
    expect(fixture.requests()).toBe(2);
    expect(fixture.requests('GetPrompt')).toBe(1);
    expect(await cells(fixture, get(client, 'Sell'))).toEqual({ returned: code, requests: 0, time: 0 });
    fixture.pointTo(4);
    await fixture.pass(1_000);
    expect(await cells(fixture, get(client))).toEqual({
      returned: 4,
      source: 'registry',
      age: 0,
      requests: 1,
      time: 0,
    });
  });

  it('serves a refused version again once a time to live has passed and the alias still names it', async () => {
    const { fixture, client } = await warm();
    fixture.server.refusals.set('ABCDEFGHIJ:3', 'AccessDeniedException');
    await fixture.settle((await get(client)()).compile({ ticker: 'AMZN' })).catch(() => undefined);
    await fixture.pass(TTL - 1);
    expect(await cells(fixture, get(client))).toMatchObject({ returned: 'VersionRefused', requests: 1 });
    await fixture.pass(1_000);
    expect(await cells(fixture, get(client))).toEqual({
      returned: 3,
      source: 'registry',
      age: 0,
      requests: 1,
      time: 0,
    });
  });
});

describe('expired during a refresh', () => {
  it('does not serve a version that grew older than maxStale while its refresh was under way', async () => {
    const { fixture, client } = await warm({ maxStale: TTL + 1_500 });
    await fixture.pass(TTL + 1_200);
    fixture.server.behaviour = 'hang';
    const expected = { returned: 'fallback', source: 'fallback', age: 0, requests: 1, time: 1_000 };
    expect(await cells(fixture, get(client, 'Sell'))).toEqual(expected);
  });
});

describe('clock jumps', () => {
  it('a wall clock set back does not keep an alias young', async () => {
    const { fixture, client } = await warm();
    fixture.clock.wallJump = -DAY;
    await fixture.pass(TTL);
    expect(await cells(fixture, get(client))).toEqual({ returned: 3, source: 'stale', age: TTL, requests: 1, time: 0 });
  });

  it('a wall clock set forward makes it old: asked again, not served unasked', async () => {
    const { fixture, client } = await warm();
    fixture.clock.wallJump = DAY;
    expect(await cells(fixture, get(client))).toEqual({
      returned: 3,
      source: 'registry',
      age: 0,
      requests: 1,
      time: 0,
    });
  });

  it('a process that was frozen sees the time that passed meanwhile', async () => {
    const { fixture, client } = await warm();
    await fixture.pass(MAX_STALE);
    fixture.clock.frozen = MAX_STALE;
    fixture.server.behaviour = '500';
    expect(await cells(fixture, get(client))).toEqual({ returned: 'RegistryUnavailable', requests: 3, time: 150 });
  });
});

describe('alias moved between two reads', () => {
  it('serves the old version while it asks, and the new one from then on', async () => {
    const { fixture, client } = await warm();
    fixture.pointTo(4);
    await fixture.pass(TTL);
    expect(await cells(fixture, get(client))).toEqual({ returned: 3, source: 'stale', age: TTL, requests: 1, time: 0 });
    expect(await cells(fixture, get(client))).toEqual({
      returned: 4,
      source: 'registry',
      age: 0,
      requests: 0,
      time: 0,
    });
  });
});

describe('1,000 at once', () => {
  const thousand = (client: PromptClient, fallback?: string) =>
    Promise.all(Array.from({ length: 1_000 }, get(client, fallback)));

  it('cold: one request', async () => {
    const fixture = await RegistryFixture.start();
    const prompts = await fixture.settle(thousand(fixture.client()));
    expect(new Set(prompts.map(({ version, source, age }) => `${version} ${source} ${age}`))).toEqual(
      new Set(['3 registry 0']),
    );
    expect(fixture.requests()).toBe(1);
    expect(fixture.clock.time).toBe(0);
  });

  it('expired: one request, nobody waits', async () => {
    const { fixture, client } = await warm();
    await fixture.pass(TTL);
    const prompts = await fixture.settle(thousand(client));
    expect(new Set(prompts.map(({ source, age }) => `${source} ${age}`))).toEqual(new Set([`stale ${TTL}`]));
    await fixture.quiet();
    expect(fixture.requests()).toBe(2);
    expect(fixture.clock.time).toBe(TTL);
  });

  it('refused: one forced refresh for all', async () => {
    const { fixture, client } = await warm();
    fixture.pointTo('none');
    await fixture.pass(TTL);
    await cells(fixture, get(client));
    const codes = await fixture.settle(
      Promise.all(Array.from({ length: 1_000 }, () => get(client, 'Sell')().catch(({ code }) => code))),
    );
    expect(new Set(codes)).toEqual(new Set(['AliasIsNone']));
    expect(fixture.requests()).toBe(3);
  });

  it('compiled: one GetPrompt', async () => {
    const { fixture, client } = await warm();
    const texts = await fixture.settle(
      Promise.all(Array.from({ length: 1_000 }, async () => (await get(client)()).compile({ ticker: 'AMZN' }))),
    );
    expect(new Set(texts)).toEqual(new Set(['Analyse AMZN now']));
    expect([fixture.requests(), fixture.requests('GetPrompt')]).toEqual([1, 1]);
  });
});

async function breakIt(fixture: RegistryFixture, fault: string): Promise<void> {
  if (fault === 'refused') await fixture.server.stop();
  else fixture.server.behaviour = fault as Behaviour;
}
