import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { analyse } from '../../examples/self-hosted-model';
import { DIGEST, RegistryFixture, textVariant } from './registry-fixture';

describe('a model of one’s own', () => {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push({ path: request.url, ...JSON.parse(body) });
    const usage = { prompt_tokens: 5, completion_tokens: 3 };
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hold.' } }], usage }));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  it('gets the messages of the version that the alias points to, and its tokens are counted', async () => {
    const fixture = await RegistryFixture.start();
    fixture.publish(3, {
      ...textVariant(),
      templateType: 'CHAT',
      inferenceConfiguration: { text: { temperature: 0.5, maxTokens: 100 } },
      templateConfiguration: {
        chat: {
          system: [{ text: 'You are an analyst.' }],
          messages: [{ role: 'user', content: [{ text: 'What of {{ticker}}?' }] }],
          inputVariables: [{ name: 'ticker' }],
        },
      },
    });
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Real time: the model's answer is on its way outside of the registry's.
    const prompts = fixture.client({ alias: 'PROD', clock: undefined });
    expect(await analyse(prompts, baseUrl, 'glm-5', 'AMZN')).toBe('Hold.');
    expect(bodies).toEqual([
      {
        path: '/v1/chat/completions',
        model: 'glm-5',
        messages: [
          { role: 'system', content: 'You are an analyst.' },
          { role: 'user', content: 'What of AMZN?' },
        ],
        temperature: 0.5,
        max_tokens: 100,
      },
    ]);
    expect(JSON.parse(fixture.metricLines[0] as string)).toMatchObject({
      InputTokens: 5,
      OutputTokens: 3,
      Version: '3',
    });
    expect(fixture.uses).toEqual([expect.objectContaining({ operation: 'run', version: 3, model: 'glm-5' })]);
  });

  it('is what the caller names, in log and span; its cost is not that of the version’s model', async () => {
    const fixture = await RegistryFixture.start();
    const price = { in: 1, out: 1, asOf: '2026-11-01' };
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const variables = { ticker: 'AMZN' };
    for (const prices of [{ 'amazon.nova-pro-v1:0': price }, { 'glm-5': price }]) {
      const prompts = fixture.client({ alias: 'PROD', prices: prices as never });
      const call = async (_request: unknown, prompt: { openai(values: object, options: object): Promise<unknown> }) => {
        await prompt.openai(variables, { model: 'glm-5' });
        return { usage: { prompt_tokens: 500_000, completion_tokens: 500_000 } };
      };
      await fixture.settle(prompts.run('financial-analysis', variables, call as never));
    }
    expect(fixture.metricLines.map((line) => JSON.parse(line).Cost)).toEqual([undefined, 1]);
    const prompt = await fixture.settle(fixture.client({ alias: 'PROD' }).get('financial-analysis'));
    await fixture.settle(prompt.openai(variables, { model: 'glm-5', sessionId: 's' }));
    expect(fixture.uses.at(-1)).toMatchObject({ operation: 'openai', model: 'glm-5', sessionId: 's', digest: DIGEST });
    await expect(fixture.settle(prompt.openai({}, { model: 'glm-5' }))).rejects.toThrow(
      expect.objectContaining({ code: 'MissingVariable' }),
    );
    vi.restoreAllMocks();
  });
});
