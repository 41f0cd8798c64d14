import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnParameter, Token } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { describe, expect, it } from 'vitest';
import {
  type ChatPromptVariantOptions,
  PromptBlock,
  PromptMessage,
  PromptTool,
  PromptToolChoice,
  PromptVariant,
  type TextPromptVariantOptions,
} from '../../lib';
import { onlyResource, promptIn, stackIn, TEXT, templateOf } from './prompt-app';

const QUOTE = {
  name: 'quote',
  description: 'Gets a quote',
  inputSchema: { type: 'object', properties: { Ticker: { type: 'string' } }, required: ['Ticker'] },
};

const CHAT: ChatPromptVariantOptions = {
  system: [PromptBlock.text('You work for {{company}}.'), PromptBlock.cachePoint(), PromptBlock.text('Be brief.')],
  messages: [
    PromptMessage.user('Here is a report: {{report}}', PromptBlock.cachePoint(), PromptBlock.text('Read it.')),
    PromptMessage.assistant('I have read it.'),
    PromptMessage.user('What of {{ticker}}, says {{company}}?'),
  ],
  tools: [PromptTool.function(QUOTE), PromptTool.cachePoint()],
  toolChoice: PromptToolChoice.auto(),
  model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  inference: { temperature: 0, topP: 1, maxTokens: 1, stopSequences: ['END', 'STOP'] },
  additionalModelRequestFields: { top_k: 5, Nested: { Deep: [true, 'no', { a: 1 }] } },
  metadata: { team: 'desk 7' },
};

function variantOf(variant: PromptVariant, stack = stackIn()) {
  promptIn(stack, { variant });
  return onlyResource(templateOf(stack), 'AWS::Bedrock::Prompt').Properties.Variants[0];
}

function digestWith(variant: PromptVariant, stack = stackIn()): string {
  promptIn(stack, { variant });
  return onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties.ContentDigest;
}

const chat = (change: Partial<ChatPromptVariantOptions> = {}) => PromptVariant.chat({ ...CHAT, ...change });
const chatTemplate = (change: Partial<ChatPromptVariantOptions> = {}) =>
  variantOf(chat(change)).TemplateConfiguration.Chat;

describe('a chat prompt', () => {
  it('reaches CloudFormation whole', () => {
    expect(variantOf(chat())).toEqual({
      Name: 'default',
      TemplateType: 'CHAT',
      TemplateConfiguration: {
        Chat: {
          System: [{ Text: 'You work for {{company}}.' }, { CachePoint: { Type: 'default' } }, { Text: 'Be brief.' }],
          Messages: [
            {
              Role: 'user',
              Content: [
                { Text: 'Here is a report: {{report}}' },
                { CachePoint: { Type: 'default' } },
                { Text: 'Read it.' },
              ],
            },
            { Role: 'assistant', Content: [{ Text: 'I have read it.' }] },
            { Role: 'user', Content: [{ Text: 'What of {{ticker}}, says {{company}}?' }] },
          ],
          InputVariables: [{ Name: 'company' }, { Name: 'report' }, { Name: 'ticker' }],
          ToolConfiguration: {
            Tools: [
              { ToolSpec: { Name: 'quote', Description: 'Gets a quote', InputSchema: { Json: QUOTE.inputSchema } } },
              { CachePoint: { Type: 'default' } },
            ],
            ToolChoice: { Auto: {} },
          },
        },
      },
      ModelId: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      InferenceConfiguration: { Text: { Temperature: 0, TopP: 1, MaxTokens: 1, StopSequences: ['END', 'STOP'] } },
      AdditionalModelRequestFields: { top_k: 5, Nested: { Deep: [true, 'no', { a: 1 }] } },
      Metadata: [{ Key: 'team', Value: 'desk 7' }],
    });
  });

  it.each([
    ['any', PromptToolChoice.any(), { Any: {} }],
    ['one of them', PromptToolChoice.tool('quote'), { Tool: { Name: 'quote' } }],
  ])('must use %s of its tools', (_, toolChoice, expected) => {
    expect(chatTemplate({ toolChoice }).ToolConfiguration.ToolChoice).toEqual(expected);
  });

  it('has no tools, system text or choice unless it is given some', () => {
    const template = chatTemplate({ system: undefined, tools: undefined, toolChoice: undefined });
    expect(Object.keys(template).sort()).toEqual(['InputVariables', 'Messages']);
  });

  it('may leave the model to its caller', () => {
    expect(variantOf(chat({ model: undefined })).ModelId).toBeUndefined();
  });
});

describe('a text prompt', () => {
  it('may end in a cache point', () => {
    expect(variantOf(PromptVariant.text({ ...TEXT, cachePoint: true })).TemplateConfiguration.Text).toEqual({
      Text: TEXT.text,
      InputVariables: [{ Name: 'ticker' }],
      CachePoint: { Type: 'default' },
    });
    expect(variantOf(PromptVariant.text({ ...TEXT, cachePoint: false })).TemplateConfiguration.Text.CachePoint).toBe(
      undefined,
    );
  });
});

