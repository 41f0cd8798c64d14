import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, it } from 'vitest';
import type { PromptFallback } from '../../client';
import { CONTENT_FIELDS, type ContentField } from '../../core/content/content-fields';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { DIGEST, RegistryFixture } from './registry-fixture';
import { versionArn } from './registry-server';

const NAME = 'financial-analysis';
const PROD = { alias: 'PROD' };
const cachePoint = { type: 'default' } as const;
const inference = { temperature: 0.2, topP: 0.9, maxTokens: 100, stopSequences: ['END'] };
const toolSpec = {
  name: 'price',
  description: 'Last price',
  inputSchema: { json: { type: 'object', properties: { ticker: { type: 'string' } } } },
  strict: true,
};
const common = {
  name: 'default',
  modelId: 'us.amazon.nova-pro-v1:0',
  inferenceConfiguration: { text: inference },
  additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
  metadata: [{ key: 'team', value: 'equities' }],
};
const inputVariables = [{ name: 'ticker' }];

const TEXT: PromptVariantContent = {
  ...common,
  templateType: 'TEXT',
  templateConfiguration: { text: { text: 'Analyse {{ticker}} now', inputVariables, cachePoint } },
};
const chat = (toolChoice: object) =>
  ({
    ...common,
    templateType: 'CHAT',
    templateConfiguration: {
      chat: {
        system: [{ text: 'You are an analyst.' }, { cachePoint }, { text: 'Be brief about {{ticker}}.' }],
        messages: [
          { role: 'user', content: [{ text: 'What of {{ticker}}?' }, { cachePoint }, { text: 'Answer.' }] },
          { role: 'assistant', content: [{ text: 'Of {{ticker}}:' }] },
        ],
        inputVariables,
        toolConfiguration: { tools: [{ toolSpec }, { cachePoint }], toolChoice },
      },
    },
  }) as PromptVariantContent;

/** What really goes to Bedrock, through the SDK. */
async function sent(variant: PromptFallback) {
  const fixture = await RegistryFixture.start();
  fixture.server.behaviour = '500';
  let body: unknown;
  const bedrock = new BedrockRuntimeClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    requestHandler: {
      handle: async (request: { body: Uint8Array; path: string }) => {
        body = {
          model: decodeURIComponent(request.path.split('/')[2] ?? ''),
          ...JSON.parse(new TextDecoder().decode(request.body)),
        };
        throw new Error('sent');
      },
    } as never,
    maxAttempts: 1,
  });
  const run = fixture.client().run(NAME, { ticker: 'AMZN' }, (request) => bedrock.send(new ConverseCommand(request)), {
    ...PROD,
    fallback: variant,
  });
  await expect(fixture.settle(run)).rejects.toThrow('sent');
  return body;
}

const request = {
  model: 'us.amazon.nova-pro-v1:0',
  inferenceConfig: inference,
  additionalModelRequestFields: common.additionalModelRequestFields,
  requestMetadata: { prompt: NAME, alias: 'PROD', source: 'fallback' },
};

describe('a fallback is the request that the version would have been', () => {
  it('of a text', async () => {
    expect(await sent(TEXT)).toEqual({
      ...request,
      messages: [{ role: 'user', content: [{ text: 'Analyse AMZN now' }, { cachePoint }] }],
    });
  });

  it.each([{ auto: {} }, { any: {} }, { tool: { name: 'price' } }])(
    'of a conversation with tools, %j',
    async (choice) => {
      expect(await sent(chat(choice))).toEqual({
        ...request,
        system: [{ text: 'You are an analyst.' }, { cachePoint }, { text: 'Be brief about AMZN.' }],
        messages: [
          { role: 'user', content: [{ text: 'What of AMZN?' }, { cachePoint }, { text: 'Answer.' }] },
          { role: 'assistant', content: [{ text: 'Of AMZN:' }] },
        ],
        toolConfig: { tools: [{ toolSpec }, { cachePoint }], toolChoice: choice },
      });
    },
  );

  it('without what a version holds empty', async () => {
    const variant = chat({ auto: {} });
    const empty = structuredClone(variant) as unknown as { templateConfiguration: { chat: Record<string, unknown> } };
    Object.assign(empty.templateConfiguration.chat, { system: [], toolConfiguration: { tools: [] } });
    const body = await sent(empty as never);
    expect(body).not.toHaveProperty('system');
    expect(body).not.toHaveProperty('toolConfig');
  });

  it('and these examples hold every field that a version can have', () => {
    const known = [...paths(CONTENT_FIELDS)].filter((path) => !path.startsWith('genAiResource'));
    const present = new Set(
      [TEXT, chat({ auto: {} }), chat({ any: {} }), chat({ tool: { name: 'price' } })].flatMap((example) => [
        ...pathsIn(example, CONTENT_FIELDS),
      ]),
    );
    expect(known.filter((path) => !present.has(path))).toEqual([]);
  });
});

