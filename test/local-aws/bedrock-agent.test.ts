import {
  BedrockAgentClient,
  CreatePromptCommand,
  type CreatePromptCommandInput,
  CreatePromptVersionCommand,
  DeletePromptCommand,
  GetPromptCommand,
  ListPromptsCommand,
  ListTagsForResourceCommand,
  type PromptTemplateConfiguration,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BedrockAgentOptions, bedrockAgent } from '../../packages/local-aws/bedrock/bedrock-agent';
import { PromptStore } from '../../packages/local-aws/bedrock/prompt-store';
import { type Served, serve } from './serve';

const variant = {
  name: 'main',
  templateType: 'TEXT' as const,
  templateConfiguration: { text: { text: 'Sort {{ticket}}', inputVariables: [{ name: 'ticket' }] } },
  modelId: 'amazon.nova-pro-v1:0',
  inferenceConfiguration: { text: { temperature: 0.2, topP: 0.9, maxTokens: 100 } },
  additionalModelRequestFields: { top_k: 5 },
};
let served: Served;
let client: BedrockAgentClient;

async function start(options?: BedrockAgentOptions) {
  const store = new PromptStore();
  served = await serve(() => [bedrockAgent(store, options)]);
  client = new BedrockAgentClient(served.administrator);
}
const create = (input: Partial<CreatePromptCommandInput> = {}) =>
  client.send(new CreatePromptCommand({ name: 'sorter', variants: [variant], ...input }));
const publish = (promptIdentifier: string | undefined, more: { description?: string; clientToken?: string } = {}) =>
  client.send(new CreatePromptVersionCommand({ promptIdentifier, ...more }));
const get = (promptIdentifier: string | undefined, promptVersion?: string) =>
  client.send(new GetPromptCommand({ promptIdentifier, promptVersion }));

beforeEach(() => start());
afterEach(() => served.stop());

