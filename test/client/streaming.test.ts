import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { expect, it } from 'vitest';
import type { PromptUse } from '../../client';
import { PromptClient } from '../../client';
import { explain } from '../../examples/streaming';
import { startLocalAws } from '../../packages/local-aws';

it('shows an answer in pieces, from the bytes of an event stream, and counts its tokens', async () => {
  const aws = await startLocalAws();
  try {
    const bedrock = new BedrockRuntimeClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.operator,
    });
    const uses: PromptUse[] = [];
    const lines: string[] = [];
    const fallback = {
      templateType: 'TEXT',
      modelId: 'amazon.nova-pro-v1:0',
      templateConfiguration: { text: { text: 'Explain {{ticker}}' } },
    } as const;
    const ssm = { send: () => Promise.reject(new Error('no registry here')) };
    const client = new PromptClient({
      ...{ parameterPrefix: '/p', alias: 'PROD', ssm, timeout: 100 },
      logger: { info: (_, use) => void uses.push(use) },
      metrics: (line) => void lines.push(line),
    });
    const prompts = {
      get: client.get.bind(client),
      run: ((name, variables, call) => client.run(name, variables, call, { fallback })) as typeof client.run,
    };
    const pieces: string[] = [];
    expect(await explain(prompts, bedrock, 'AMZN', (text) => pieces.push(text))).toBe('end_turn');
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.join('')).toMatch(/user: Explain AMZN$/);
    expect(uses).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '{}').OutputTokens).toBeGreaterThan(5);
  } finally {
    await aws.stop();
  }
});