describe('what would be dropped without a word is an error that names it:', () => {
  const inText = (more: object) => PromptVariant.text({ ...TEXT, ...more } as TextPromptVariantOptions);

  it.each<[string, PromptVariant, RegExp]>([
    ['a guardrail', inText({ guardrail: 'g' }), /PromptVariant.text\(\), found guardrail: /],
    ['an agent', inText({ genAiResource: {} }), /found genAiResource/],
    ['messages of a text', inText({ messages: [] }), /found messages/],
    ['a text of a chat', chat({ text: 'Hi' } as never), /PromptVariant.chat\(\), found text/],
    ['topK', inText({ inference: { topK: 1 } }), /in inference, found topK.*known are temperature, topP/],
    [
      'a field of a tool',
      chat({ tools: [PromptTool.function({ ...QUOTE, icon: 'x' } as never)] }),
      /PromptTool.function\(\), found icon/,
    ],
  ])('%s', (_, variant, message) => {
    expect(() => variantOf(variant)).toThrow(
      expect.objectContaining({ code: 'UnknownField', message: expect.stringMatching(message) }),
    );
  });

  it('a strict tool, for which CloudFormation has no place', () => {
    const tools = [PromptTool.function({ ...QUOTE, strict: true } as never)];
    expect(() => variantOf(chat({ tools }))).toThrow(
      expect.objectContaining({
        code: 'UnsupportedByCloudFormation',
        message: expect.stringMatching(
          /^Prompts\/FinancialAnalysis: expected a tool without strict, found it in the tool quote/,
        ),
      }),
    );
  });
});