describe('or a typed error', () => {
  const withField = (field: object) => ({ ...TEXT, ...field }) as PromptVariantContent;

  it.each<[string, PromptVariantContent, string]>([
    ['an agent', withField({ genAiResource: { agent: { agentIdentifier: 'a' } } }), 'genAiResource'],
    ['a field that AWS added', withField({ guardrail: { id: 'g' } }), 'guardrail'],
    [
      'an inference setting that AWS added',
      withField({ inferenceConfiguration: { text: { ...inference, seed: 7 } } }),
      'inferenceConfiguration.text.seed',
    ],
    [
      'a kind of block that AWS added',
      withField({
        templateType: 'CHAT',
        templateConfiguration: { chat: { messages: [{ role: 'user', content: [{ image: {} }] }] } },
      }),
      'templateConfiguration.chat.messages.content.image',
    ],
    [
      'an empty block',
      withField({
        templateType: 'CHAT',
        templateConfiguration: { chat: { messages: [{ role: 'user', content: [{}] }] } },
      }),
      'block but of one text or one cachePoint',
    ],
  ])('for %s', async (_name, fallback, found) => {
    const fixture = await RegistryFixture.start();
    fixture.server.behaviour = '500';
    const prompt = await fixture.settle(fixture.client().get(NAME, { ...PROD, fallback }));
    const variables: Record<string, string> = fallback.templateType === 'TEXT' ? { ticker: 'AMZN' } : {};
    expect(() => prompt.converse(variables)).toThrow(
      expect.objectContaining({
        code: 'FallbackUnsupported',
        message: `${NAME}: a fallback becomes a request to Converse, which takes no ${found}; remove it`,
      }),
    );
  });
});

describe('a snapshot', () => {
  it('is the same request as the version, which names what the model may do', async () => {
    const fixture = await RegistryFixture.start();
    const prompt = await fixture.settle(fixture.client().get(NAME, PROD));
    const ofVersion = prompt.converse({ ticker: 'AMZN' });
    const snapshot = {
      schema: 1,
      parameterPrefix: '/prompts/prod',
      time: '2026-11-01T00:00:00Z',
      aliases: { [`${NAME}/PROD`]: versionArn(3) },
      versions: { [versionArn(3)]: { digest: DIGEST, sha256: '', variant: TEXT } },
    };
    fixture.server.behaviour = '500';
    const stored = await fixture.settle(fixture.client({ snapshot }).get(NAME, PROD));
    const { requestMetadata, ...rest } = stored.converse({ ticker: 'AMZN' });
    expect({ ...rest, requestMetadata: { ...requestMetadata, source: 'registry' } }).toEqual(ofVersion);
  });
});

describe('text and tools', () => {
  it('are both the fallback’s once one of them was', async () => {
    const fixture = await RegistryFixture.start();
    const client = fixture.client();
    await fixture.settle(client.get(NAME, PROD));
    const prompt = await client.get(NAME, { ...PROD, fallback: TEXT });
    fixture.server.behaviour = '429';
    expect(await fixture.settle(prompt.compile({ ticker: 'AMZN' }))).toBe('Analyse AMZN now');
    fixture.server.behaviour = 'up';
    expect(await fixture.settle(prompt.content())).toBe(TEXT);
  });
});

function* paths(field: ContentField, path = ''): Generator<string> {
  if (typeof field === 'string') yield path;
  else if ('list' in field) yield* paths(field.list, path);
  else for (const [name, member] of Object.entries(field.fields)) yield* paths(member, path ? `${path}.${name}` : name);
}

function* pathsIn(value: unknown, field: ContentField, path = ''): Generator<string> {
  if (value === undefined) return;
  if (typeof field === 'string') yield path;
  else if ('list' in field) for (const item of value as unknown[]) yield* pathsIn(item, field.list, path);
  else
    for (const [name, member] of Object.entries(field.fields))
      yield* pathsIn((value as Record<string, unknown>)[name], member, path ? `${path}.${name}` : name);
}
