import { describe, expect, it } from 'vitest';
import { embeddedMetrics } from '../../client/prompt-metrics';
import { tokenUsage } from '../../client/token-usage';

const counted = { inputTokens: 11, outputTokens: 7, cacheReadTokens: 2048, cacheWriteTokens: 512 };

describe('tokens of a call', () => {
  it.each([
    [
      'Converse',
      { inputTokens: 11, outputTokens: 7, totalTokens: 18, cacheReadInputTokens: 2048, cacheWriteInputTokens: 512 },
      counted,
    ],
    [
      'Anthropic’s own body through InvokeModel',
      { input_tokens: 11, output_tokens: 7, cache_read_input_tokens: 2048, cache_creation_input_tokens: 512 },
      counted,
    ],
    [
      'chat completions of an OpenAI-compatible server',
      { prompt_tokens: 11, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 2048 } },
      { ...counted, cacheWriteTokens: undefined },
    ],
    [
      'responses of an OpenAI-compatible server',
      { input_tokens: 11, output_tokens: 7, input_tokens_details: { cached_tokens: 2048 } },
      { ...counted, cacheWriteTokens: undefined },
    ],
    [
      'vLLM, which sends null',
      { prompt_tokens: 5, completion_tokens: 3, prompt_tokens_details: null },
      { inputTokens: 5, outputTokens: 3 },
    ],
    ['nothing', undefined, {}],
  ])('%s', (_name, usage, expected) => expect(tokenUsage({ usage })).toEqual(expected));

  it('are metrics; a cache that was not used costs none', () => {
    const use = { operation: 'run', prompt: 'p', alias: 'PROD', version: 3, source: 'registry', age: 0 } as const;
    const written = (usage: object) => JSON.parse(embeddedMetrics({ use, registry: '/p', latency: 1, time: 0, usage }));
    expect(written(counted)).toMatchObject({ CacheReadTokens: 2048, CacheWriteTokens: 512 });
    const names = (usage: object) =>
      written(usage)._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name);
    expect(names(counted)).toContain('CacheReadTokens');
    expect(names({ ...counted, cacheReadTokens: 0, cacheWriteTokens: 0 })).toEqual([
      'Uses',
      'Errors',
      'Latency',
      'InputTokens',
      'OutputTokens',
    ]);
  });
});