describe('a chat prompt is refused', () => {
  it.each<[string, Partial<ChatPromptVariantOptions>, RegExp]>([
    ['whose tool has a bad name', { tools: [PromptTool.function({ ...QUOTE, name: '1-x' })] }, /a tool's name must be/],
    [
      'that must use a tool it lacks',
      { toolChoice: PromptToolChoice.tool('other') },
      /names other, but the tools are quote/,
    ],
    ['that has a choice and no tools', { tools: [] }, /needs at least one tool/],
    ['with an undeclared variable', { variables: ['company', 'report'] }, /uses \{\{ticker\}\}, which is not declared/],
    ['with an unused variable', { variables: ['company', 'report', 'ticker', 'x'] }, /variable x is declared/],
    ['with an empty system text', { system: [PromptBlock.text('')] }, /must have 1 to 200000 characters, found 0/],
    ['with five stop sequences', { inference: { stopSequences: [...'12345'] } }, /at most 4 stop sequences/],
    [
      'with fifty-one pairs of metadata',
      { metadata: Object.fromEntries([...Array(51).keys()].map((i) => [`k${i}`, ''])) },
      /at most 50 metadata pairs/,
    ],
  ])('%s', (_, change, message) => {
    expect(() => variantOf(chat(change))).toThrow(
      expect.objectContaining({ code: 'InvalidPrompt', message: expect.stringMatching(message) }),
    );
  });
});

describe('the content digest of a chat prompt', () => {
  const digestOf = (change: Partial<ChatPromptVariantOptions> = {}) => {
    const stack = stackIn();
    promptIn(stack, { variant: chat(change) });
    return onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties.ContentDigest;
  };
  const before = digestOf();

  it.each<[string, Partial<ChatPromptVariantOptions>]>([
    ['a system block', { system: CHAT.system?.slice(1) }],
    ['a cache point', { system: CHAT.system?.filter((_, index) => index !== 1) }],
    ['the order of messages', { messages: [...CHAT.messages].reverse() }],
    ['who speaks last', { messages: [...CHAT.messages, PromptMessage.assistant('It is')] }],
    ['a tool', { tools: CHAT.tools?.slice(0, 1) }],
    ['the schema of a tool', { tools: [PromptTool.function({ ...QUOTE, inputSchema: { type: 'object' } })] }],
    ['the tool choice', { toolChoice: PromptToolChoice.any() }],
    ['having a tool choice', { toolChoice: undefined }],
    ['fields of the model', { additionalModelRequestFields: { top_k: 6 } }],
  ])('moves with %s', (_, change) => {
    if (change.system) change = { ...change, variables: ['company', 'report', 'ticker'] };
    expect(digestOf(change)).not.toBe(before);
  });

  it('does not move with metadata', () => {
    expect(digestOf({ metadata: {} })).toBe(before);
  });
});

describe('a variant with tokens', () => {
  it('hands its content to the deployment as JSON, numbers as numbers, texts beside it', () => {
    const stack = stackIn();
    const profile = new CfnParameter(stack, 'Profile').valueAsString;
    const maxTokens = new CfnParameter(stack, 'MaxTokens', { type: 'Number' }).valueAsNumber;
    promptIn(stack, { variant: chat({ model: profile, inference: { maxTokens } }) });
    const { Content, ContentValues, ContentDigest } = onlyResource(
      templateOf(stack),
      'Custom::PromptVersion',
    ).Properties;

    expect(ContentDigest).toBeUndefined();
    expect(Token.isUnresolved(Content)).toBe(false);
    const deployed = JSON.parse(
      Content['Fn::Join'][1]
        .map((part: string | { Ref: string }) => (typeof part === 'string' ? part : { MaxTokens: '7' }[part.Ref]))
        .join(''),
    );
    expect(deployed.ModelId).toEqual({ 'cdk-prompt-registry:value': 0 });
    expect(ContentValues).toEqual([{ Ref: 'Profile' }]);
    expect(deployed.InferenceConfiguration.Text).toEqual({ MaxTokens: 7 });
  });
});

describe('a prompt file', () => {
  it('makes the same prompt as the code that says the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'prompt-files-'));
    try {
      const path = join(folder, 'financial-analysis.prompt');
      writeFileSync(
        path,
        `---
model: us.amazon.nova-pro-v1:0
config:
  temperature: 0.2
  toolChoice: any
  additionalModelRequestFields: { top_k: 5 }
toolDefs:
  - name: quote
    description: Gets a quote
    inputSchema: { type: object, properties: { Ticker: { type: string } }, required: [Ticker] }
input:
  schema: { ticker: string }
---
{{role "system"}}
Be brief.
{{role "user"}}
What of {{ticker}}?
`,
      );
      const code = PromptVariant.chat({
        system: [PromptBlock.text('Be brief.')],
        messages: [PromptMessage.user('What of {{ticker}}?')],
        tools: [PromptTool.function(QUOTE)],
        toolChoice: PromptToolChoice.any(),
        model: 'us.amazon.nova-pro-v1:0',
        inference: { temperature: 0.2 },
        additionalModelRequestFields: { top_k: 5 },
      });
      expect(variantOf(PromptVariant.fromFile(path))).toEqual(variantOf(code));

      const model = 'amazon.nova-lite-v1:0';
      const elsewhere = PromptVariant.fromFile(path, { model });
      expect(variantOf(elsewhere)).toEqual({ ...variantOf(code), ModelId: model });
      expect(digestWith(elsewhere)).not.toBe(digestWith(code));
      expect(digestWith(PromptVariant.fromFile(path, { model: 'us.amazon.nova-pro-v1:0' }))).toBe(digestWith(code));
      expect(() => variantOf(PromptVariant.fromFile(path, { modle: model } as never))).toThrow(/modle/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a conversation that Converse would refuse', () => {
  it.each<[string, Partial<ChatPromptVariantOptions>, RegExp]>([
    ['the assistant first', { messages: [PromptMessage.assistant('Hi')] }, /must begin with the user/],
    ['two users', { messages: [PromptMessage.user('a'), PromptMessage.user('b')] }, /must alternate.*messages 1 and 2/],
    ['nothing', { messages: [], system: [] }, /needs a message or a system text/],
    [
      'one name twice',
      { tools: [PromptTool.function(QUOTE), PromptTool.function(QUOTE)] },
      /two tools are named quote/,
    ],
  ])('is refused with its construct: %s', (_, change, message) => {
    const { metadata: _metadata, ...options } = CHAT;
    const variant = PromptVariant.chat({ ...options, variables: undefined, ...change });
    expect(() => promptIn(stackIn(), { variant })).toThrow(
      expect.objectContaining({
        code: 'InvalidPrompt',
        message: expect.stringMatching(/^Prompts\/FinancialAnalysis: /),
      }),
    );
    expect(() => promptIn(stackIn(), { variant })).toThrow(message);
  });

  it('is refused where an override makes it', () => {
    const stack = stackIn();
    const prompt = promptIn(stack, { variant: chat() });
    const path = 'Variants.0.TemplateConfiguration.Chat.Messages.0.Role';
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride(path, 'assistant');
    expect(() => templateOf(stack)).toThrow(/a conversation must begin with the user/);
  });
});

describe('a prompt file with a partial', () => {
  it('has the content and the digest of one that holds its text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'partials-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return PromptVariant.fromFile(join(folder, name));
    };
    file('_style.prompt', 'Be {{tone}}.\n');
    const [included, written] = [file('x.prompt', 'Hi. {{>style}}'), file('y.prompt', 'Hi. Be {{tone}}.')];
    expect(variantOf(included).TemplateConfiguration.Text.Text).toBe('Hi. Be {{tone}}.');
    expect(digestWith(included)).toBe(digestWith(written));
    file('_style.prompt', 'Be quiet.\n');
    expect(digestWith(included)).not.toBe(digestWith(written));
    rmSync(join(folder, '_style.prompt'));
    expect(() => variantOf(included)).toThrow(
      /^Prompts\/FinancialAnalysis: .*x\.prompt:1: partial \{\{>style\}\} has no file/,
    );
    rmSync(folder, { recursive: true });
  });
});
