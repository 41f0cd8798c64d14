import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyse } from '../../examples/self-hosted-model';
import { RegistryFixture, textVariant } from './registry-fixture';

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
    expect(await analyse(prompts, baseUrl, 'AMZN')).toBe('Hold.');
    expect(bodies).toEqual([
      {
        path: '/v1/chat/completions',
        model: 'my-model',
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
  });
});
