import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { BedrockRuntimeClient, ContentBlock, ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { fakePrompts } from 'cdk-prompt-registry/client';
import { Application } from '../src/application';
import type { Prompts } from '../src/prompts';

const prompts = fakePrompts<Prompts>({ greeting: 'Greet {{name}}.', support: 'Answer {{question}}' });

/** A model that says the given turns, one at each call. */
function modelThat(...turns: ContentBlock[]) {
  const inputs: ConverseCommandInput[] = [];
  const send = async ({ input }: { readonly input: ConverseCommandInput }) => {
    inputs.push(input);
    const block = turns[inputs.length - 1];
    if (block === undefined) throw new Error('the model was called once too often');
    const stopReason = block.toolUse ? 'tool_use' : 'end_turn';
    return { stopReason, output: { message: { role: 'assistant', content: [block] } } };
  };
  return { inputs, bedrock: { send } as unknown as Pick<BedrockRuntimeClient, 'send'> };
}

test('a greeting names the customer', async () => {
  const { inputs, bedrock } = modelThat({ text: 'Hello, Ada!' });
  strictEqual(await new Application(prompts, bedrock).greet('Ada'), 'Hello, Ada!');
  deepStrictEqual(inputs[0]?.promptVariables, { name: { text: 'Ada' } });
});

test('support looks an order up when the model asks for it', async () => {
  const toolUse = { toolUseId: '1', name: 'order_status', input: { order: '1815' } };
  const { inputs, bedrock } = modelThat({ toolUse }, { text: 'It is on its way.' });
  strictEqual(await new Application(prompts, bedrock).support('Where is 1815?'), 'It is on its way.');
  const answer = { toolResult: { toolUseId: '1', content: [{ json: { order: '1815', status: 'on its way' } }] } };
  deepStrictEqual(inputs[1]?.messages?.at(-1), { role: 'user', content: [answer] });
});

test('a model that asks for tools without end is stopped', async () => {
  const toolUse = { toolUseId: '1', name: 'order_status', input: { order: '1815' } };
  const { inputs, bedrock } = modelThat(...Array.from({ length: 9 }, () => ({ toolUse })));
  await new Application(prompts, bedrock).support('Where is 1815?');
  strictEqual(inputs.length, 4);
});

test('an error of the model is the caller’s', async () => {
  await rejects(new Application(prompts, modelThat().bedrock).greet('Ada'), /once too often/);
});
