import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandOutput,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { bedrockRuntime } from '../../packages/local-aws/bedrock/bedrock-runtime';
import { ModelCatalog } from '../../packages/local-aws/bedrock/model-catalog';
import { PromptStore } from '../../packages/local-aws/bedrock/prompt-store';
import { ModelScripts } from '../../packages/local-aws/bedrock/scripted-models';
import { ACCOUNT, type Served, serve } from './serve';

const NOVA = 'amazon.nova-pro-v1:0';
let served: Served;
let scripts: ModelScripts;
let client: BedrockRuntimeClient;

beforeEach(async () => {
  scripts = new ModelScripts();
  served = await serve(() => [bedrockRuntime(new PromptStore(), new ModelCatalog(ACCOUNT), scripts)]);
  client = new BedrockRuntimeClient(served.administrator);
});
afterEach(() => served.stop());

const asked = (text: string, modelId = NOVA) => ({
  modelId,
  system: [{ text: 'Sort mail.' }],
  messages: [{ role: 'user' as const, content: [{ text }] }],
});
const ask = (text: string, modelId?: string) => client.send(new ConverseCommand(asked(text, modelId)));
const textOf = ({ output }: ConverseCommandOutput) => output?.message?.content?.[0]?.text;

describe('a scripted model', () => {
  it('answers by what was said, and counts', async () => {
    scripts.set(NOVA, (turns) => `${turns.map(({ speaker, text }) => `${speaker}: ${text}`).join(' / ')}`);
    const answer = await ask('My money');
    expect(textOf(answer)).toBe('system: Sort mail. / user: My money');
    expect(answer).toMatchObject({
      stopReason: 'end_turn',
      usage: { inputTokens: 5, outputTokens: 9, totalTokens: 14 },
      metrics: { latencyMs: 19 },
    });
  });

  it('is found by its profile, and by the model behind it; others echo', async () => {
    scripts.set(NOVA, () => 'the model');
    expect(textOf(await ask('a', `us.${NOVA}`))).toBe('the model');
    scripts.set(`us.${NOVA}`, () => 'the profile');
    expect(textOf(await ask('a', `us.${NOVA}`))).toBe('the profile');
    expect(textOf(await ask('a'))).toBe('the model');
    expect(textOf(await ask('a', 'amazon.nova-lite-v1:0'))).toContain('echo of local-aws');
    scripts.set(NOVA, undefined);
    expect(textOf(await ask('a'))).toContain('echo of local-aws');
  });

  it('says its own tokens, latency, stop reason and content', async () => {
    const toolUse = { toolUseId: 't-1', name: 'sort', input: { to: 'refund' } };
    scripts.set(NOVA, () => ({ content: [{ toolUse }], inputTokens: 900, outputTokens: 3, latencyMs: 400 }));
    const answer = await ask('a');
    expect(answer).toMatchObject({
      ...{ stopReason: 'tool_use', output: { message: { content: [{ toolUse }] } } },
      usage: { inputTokens: 900, outputTokens: 3, totalTokens: 903 },
      metrics: { latencyMs: 400 },
    });
    scripts.set(NOVA, () => ({ text: 'No.', stopReason: 'content_filtered' }));
    expect((await ask('a')).stopReason).toBe('content_filtered');
  });

  it('streams texts and calls of tools', async () => {
    const toolUse = { toolUseId: 't-1', name: 'sort', input: { to: 'refund' } };
    scripts.set(NOVA, () => ({ content: [{ text: 'I sort' }, { toolUse }] }));
    const { stream = [] } = await client.send(new ConverseStreamCommand(asked('a')));
    const events = [];
    for await (const event of stream) events.push(event);
    const deltas = events.map(({ contentBlockDelta }) => contentBlockDelta?.delta).filter(Boolean);
    expect(deltas).toEqual([{ text: 'I ' }, { text: 'sort' }, { toolUse: { input: '{"to":"refund"}' } }]);
    expect(events.find(({ contentBlockStart }) => contentBlockStart)?.contentBlockStart).toEqual({
      contentBlockIndex: 1,
      start: { toolUse: { toolUseId: 't-1', name: 'sort' } },
    });
    expect(events.find(({ messageStop }) => messageStop)?.messageStop?.stopReason).toBe('tool_use');
  });

  it('refuses as its script throws', async () => {
    scripts.set(NOVA, () => {
      throw new AwsError('ModelErrorException', 424, 'garbage');
    });
    await expect(ask('a')).rejects.toMatchObject({ name: 'ModelErrorException', message: 'garbage' });
  });

  it('needs the right to the model before it answers', async () => {
    scripts.set(NOVA, () => 'secret');
    client = new BedrockRuntimeClient(served.as([]));
    await expect(ask('a')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('chance', () => {
  const flaky = { share: 0.25, answer: () => 'flaky' };
  const texts = [...Array(200).keys()].map(String);
  /** What each text is answered, asked in this order. */
  function answers(seed: number, order = texts): Record<string, string | undefined> {
    const asking = new ModelScripts({ [NOVA]: { answer: () => 'sure', flaky } }, seed);
    const time = new Date();
    return Object.fromEntries(
      order.map((text) => {
        const { output } = asking.answer({ modelId: NOVA, turns: [{ speaker: 'user', text }], time });
        return [text, output.message.content[0]?.text];
      }),
    );
  }

  it('makes the share of answers flaky that the script says, by the seed and not by the order', () => {
    const first = answers(0);
    const share = Object.values(first).filter((text) => text === 'flaky').length / texts.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
    expect(answers(0, [...texts].reverse())).toEqual(first);
    expect(answers(1)).not.toEqual(first);
  });

  it('gives a repeated question another fate, and tells the script which time it is', async () => {
    scripts.set(NOVA, { answer: (_, { repeat }) => `${repeat}`, flaky });
    const said = new Set<string | undefined>();
    for (let n = 0; n < 20; n += 1) said.add(textOf(await ask('same')));
    expect(said.has('flaky')).toBe(true);
    expect(said.size).toBeGreaterThan(10);
  });

  it('throttles the share of calls that the script says, a repetition anew', async () => {
    scripts.set(NOVA, { answer: () => 'sure', throttled: 0.5 });
    let refused = 0;
    for (let n = 0; n < 60; n += 1) {
      await ask('same').catch(({ name }) => {
        expect(name).toBe('ThrottlingException');
        refused += 1;
      });
    }
    expect(refused).toBeGreaterThan(15);
    expect(refused).toBeLessThan(45);
  });

  it('gives no more tokens a minute than the script says', async () => {
    scripts.set(NOVA, { answer: () => ({ text: 'a', inputTokens: 40, outputTokens: 10 }), tokensPerMinute: 100 });
    await ask('1');
    await ask('2');
    await expect(ask('3')).rejects.toMatchObject({ name: 'ThrottlingException' });
    served.clock.time = new Date(served.clock.time.getTime() + 60_001);
    expect(textOf(await ask('3'))).toBe('a');
  });
});
