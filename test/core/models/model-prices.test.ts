import { describe, expect, test } from 'vitest';
import { countsCacheAsInput, tokenUsage } from '../../../client/token-usage';
import type { LockedRegion, ModelPrice } from '../../../core/models/model-lock';
import { costOf, priceOf, pricesOf } from '../../../core/models/model-prices';
import { APPLICATION_PROFILE, LOCK } from './lock-of-tests';

const AS_OF = { asOf: '2026-11-01' };
const NOVA_PRO: ModelPrice = { in: 0.8, out: 3.2, cacheRead: 0.2, cacheWrite: 0, ...AS_OF };
const NOVA_LITE: ModelPrice = { in: 0.06, out: 0.24, ...AS_OF };
const SONNET: ModelPrice = { in: 3.3, out: 16.5, cacheRead: 0.33, cacheWrite: 4.125, ...AS_OF };
const GLOBAL_SONNET: ModelPrice = { in: 3, out: 15, cacheRead: 0.3, cacheWrite: 3.75, ...AS_OF };
const NAME = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

const here = LOCK.regions['us-east-1'] as LockedRegion;
const PRICES = pricesOf({
  ...here,
  models: {
    ...here.models,
    'amazon.nova-pro-v1:0': { status: 'ACTIVE', price: NOVA_PRO },
    'amazon.nova-lite-v1:0': { status: 'ACTIVE', price: NOVA_LITE },
    [NAME]: { status: 'ACTIVE', price: SONNET },
  },
  profiles: { ...here.profiles, [`global.${NAME}`]: { model: NAME, regions: ['*'], price: GLOBAL_SONNET } },
});

const bedrock = (inputTokens: number, outputTokens: number, read?: number, write?: number) => ({
  usage: { inputTokens, outputTokens, cacheReadInputTokens: read, cacheWriteInputTokens: write },
});
const openAi = (prompt_tokens: number, completion_tokens: number, cached_tokens: number) => ({
  usage: { prompt_tokens, completion_tokens, prompt_tokens_details: { cached_tokens } },
});
const arn = (name: string) => `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${name}`;

/** The dollars are worked out by hand: tokens × price of a million, kind by kind. */
const USAGES: readonly (readonly [string, object, number])[] = [
  ['amazon.nova-pro-v1:0', bedrock(1_000, 500), 0.0024],
  ['amazon.nova-pro-v1:0', bedrock(1_000_000, 0), 0.8],
  ['amazon.nova-pro-v1:0', bedrock(0, 1_000_000), 3.2],
  ['amazon.nova-pro-v1:0', bedrock(1, 1), 0.000004],
  ['amazon.nova-pro-v1:0', bedrock(0, 0), 0],
  ['us.amazon.nova-pro-v1:0', bedrock(2_000, 500), 0.0032],
  ['eu.amazon.nova-pro-v1:0', bedrock(2_000, 500), 0.0032],
  [arn('us.amazon.nova-pro-v1:0'), bedrock(12_345, 678), 0.0120456],
  ['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0', bedrock(500, 100), 0.00072],
  [APPLICATION_PROFILE, bedrock(10_000, 1_000), 0.0112],
  ['amazon.nova-pro-v1:0', bedrock(100, 50, 10_000, 0), 0.00224],
  ['amazon.nova-pro-v1:0', bedrock(100, 50, 0, 10_000), 0.00024],
  ['amazon.nova-lite-v1:0', bedrock(50_000, 2_000), 0.00348],
  ['us.amazon.nova-lite-v1:0', bedrock(700, 300), 0.000114],
  [`us.${NAME}`, bedrock(2_000, 500), 0.01485],
  [`global.${NAME}`, bedrock(2_000, 500), 0.0135],
  [arn(`global.${NAME}`), bedrock(300, 20, 4_000, 2_000), 0.0099],
  [`us.${NAME}`, bedrock(300, 20, 4_000, 2_000), 0.01089],
  [`us.${NAME}`, { usage: { input_tokens: 300, output_tokens: 20, cache_read_input_tokens: 4_000 } }, 0.00264],
  // OpenAI counts cached tokens as input, Bedrock and Anthropic do not.
  ['amazon.nova-pro-v1:0', openAi(5_000, 100, 4_000), 0.00192],
];

function costOfAnswer(model: string, answer: object): number | undefined {
  const usage = tokenUsage(answer);
  const { inputTokens = 0, cacheReadTokens = 0 } = usage;
  const paid = countsCacheAsInput(answer) ? { ...usage, inputTokens: inputTokens - cacheReadTokens } : usage;
  return costOf(paid, priceOf(model, PRICES));
}

describe('the cost of a call', () => {
  test('is within 1 % of 20 that were worked out by hand', () => {
    expect(USAGES).toHaveLength(20);
    for (const [model, answer, dollars] of USAGES) {
      const found = costOfAnswer(model, answer);
      expect(Math.abs((found ?? Number.NaN) - dollars), `${model} ${JSON.stringify(answer)}`).toBeLessThanOrEqual(
        dollars * 0.01,
      );
    }
  });

  test.each([
    ['a model without a price', 'deepseek.v3.2', bedrock(1, 1)],
    ['a member of every object', 'constructor', bedrock(1, 1)],
    ['a model of the account', 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl', bedrock(1, 1)],
    ['an application profile of a model without a price', `${APPLICATION_PROFILE}x`, bedrock(1, 1)],
    ['tokens read from a cache without a price', 'amazon.nova-lite-v1:0', bedrock(1, 1, 5, 0)],
    ['tokens written to a cache without a price', 'amazon.nova-lite-v1:0', bedrock(1, 1, 0, 5)],
    ['an answer without counts', 'amazon.nova-pro-v1:0', { usage: {} }],
    ['an answer with half of them', 'amazon.nova-pro-v1:0', { usage: { inputTokens: 5 } }],
  ])('is no figure, and not 0, for %s', (_, model, answer) => {
    expect(costOfAnswer(model, answer)).toBeUndefined();
  });

  test('needs no price of a cache where the answer used none', () => {
    expect(costOfAnswer('amazon.nova-lite-v1:0', bedrock(1_000, 1_000, 0, 0))).toBeCloseTo(0.0003, 10);
  });
});
