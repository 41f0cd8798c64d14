import {
  BedrockAgentClient,
  CreatePromptCommand,
  CreatePromptVersionCommand,
  type PromptVariant,
} from '@aws-sdk/client-bedrock-agent';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bedrockAgent } from '../../packages/local-aws/bedrock/bedrock-agent';
import { bedrockRuntime } from '../../packages/local-aws/bedrock/bedrock-runtime';
import { type CatalogModel, ModelCatalog } from '../../packages/local-aws/bedrock/model-catalog';
import { PromptStore } from '../../packages/local-aws/bedrock/prompt-store';
import { ACCOUNT, type Served, serve } from './serve';

const NOVA = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0';
const PROFILE = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.amazon.nova-pro-v1:0`;
let served: Served;
let client: BedrockRuntimeClient;
let arn: string;
let catalog: ModelCatalog;

const variant = (more: Partial<PromptVariant> = {}): PromptVariant => ({
  name: 'main',
  templateType: 'TEXT',
  templateConfiguration: { text: { text: 'Sort {{ticket}} for {{team}}, really {{ticket}}' } },
  modelId: 'amazon.nova-pro-v1:0',
  ...more,
});
const promptVariables = { ticket: { text: 'It $& burns' }, team: { text: 'support' } };

async function publish(content: PromptVariant, name = 'sorter'): Promise<string> {
  const agent = new BedrockAgentClient(served.administrator);
  const prompt = await agent.send(new CreatePromptCommand({ name, variants: [content] }));
  await agent.send(new CreatePromptVersionCommand({ promptIdentifier: prompt.id }));
  return prompt.arn ?? '';
}
async function converse(input: Partial<ConverseCommandInput>, as = client) {
  const answer = await as.send(new ConverseCommand({ modelId: arn, ...input }));
  return { answer, text: answer.output?.message?.content?.[0]?.text ?? '' };
}
const caller = (...grants: [action: string, resource: string, condition?: object][]) =>
  new BedrockRuntimeClient(
    served.as(
      grants.map(([action, Resource, Condition]) => ({
        ...{ Effect: 'Allow', Action: `bedrock:${action}`, Resource },
        ...(Condition && { Condition }),
      })),
    ),
  );

beforeEach(async () => {
  const store = new PromptStore();
  catalog = new ModelCatalog(ACCOUNT);
  served = await serve(() => [bedrockAgent(store), bedrockRuntime(store, catalog)]);
  client = new BedrockRuntimeClient(served.administrator);
  arn = await publish(variant());
});
afterEach(() => served.stop());

describe('Converse with a prompt', () => {
  test('answers with the version, its model and the text with all variables filled in', async () => {
    const { answer, text } = await converse({ modelId: `${arn}:1`, promptVariables });
    expect(text).toContain(`prompt: ${arn}:1\nversion: 1\nmodel: amazon.nova-pro-v1:0`);
    expect(text).toContain('user: Sort It $& burns for support, really It $& burns');
    expect(answer).toMatchObject({ stopReason: 'end_turn', usage: { inputTokens: expect.any(Number) } });
    expect(answer.usage?.totalTokens).toBe((answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0));
    expect(answer.metrics?.latencyMs).toBeGreaterThan(0);
  });

  test('runs the draft when the ARN has no version', async () => {
    expect((await converse({ promptVariables })).text).toContain(`prompt: ${arn}\nversion: DRAFT`);
  });

  test('puts the messages of the request after those of the prompt', async () => {
    const chat = {
      system: [{ text: 'You serve {{team}}' }],
      messages: [{ role: 'user' as const, content: [{ text: 'About {{ticket}}' }] }],
    };
    const content = variant({ templateType: 'CHAT', templateConfiguration: { chat } });
    const modelId = `${await publish(content, 'chat')}:1`;
    const messages = [{ role: 'assistant' as const, content: [{ text: 'More?' }] }];
    const { text } = await converse({ modelId, promptVariables, messages });
    expect(text).toContain('system: You serve support\nuser: About It $& burns\nassistant: More?');
  });

  test('refuses a missing variable by name', async () => {
    const refused = converse({ promptVariables: { ticket: { text: 'x' } } });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('team'),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each([
    ['inferenceConfig', { inferenceConfig: { temperature: 1 } }],
    ['system', { system: [{ text: 'x' }] }],
    ['toolConfig', { toolConfig: { tools: [{ toolSpec: { name: 'x', inputSchema: { json: {} } } }] } }],
    ['additionalModelRequestFields', { additionalModelRequestFields: { top_k: 1 } }],
  ])('refuses %s', async (field, input) => {
    const refused = converse({ promptVariables, ...input });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(field),
    });
  });

  test('knows no version that is not there, nor a prompt without a model', async () => {
    await expect(converse({ modelId: `${arn}:2` })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const modelId = await publish(variant({ modelId: undefined }), 'no-model');
    await expect(converse({ modelId, promptVariables })).rejects.toThrow('has no model');
  });

  test('fails when the model of a pinned version has reached its end of life', async () => {
    const modelId = await publish(variant({ modelId: 'anthropic.claude-3-haiku-20240307-v1:0' }), 'old');
    await expect(converse({ modelId, promptVariables })).resolves.toBeDefined();
    served.clock.time = new Date('2027-03-01T00:00:00Z');
    await expect(converse({ modelId, promptVariables })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('end of its life'),
    });
  });
});

describe('IAM is asked', () => {
  test('for RenderPrompt on the version, in words that speak of the account', async () => {
    const first = caller(['RenderPrompt', `${arn}:1`], ['InvokeModel', NOVA]);
    await expect(converse({ modelId: `${arn}:1`, promptVariables }, first)).resolves.toBeDefined();
    await expect(converse({ modelId: arn, promptVariables }, first)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'Your account is not authorized to invoke this API operation with a prompt resource.',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(converse({ modelId: `${arn}:2`, promptVariables }, first)).rejects.toThrow('with a prompt resource');
  });

  test('for InvokeModel on the model of the version', async () => {
    const renderer = caller(['RenderPrompt', `${arn}:1`]);
    const denied = converse({ modelId: `${arn}:1`, promptVariables }, renderer);
    await expect(denied).rejects.toThrow(`bedrock:InvokeModel on resource: ${NOVA}`);
  });

  test('for a profile and for the model in every Region that the profile leads to', async () => {
    const modelId = `${await publish(variant({ modelId: 'us.amazon.nova-pro-v1:0' }), 'profiled')}:1`;
    const everywhere = 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0';
    const through = { StringEquals: { 'bedrock:InferenceProfileArn': PROFILE } };
    const ask = (...grants: Parameters<typeof caller>) =>
      converse({ modelId, promptVariables }, caller(['RenderPrompt', '*'], ...grants));
    await expect(ask(['InvokeModel', everywhere, through])).rejects.toThrow(`on resource: ${PROFILE}`);
    await expect(ask(['InvokeModel', PROFILE])).rejects.toThrow(NOVA);
    await expect(ask(['InvokeModel', PROFILE], ['InvokeModel', NOVA])).rejects.toThrow(
      NOVA.replace('us-east-1', 'us-east-2'),
    );
    await expect(ask(['InvokeModel', PROFILE], ['InvokeModel', everywhere, through])).resolves.toBeDefined();
    const other = { StringEquals: { 'bedrock:InferenceProfileArn': `${PROFILE}x` } };
    await expect(ask(['InvokeModel', PROFILE], ['InvokeModel', everywhere, other])).rejects.toThrow(NOVA);
  });
});

describe('Converse with a model', () => {
  const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];

  test('echoes the conversation', async () => {
    const { text } = await converse({ modelId: 'amazon.nova-pro-v1:0', messages, system: [{ text: 'Be short' }] });
    expect(text).toContain('model: amazon.nova-pro-v1:0\n\nsystem: Be short\nuser: Hello');
    const denied = converse({ modelId: 'amazon.nova-pro-v1:0', messages }, caller(['RenderPrompt', '*']));
    await expect(denied).rejects.toThrow(`bedrock:InvokeModel on resource: ${NOVA}`);
  });

  test.each([
    ['amazon.nova-imaginary', 'model identifier is invalid'],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'on-demand throughput isn’t supported'],
    ['eu.amazon.nova-pro-v1:0', 'model identifier is invalid'],
  ])('refuses %s', async (modelId, message) => {
    await expect(converse({ modelId, messages })).rejects.toThrow(message);
  });

  test.each(['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0'])(
    'runs through the profile %s',
    async (modelId) => {
      expect((await converse({ modelId, messages })).text).toContain(`model: ${modelId}`);
    },
  );
});

describe('A stream', () => {
  const streamed = async (input: ConverseStreamCommandInput) => {
    const events: ConverseStreamOutput[] = [];
    for await (const event of (await client.send(new ConverseStreamCommand(input))).stream ?? []) events.push(event);
    return events;
  };

  test('says in pieces what Converse says at once, in the order of AWS', async () => {
    const events = await streamed({ modelId: arn, promptVariables });
    const text = events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.text ?? '').join('');
    expect(text).toBe((await converse({ promptVariables })).text);
    const kinds = events.map((event) => Object.keys(event)[0]);
    expect([...new Set(kinds)]).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(kinds.filter((kind) => kind === 'contentBlockDelta').length).toBeGreaterThan(5);
    expect(events.at(-1)?.metadata?.usage?.totalTokens).toBeGreaterThan(5);
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn');
  });

  test('carries what is no ASCII', async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'grüße 日本 ❤️' }] }];
    const events = await streamed({ modelId: 'amazon.nova-pro-v1:0', messages });
    expect(events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.text ?? '').join('')).toContain(
      'grüße 日本 ❤️',
    );
  });

  test('needs an action of its own on the model', async () => {
    const stream = async (action: string) => {
      const as = caller(['RenderPrompt', arn], [action, NOVA]);
      return (await as.send(new ConverseStreamCommand({ modelId: arn, promptVariables }))).stream;
    };
    await expect(stream('InvokeModel')).rejects.toThrow(/InvokeModelWithResponseStream/);
    expect(await stream('InvokeModelWithResponseStream')).toBeDefined();
  });

  test('is refused as Converse is', async () => {
    await expect(streamed({ modelId: 'nonsense', messages: [] })).rejects.toThrow('model identifier is invalid');
  });
});

test('What is not done is refused by name', async () => {
  const invoked = client.send(new InvokeModelCommand({ modelId: arn, body: '{}' }));
  await expect(invoked).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
  const traced = { guardrailConfig: { guardrailIdentifier: 'x', guardrailVersion: '1', trace: 'enabled' as const } };
  await expect(converse({ promptVariables, ...traced })).rejects.toThrow('Converse: trace');
});

describe('A guardrail', () => {
  const GUARDRAIL = `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/abc123`;
  const only = { StringEquals: { 'bedrock:GuardrailIdentifier': `${GUARDRAIL}:3` } };
  const asked = (guardrailIdentifier: string, guardrailVersion: string) => ({
    guardrailConfig: { guardrailIdentifier, guardrailVersion },
  });
  const guarded = (model: string, apply = GUARDRAIL) =>
    caller(['RenderPrompt', arn], ['InvokeModel', model, only], ['ApplyGuardrail', apply]);

  test.each([
    ['none', {}],
    ['another one', asked('def456', '3')],
    ['another version', asked(GUARDRAIL, '4')],
    ['its draft', asked(GUARDRAIL, 'DRAFT')],
  ])('that IAM demands is not %s', async (_, config) => {
    const as = guarded(NOVA, `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/*`);
    await expect(converse({ promptVariables, ...config }, as)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('is the one that the call names, by id or ARN, also for each model of a profile', async () => {
    const { text } = await converse({ promptVariables, ...asked(GUARDRAIL, '3') }, guarded(NOVA));
    expect(text).toContain(`guardrail: ${GUARDRAIL}:3`);
    expect((await converse({ promptVariables, ...asked('abc123', '3') }, guarded(NOVA))).text).toContain(GUARDRAIL);
    arn = await publish(variant({ modelId: 'us.amazon.nova-pro-v1:0' }), 'routed');
    const models = 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0';
    const grants: Parameters<typeof caller> = [
      ['RenderPrompt', arn],
      ['ApplyGuardrail', GUARDRAIL],
    ];
    const through = caller(...grants, ['InvokeModel', PROFILE, only], ['InvokeModel', models, only]);
    expect((await converse({ promptVariables, ...asked(GUARDRAIL, '3') }, through)).text).toContain(GUARDRAIL);
    await expect(converse({ promptVariables }, through)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('may have to be applied by right of its own, and is named with its version', async () => {
    const as = guarded(NOVA, `${GUARDRAIL}0`);
    await expect(converse({ promptVariables, ...asked(GUARDRAIL, '3') }, as)).rejects.toThrow('bedrock:ApplyGuardrail');
    await expect(converse({ promptVariables, ...asked(GUARDRAIL, '') })).rejects.toThrow('must be given together');
  });
});

describe('A model of the catalogue', () => {
  const HAIKU = 'anthropic.claude-3-haiku-20240307-v1:0';
  const said = { modelId: HAIKU, messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] };
  const days = (count: number) => {
    served.clock.time = new Date(served.clock.time.getTime() + count * 86_400_000);
  };

  test('that is LEGACY refuses an account that did not call it for its days', async () => {
    catalog.set({ ...(catalog.get(HAIKU) as CatalogModel), idleDays: 15, legacyTime: '2026-11-20' });
    await converse(said);
    days(14);
    await converse(said);
    days(16);
    await expect(converse(said)).rejects.toThrow('marked by provider as Legacy');
    days(1);
    await expect(converse(said)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('that is ACTIVE waits for its callers', async () => {
    catalog.set({ ...(catalog.get(HAIKU) as CatalogModel), idleDays: 15, legacyTime: '2099-01-01' });
    days(90);
    await converse(said);
  });

  test('ends from one moment to the next, and may be taken away', async () => {
    catalog.set({ ...(catalog.get(HAIKU) as CatalogModel), endOfLifeTime: '2026-01-01' });
    await expect(converse(said)).rejects.toThrow('end of its life');
    catalog.remove(HAIKU);
    await expect(converse(said)).rejects.toThrow('model identifier is invalid');
  });

  test('that makes vectors does not converse', async () => {
    await expect(converse({ ...said, modelId: 'amazon.titan-embed-text-v2:0' })).rejects.toThrow('is invalid');
  });
});

describe('A conversation that Bedrock refuses', () => {
  const user = (text = 'Hi') => ({ role: 'user' as const, content: [{ text }] });
  const assistant = (text = 'Hello') => ({ role: 'assistant' as const, content: [{ text }] });
  const tool = (name: string) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } });
  type Chat = NonNullable<NonNullable<PromptVariant['templateConfiguration']>['chat']>;
  const START = 'A conversation must start with a user message';
  const ALTERNATE = 'A conversation must alternate between user and assistant roles';

  test.each<[string, Chat, string]>([
    ['begins with the assistant', { messages: [assistant(), user()] }, START],
    ['has nobody in it', { messages: [] }, START],
    ['has the user twice', { messages: [user(), user()] }, ALTERNATE],
    ['has the assistant twice', { messages: [user(), assistant(), assistant()] }, ALTERNATE],
    [
      'has an empty message',
      { messages: [{ role: 'user', content: [] }] },
      'The content field in the Message object at messages.0 is empty',
    ],
    [
      'has a blank text',
      { messages: [user(), assistant(' ')] },
      'The text field in the ContentBlock object at messages.1.content.0 is blank',
    ],
    [
      'is blank once it is filled',
      { messages: [user('{{empty}}')] },
      'The text field in the ContentBlock object at messages.0.content.0 is blank',
    ],
    [
      'has a blank system text',
      { messages: [user()], system: [{ text: '\n' }] },
      'The text field in the SystemContentBlock object at system.0 is blank',
    ],
    [
      'has two tools of one name',
      { messages: [user()], toolConfiguration: { tools: [tool('a'), tool('a')] } },
      'tools: Tool names must be unique',
    ],
  ])('%s: CreatePrompt takes it, and Converse does not', async (_, chat, message) => {
    const modelId = await publish(variant({ templateType: 'CHAT', templateConfiguration: { chat } }), 'chat');
    const answer = converse({ modelId, promptVariables: { empty: { text: '' } } });
    await expect(answer).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  test('is refused without a prompt as well', async () => {
    const refused = (input: Partial<ConverseCommandInput>, message: string) =>
      expect(converse({ modelId: 'amazon.nova-pro-v1:0', ...input })).rejects.toThrow(message);
    await refused({ messages: [assistant()] }, START);
    await refused({ messages: [user(), user()] }, ALTERNATE);
    await refused({ messages: [user(' ')] }, 'is blank');
    await refused({ messages: [user()], system: [{ text: '' }] }, 'is blank');
    await refused({ messages: [user()], toolConfig: { tools: [tool('a'), tool('a')] } }, 'must be unique');
  });

  test('is not one that the caller begins or goes on with', async () => {
    const chat = { messages: [], system: [{ text: 'Be kind.' }] };
    const modelId = await publish(variant({ templateType: 'CHAT', templateConfiguration: { chat } }), 'system');
    expect((await converse({ modelId, messages: [user()] })).text).toContain('user: Hi');
    await expect(converse({ modelId, messages: [assistant()] })).rejects.toThrow(START);

    const ends = { messages: [user('One'), assistant('Two')] };
    const turns = await publish(variant({ templateType: 'CHAT', templateConfiguration: { chat: ends } }), 'turns');
    expect((await converse({ modelId: turns, messages: [user('Three')] })).text).toContain(
      'assistant: Two\nuser: Three',
    );
    await expect(converse({ modelId: turns, messages: [user(), user()] })).rejects.toThrow(ALTERNATE);
  });
});