describe('A prompt', () => {
  test('is created as a draft and read by id or ARN', async () => {
    const { id, arn } = await create({ description: 'sorts tickets' });
    expect(arn).toBe(`arn:aws:bedrock:us-east-1:111122223333:prompt/${id}`);
    for (const identifier of [id, arn]) {
      expect(await get(identifier)).toMatchObject({ id, arn, version: 'DRAFT', description: 'sorts tickets' });
    }
    expect((await get(id, 'DRAFT')).variants?.[0]?.templateConfiguration?.text?.text).toBe('Sort {{ticket}}');
    expect((await get(id)).variants?.[0]?.additionalModelRequestFields).toEqual({ top_k: 5 });
  });

  test('keeps temperature and topP as 32-bit floats', async () => {
    const { id } = await create();
    const settings = (await get(id)).variants?.[0]?.inferenceConfiguration?.text;
    expect(settings).toMatchObject({ temperature: 0.20000000298023224, topP: 0.8999999761581421, maxTokens: 100 });
  });

  test('shows no text when only metadata is asked for', async () => {
    const { id } = await create();
    const shown = await client.send(new GetPromptCommand({ promptIdentifier: id, includedData: 'METADATA_ONLY' }));
    expect(shown).toMatchObject({ id, name: 'sorter', version: 'DRAFT' });
    expect(shown.variants).toBeUndefined();
  });

  test('is replaced as a whole by an update', async () => {
    const { id } = await create({ description: 'sorts tickets', defaultVariant: 'main' });
    served.clock.time = new Date('2026-11-22T13:00:00Z');
    const { inferenceConfiguration: _, ...plain } = variant;
    await client.send(new UpdatePromptCommand({ promptIdentifier: id, name: 'sorter', variants: [plain] }));
    const draft = await get(id);
    expect(draft.description).toBeUndefined();
    expect(draft.defaultVariant).toBeUndefined();
    expect(draft.variants?.[0]?.inferenceConfiguration).toBeUndefined();
    expect(draft.createdAt).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(draft.updatedAt).toEqual(new Date('2026-11-22T13:00:00Z'));
  });

  test('of a name that is taken is refused, but only in its Region', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    const there = new BedrockAgentClient({ ...served.administrator, region: 'eu-west-1' });
    const { arn } = await there.send(new CreatePromptCommand({ name: 'sorter' }));
    expect(arn).toContain(':eu-west-1:');
    await expect(get(arn)).resolves.toMatchObject({ arn });
  });

  test('is created once for a repeated client token', async () => {
    const clientToken = 'a'.repeat(33);
    const first = await create({ clientToken });
    expect(await create({ clientToken })).toMatchObject({ id: first.id });
  });

  test('takes its versions along when it is deleted', async () => {
    const { id } = await create();
    await publish(id);
    expect(await client.send(new DeletePromptCommand({ promptIdentifier: id }))).toMatchObject({ id });
    await expect(get(id, '1')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(client.send(new DeletePromptCommand({ promptIdentifier: id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('A version', () => {
  test('is a snapshot that later drafts do not touch', async () => {
    const { id, arn } = await create({ description: 'of the draft' });
    const version = await publish(id, { description: 'first' });
    expect(version).toMatchObject({ arn: `${arn}:1`, version: '1', description: 'first', name: 'sorter' });
    const text = { text: 'Another' };
    const changed = { ...variant, templateConfiguration: { text } };
    await client.send(new UpdatePromptCommand({ promptIdentifier: id, name: 'renamed', variants: [changed] }));
    for (const read of [get(id, '1'), get(`${arn}:1`), get(arn, '1')]) {
      expect((await read).variants?.[0]?.templateConfiguration?.text?.text).toBe('Sort {{ticket}}');
      expect(await read).toMatchObject({ name: 'sorter', version: '1', arn: `${arn}:1` });
    }
  });

  test('number rises and is never given twice, even after the newest was deleted', async () => {
    const { id } = await create();
    await publish(id);
    await publish(id);
    await client.send(new DeletePromptCommand({ promptIdentifier: id, promptVersion: '2' }));
    expect((await publish(id)).version).toBe('3');
    await expect(get(id, '2')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('is the eleventh and refused, until one is deleted', async () => {
    const { id } = await create();
    for (let i = 0; i < 10; i += 1) {
      await publish(id);
    }
    const refused = { name: 'ServiceQuotaExceededException', $metadata: { httpStatusCode: 402 } };
    await expect(publish(id)).rejects.toMatchObject(refused);
    await client.send(new DeletePromptCommand({ promptIdentifier: id, promptVersion: '1' }));
    expect((await publish(id)).version).toBe('11');
  });

  test('is published once for a repeated client token', async () => {
    const { id } = await create();
    const clientToken = 'b'.repeat(64);
    expect((await publish(id, { clientToken })).version).toBe('1');
    expect((await publish(id, { clientToken })).version).toBe('1');
    expect((await publish(id)).version).toBe('2');
  });

  test('of a prompt is not made from a version, nor of a prompt that is not there', async () => {
    const { arn } = await create();
    await publish(arn);
    await expect(publish(`${arn}:1`)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(publish('ABCDEFGHIJ')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('Lists', () => {
  test('of prompts come ten at a time, whatever is asked for', async () => {
    for (let i = 0; i < 12; i += 1) {
      await create({ name: `prompt-${i}` });
    }
    const first = await client.send(new ListPromptsCommand({ maxResults: 100 }));
    expect(first.promptSummaries).toHaveLength(10);
    const second = await client.send(new ListPromptsCommand({ nextToken: first.nextToken }));
    expect(second.promptSummaries).toHaveLength(2);
    expect(second.nextToken).toBeUndefined();
    await expect(client.send(new ListPromptsCommand({ maxResults: 0 }))).rejects.toThrow('greater than or equal to 1');
  });

  test('of one prompt hold the draft and all versions, in pages too', async () => {
    const { id, arn } = await create();
    await publish(id, { description: 'first' });
    await publish(id);
    const one = { promptIdentifier: id, maxResults: 2 };
    const first = await client.send(new ListPromptsCommand(one));
    const second = await client.send(new ListPromptsCommand({ ...one, nextToken: first.nextToken }));
    const all = [...(first.promptSummaries ?? []), ...(second.promptSummaries ?? [])];
    expect(all.map((summary) => summary.version)).toEqual(['DRAFT', '2', '1']);
    expect(all.map((summary) => summary.arn)).toEqual([arn, `${arn}:2`, `${arn}:1`]);
    expect(all[2]?.description).toBe('first');
    const elsewhere = new ListPromptsCommand({ nextToken: first.nextToken });
    await expect(client.send(elsewhere)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('Tags', () => {
  test('belong to the draft and to each version apart', async () => {
    const { id, arn } = await create({ tags: { team: 'support' } });
    await client.send(new CreatePromptVersionCommand({ promptIdentifier: id, tags: { state: 'new' } }));
    await client.send(new TagResourceCommand({ resourceArn: `${arn}:1`, tags: { owner: 'me' } }));
    await client.send(new UntagResourceCommand({ resourceArn: `${arn}:1`, tagKeys: ['state'] }));
    const tags = async (resourceArn: string) =>
      (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    expect(await tags(`${arn}`)).toEqual({ team: 'support' });
    expect(await tags(`${arn}:1`)).toEqual({ owner: 'me' });
    await expect(tags(`${arn}:9`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('of a request and of a resource count in policies', async () => {
    const { id } = await create({ tags: { team: 'support' } });
    const Condition = { StringEquals: { 'aws:ResourceTag/team': 'support' } };
    const reader = new BedrockAgentClient(
      served.as([{ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: '*', Condition }]),
    );
    expect(await reader.send(new GetPromptCommand({ promptIdentifier: id }))).toMatchObject({ id });
    const other = await create({ name: 'other', tags: { team: 'sales' } });
    const denied = reader.send(new GetPromptCommand({ promptIdentifier: other.id }));
    await expect(denied).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('IAM is asked', () => {
  const reader = (resource: string) =>
    new BedrockAgentClient(served.as([{ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: resource }]));
  const read = (as: BedrockAgentClient, promptIdentifier: string | undefined, promptVersion?: string) =>
    as.send(new GetPromptCommand({ promptIdentifier, promptVersion }));

  test('for a version by the ARN of that version, and for the draft by the ARN without one', async () => {
    const { id, arn } = await create();
    await publish(id);
    await publish(id);
    const first = reader(`${arn}:1`);
    expect(await read(first, id, '1')).toMatchObject({ version: '1' });
    expect(await read(first, `${arn}:1`)).toMatchObject({ version: '1' });
    await expect(read(first, id, '2')).rejects.toThrow(`bedrock:GetPrompt on resource: ${arn}:2`);
    await expect(read(first, id)).rejects.toThrow(`bedrock:GetPrompt on resource: ${arn}`);
    await expect(read(reader(`${arn}:*`), id)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(await read(reader(`${arn}*`), id)).toMatchObject({ version: 'DRAFT' });
  });

  test('before anything is said about what exists', async () => {
    const denied = read(reader('arn:aws:bedrock:us-east-1:111122223333:prompt/ZZZZZZZZZZ'), 'ABCDEFGHIJ');
    await expect(denied).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  });

  test('to delete a version without the right to delete the prompt', async () => {
    const { id, arn } = await create();
    await publish(id);
    const pruner = new BedrockAgentClient(
      served.as([{ Effect: 'Allow', Action: 'bedrock:DeletePrompt', Resource: `${arn}:*` }]),
    );
    await expect(pruner.send(new DeletePromptCommand({ promptIdentifier: id }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(await pruner.send(new DeletePromptCommand({ promptIdentifier: id, promptVersion: '1' }))).toMatchObject({
      version: '1',
    });
  });
});

describe('Refused', () => {
  const text = (template: PromptTemplateConfiguration) => ({ ...variant, templateConfiguration: template });
  const settings = (inference: object) => ({ ...variant, inferenceConfiguration: { text: inference } });
  const long = 'x'.repeat(201);
  const cases: [string, Partial<CreatePromptCommandInput>, string][] = [
    ['a name with a space', { name: 'a b' }, "Value 'a b' at 'name' failed to satisfy constraint"],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'regular expression pattern: ([0-9a-zA-Z][_-]?){1,100}'],
    ['a description of 201 characters', { description: long }, 'length less than or equal to 200'],
    ['an empty description', { description: '' }, 'length greater than or equal to 1'],
    ['an alias as key', { customerEncryptionKeyArn: 'alias/mine' }, "at 'customerEncryptionKeyArn'"],
    ['two variants', { variants: [variant, { ...variant, name: 'second' }] }, 'length less than or equal to 1'],
    ['a default variant that is not there', { defaultVariant: 'other' }, "default variant 'other'"],
    ['a variant without a name', { variants: [{ ...variant, name: undefined }] }, 'variants.1.member.name'],
    ['a template type of its own', { variants: [{ ...variant, templateType: 'POEM' as never }] }, '[TEXT, CHAT]'],
    ['a type and a template that differ', { variants: [{ ...variant, templateType: 'CHAT' }] }, 'does not match its'],
    ['an empty text', { variants: [text({ text: { text: '' } })] }, 'templateConfiguration.text.text'],
    [
      '21 variables',
      {
        variants: [
          text({ text: { text: 'x', inputVariables: Array.from({ length: 21 }, (_, i) => ({ name: `v${i}` })) } }),
        ],
      },
      'length less than or equal to 20',
    ],
    ['a temperature above 1', { variants: [settings({ temperature: 1.5 })] }, 'value less than or equal to 1'],
    ['a topP below 0', { variants: [settings({ topP: -1 })] }, 'value greater than or equal to 0'],
    ['five stop sequences', { variants: [settings({ stopSequences: ['1', '2', '3', '4', '5'] })] }, 'equal to 4'],
    ['51 metadata', { variants: [{ ...variant, metadata: Array(51).fill({ key: 'k', value: 'v' }) }] }, 'equal to 50'],
    [
      'metadata with a #',
      { variants: [{ ...variant, metadata: [{ key: 'k', value: '#' }] }] },
      'metadata.1.member.value',
    ],
    ['a short client token', { clientToken: 'short' }, "at 'clientToken'"],
    ['a tag key of 129 characters', { tags: { ['k'.repeat(129)]: 'v' } }, 'equal to 128'],
  ];
  test.each(cases)('is %s', async (_, input, message) => {
    const refusal = await create(input).catch((error) => error);
    expect(refusal).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    expect(refusal.message).toContain(message);
    expect((await client.send(new ListPromptsCommand({}))).promptSummaries).toEqual([]);
  });

  test('are a role and a tool name that chat prompts do not know', async () => {
    const content = [{ text: 'hello' }];
    const tools = [{ toolSpec: { name: '1st', inputSchema: { json: {} } } }];
    const chat = { messages: [{ role: 'system' as never, content }], toolConfiguration: { tools } };
    const refused = create({ variants: [{ ...variant, templateType: 'CHAT', templateConfiguration: { chat } }] });
    await expect(refused).rejects.toThrow(/2 validation errors detected: .*role.*toolSpec\.name/);
  });

  test.each(['0', 'latest', '1; drop', '123456'])('is the version %s', async (version) => {
    const { id } = await create();
    await expect(get(id, version)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('are two versions in one request', async () => {
    const { id, arn } = await create();
    await publish(id);
    await publish(id);
    await expect(get(`${arn}:1`, '2')).rejects.toThrow('does not match the version in the prompt ARN');
    await expect(get(`${arn}:1`, '1')).resolves.toMatchObject({ version: '1' });
  });
});

describe('Rate limits', () => {
  test('hold two writes and ten reads a second when they are switched on', async () => {
    await served.stop();
    await start({ rateLimits: true });
    const throttled = { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } };
    const { id } = await create();
    await create({ name: 'second' });
    await expect(create({ name: 'third' })).rejects.toMatchObject(throttled);
    for (let i = 0; i < 10; i += 1) {
      await get(id);
    }
    await expect(get(id)).rejects.toMatchObject(throttled);
    served.clock.time = new Date(served.clock.time.getTime() + 1000);
    await expect(get(id)).resolves.toMatchObject({ id });
    await expect(create({ name: 'third' })).resolves.toMatchObject({ name: 'third' });
  });

  test('are off otherwise', async () => {
    const { id } = await create();
    await Promise.all(Array.from({ length: 20 }, () => get(id)));
  });
});
