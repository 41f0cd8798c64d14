import { BedrockAgentClient, CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakePrompts, PromptClient, type PromptRunner } from '../../client';
import { Chat } from '../../examples/chat-history';
import type { LocalAws } from '../../packages/local-aws';
import { startLocalAws } from '../../packages/local-aws';

const PREFIX = '/prompts/test';
const VARIANT = {
  name: 'default',
  templateType: 'CHAT' as const,
  modelId: 'amazon.nova-pro-v1:0',
  templateConfiguration: {
    chat: {
      messages: [{ role: 'user' as const, content: [{ text: '{{question}}' }] }],
      inputVariables: [{ name: 'question' }],
    },
  },
};

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

it('sends every turn again, behind the prompt, to Converse as local-aws checks it', async () => {
  const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
  const bedrockAgent = new BedrockAgentClient(client);
  const { id } = await bedrockAgent.send(
    new CreatePromptCommand({ name: 'support', defaultVariant: 'default', variants: [VARIANT] }),
  );
  const { arn } = await bedrockAgent.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
  const ssm = new SSMClient(client);
  await ssm.send(new PutParameterCommand({ Name: `${PREFIX}/support/PROD`, Type: 'String', Value: arn }));
  const silent = { logger: false, metrics: false } as const;
  const prompts = new PromptClient({ parameterPrefix: PREFIX, alias: 'PROD', ssm, bedrockAgent, ...silent });

  const chat = new Chat(prompts, new BedrockRuntimeClient(client), { question: 'Where is 1815?' });
  expect(await chat.answer()).toMatch(/user: Where is 1815\?$/);
  expect(await chat.answer('And 1816?')).toMatch(/user: Where is 1815\?\nassistant: .*\nuser: And 1816\?$/s);
  expect(chat.turns.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant']);
});

it('keeps nothing of a turn that failed', async () => {
  const prompts: PromptRunner = fakePrompts({ support: '{{question}}' });
  const send = () => Promise.reject(new Error('down'));
  const chat = new Chat(prompts, { send } as never, { question: 'Where?' });
  await expect(chat.answer()).rejects.toThrow('down');
  expect(chat.turns).toEqual([]);
});
