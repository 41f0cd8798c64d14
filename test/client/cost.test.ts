import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PromptClient } from '../../client';
import { writePromptSnapshot } from '../../core/content/write-prompt-snapshot';
import { RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

const NAME = 'financial-analysis';
const NOVA = 'amazon.nova-pro-v1:0';
const PRICES = { [NOVA]: { in: 0.8, out: 3.2, cacheRead: 0.2, asOf: '2026-11-01' } };
const answer = async () => ({ usage: { inputTokens: 1_000, outputTokens: 500, cacheReadInputTokens: 10_000 } });
const COST = 0.0044;

let warnings: string[];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
});
afterEach(() => vi.restoreAllMocks());

async function use(
  fixture: RegistryFixture,
  client: PromptClient,
  call: () => Promise<unknown> = answer,
  options = {},
) {
  await fixture.settle(client.run(NAME, { ticker: 'AMZN' }, call, { alias: 'PROD', ...options }));
  return JSON.parse(fixture.metricLines.at(-1) as string);
}

describe('the cost of a run', () => {
  it('is a metric, from the model of the version that was used', async () => {
    const fixture = await RegistryFixture.start();
    const line = await use(fixture, fixture.client({ prices: PRICES }));
    expect(line).toMatchObject({ Version: '3', Cost: COST });
    expect(line._aws.CloudWatchMetrics[0].Metrics).toContainEqual({ Name: 'Cost', Unit: 'None' });
    expect(warnings).toEqual([]);
  });

  it('follows a release to another model; each version is read once', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(4, { ...textVariant(), modelId: 'us.amazon.nova-lite-v1:0' });
    const prices = { ...PRICES, 'amazon.nova-lite-v1:0': { in: 0.06, out: 0.24, cacheRead: 0, asOf: '2026-11-01' } };
    const client = fixture.client({ prices });
    expect((await use(fixture, client)).Cost).toBe(COST);
    fixture.pointTo(4);
    await fixture.pass(60_001);
    await use(fixture, client);
    expect((await use(fixture, client)).Cost).toBeCloseTo(0.00018, 10);
    expect((await use(fixture, client)).Cost).toBeCloseTo(0.00018, 10);
    expect(fixture.requests('GetPrompt')).toBe(2);
  });

  it('is not there without prices, and then nobody asks for the content', async () => {
    const fixture = await RegistryFixture.start();
    const line = await use(fixture, fixture.client());
    expect(line).not.toHaveProperty('Cost');
    expect(JSON.stringify(line)).not.toContain('Cost');
    expect(fixture.requests('GetPrompt')).toBe(0);
  });

  it('is not there, and not 0, for a model without a price, with one warning', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ prices: { 'amazon.nova-lite-v1:0': PRICES[NOVA] } as never });
    for (let count = 0; count < 3; count++) expect(await use(fixture, client)).not.toHaveProperty('Cost');
    expect(warnings).toEqual([expect.stringContaining(`${NOVA} has no price`)]);
  });

  it('is not there for a call that failed, nor for one whose tokens nobody counts', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ prices: PRICES });
    expect(await use(fixture, client, async () => 'a stream')).not.toHaveProperty('Cost');
    const failing = async () => {
      throw new Error('no');
    };
    await expect(use(fixture, client, failing)).rejects.toThrow('no');
    expect(JSON.parse(fixture.metricLines.at(-1) as string)).not.toHaveProperty('Cost');
  });

  it('warns once of a price that is older than 90 days, and uses it', async () => {
    const fixture = await RegistryFixture.start();
    const old = new Date(fixture.clock.wall() - 91 * 86_400_000).toISOString().slice(0, 10);
    const client = fixture.client({ prices: { [NOVA]: { ...PRICES[NOVA], asOf: old } } as never });
    for (let count = 0; count < 2; count++) expect((await use(fixture, client)).Cost).toBe(COST);
    expect(warnings).toEqual([expect.stringContaining(`the price of ${NOVA} is of ${old}`)]);
  });

  it('keeps no answer waiting while Bedrock does not tell the model, and asks no more for a while', async () => {
    const fixture = await RegistryFixture.start();
    let asked = 0;
    const silent = () => {
      asked += 1;
      return new Promise<never>(() => {});
    };
    const client = fixture.client({ prices: PRICES, bedrockAgent: { send: silent } });
    const began = fixture.clock.wall();
    expect(await use(fixture, client)).not.toHaveProperty('Cost');
    expect(fixture.clock.wall() - began).toBeLessThanOrEqual(500);
    const before = asked;
    expect(await use(fixture, client)).not.toHaveProperty('Cost');
    expect(asked).toBe(before);
  });

  it('counts for a fallback by the model of the fallback', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client({ prices: PRICES, ssm: { send: () => Promise.reject(new Error('down')) } });
    const fallback = { ...textVariant(), modelId: NOVA };
    expect(await use(fixture, client, answer, { fallback })).toMatchObject({ Version: 'fallback', Cost: COST });
  });

  it('comes from the prices of a snapshot, which also tells the model, or from the environment', async () => {
    const fixture = await RegistryFixture.start();
    const alias = { promptName: NAME, aliasName: 'PROD', versionArn: versionArn(3), variant: textVariant() };
    const snapshot = JSON.parse(writePromptSnapshot('/prompts/prod', new Date(), [alias], PRICES));
    expect((await use(fixture, fixture.client({ snapshot }))).Cost).toBe(COST);
    expect(fixture.requests('GetPrompt')).toBe(0);

    vi.stubEnv('PROMPT_REGISTRY_PREFIX', '/prompts/prod');
    vi.stubEnv('PROMPT_REGISTRY_PRICES', JSON.stringify(PRICES));
    const lines: string[] = [];
    const own = { ssm: fixture.ssm(), logger: false, snapshot, metrics: (line: string) => lines.push(line) } as const;
    await PromptClient.fromEnvironment(own).run(NAME, { ticker: 'A' }, answer, { alias: 'PROD' });
    vi.stubEnv('PROMPT_REGISTRY_PRICES', '{');
    await PromptClient.fromEnvironment({ ...own, snapshot: { ...snapshot, prices: undefined } }).run(
      ...([NAME, { ticker: 'A' }, answer, { alias: 'PROD' }] as const),
    );
    vi.unstubAllEnvs();
    expect(lines.map((line) => JSON.parse(line).Cost)).toEqual([COST, undefined]);
    expect(warnings).toEqual([expect.stringContaining('PROMPT_REGISTRY_PRICES is not JSON')]);
  });

  it('stands in a snapshot only where there are prices', () => {
    expect(writePromptSnapshot('/prompts/prod', new Date(0), [])).not.toContain('prices');
  });
});
