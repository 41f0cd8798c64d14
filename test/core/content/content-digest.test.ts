import { execFileSync } from 'node:child_process';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { PropertyType } from '@aws-cdk/service-spec-types';
import { PromptVariant$ } from '@aws-sdk/client-bedrock-agent';
import { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variantFromCloudFormation } from '../../../core/content/cloudformation-variant';
import { contentDigest } from '../../../core/content/content-digest';
import { CONTENT_FIELDS, type ContentField } from '../../../core/content/content-fields';

/** As `GetPrompt` answers it. */
const text = () => ({
  name: 'default',
  templateType: 'TEXT',
  templateConfiguration: {
    text: {
      text: 'You are a balanced advisor. {{question}} {{market}}',
      inputVariables: [{ name: 'question' }, { name: 'market' }],
    },
  },
  modelId: 'amazon.nova-pro-v1:0',
  inferenceConfiguration: {
    text: {
      temperature: 0.20000000298023224,
      topP: 0.8999999761581421,
      maxTokens: 1000,
      stopSequences: ['END', 'STOP'],
    },
  },
});

const chat = () => ({
  name: 'default',
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      system: [{ text: 'You are a balanced advisor.' }, { cachePoint: { type: 'default' } }],
      messages: [
        { role: 'user', content: [{ text: 'May I ask?' }] },
        { role: 'assistant', content: [{ text: 'Ask.' }] },
        { role: 'user', content: [{ text: '{{question}}' }] },
      ],
      inputVariables: [{ name: 'question' }],
      toolConfiguration: {
        tools: [
          {
            toolSpec: {
              name: 'quote',
              description: 'Price of a share',
              inputSchema: { json: { type: 'object', properties: { Ticker: { type: 'string' } }, required: [] } },
            },
          },
        ],
        toolChoice: { auto: {} },
      },
    },
  },
  modelId: 'amazon.nova-pro-v1:0',
  additionalModelRequestFields: { top_k: 20, nested: { Keep: null, list: [] } },
});

/** The same as the CloudFormation of a construct has it. */
const textInCloudFormation = () => ({
  Name: 'variant',
  TemplateType: 'TEXT',
  TemplateConfiguration: {
    Text: {
      InputVariables: [{ Name: 'market' }, { Name: 'question' }],
      Text: 'You are a balanced advisor. {{question}} {{market}}',
    },
  },
  ModelId: 'amazon.nova-pro-v1:0',
  InferenceConfiguration: { Text: { StopSequences: ['END', 'STOP'], MaxTokens: 1000, TopP: 0.9, Temperature: 0.2 } },
  Metadata: [{ Key: 'team', Value: 'research' }],
});

const chatInCloudFormation = () => ({
  TemplateType: 'CHAT',
  TemplateConfiguration: {
    Chat: {
      ToolConfiguration: {
        ToolChoice: { Auto: {} },
        Tools: [
          {
            ToolSpec: {
              InputSchema: { Json: { required: [], type: 'object', properties: { Ticker: { type: 'string' } } } },
              Description: 'Price of a share',
              Name: 'quote',
            },
          },
        ],
      },
      InputVariables: [{ Name: 'question' }],
      Messages: [
        { Role: 'user', Content: [{ Text: 'May I ask?' }] },
        { Role: 'assistant', Content: [{ Text: 'Ask.' }] },
        { Role: 'user', Content: [{ Text: '{{question}}' }] },
      ],
      System: [{ Text: 'You are a balanced advisor.' }, { CachePoint: { Type: 'default' } }],
    },
  },
  ModelId: 'amazon.nova-pro-v1:0',
  AdditionalModelRequestFields: { nested: { list: [], Keep: null }, top_k: 20 },
});

// Frozen: these values stand in descriptions of versions and in ledgers. A change of them is a new digest, pd2.
const TEXT_DIGEST = 'pd1:521a70e971a8847a271c5133ea92b287325749e3180db8999fb798a47100965f';
const CHAT_DIGEST = 'pd1:c41b5c7562029a8111bbae8b7822469b0f234f76307c3169da1cb06171d5754b';

// biome-ignore lint/suspicious/noExplicitAny: the tables reach into plain JSON
type Edit = (variant: any) => void;

function edited(variant: object, edit: Edit): object {
  const copy = structuredClone(variant);
  edit(copy);
  return copy;
}

describe('Content digest', () => {
  it('is frozen', () => {
    expect(contentDigest(text())).toBe(TEXT_DIGEST);
    expect(contentDigest(chat())).toBe(CHAT_DIGEST);
  });

  it('is the same at synth, in CloudFormation’s casing, as when read back', () => {
    expect(contentDigest(variantFromCloudFormation(textInCloudFormation()))).toBe(TEXT_DIGEST);
    expect(contentDigest(variantFromCloudFormation(chatInCloudFormation()))).toBe(CHAT_DIGEST);
  });

  it('is the same in another process', () => {
    const script = `
      const { contentDigest } = require('./core/content/content-digest.ts');
      process.stdout.write(contentDigest(JSON.parse(process.argv[1])));`;
    const digest = execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', script, JSON.stringify(chat())]);
    expect(digest.toString()).toBe(CHAT_DIGEST);
  });

  describe.each<[string, () => object, [string, Edit][]]>([
    [
      'TEXT',
      text,
      [
        [
          'a word of the text',
          (v) => (v.templateConfiguration.text.text = 'You are a conservative advisor. {{question}} {{market}}'),
        ],
        ['white space in the text', (v) => (v.templateConfiguration.text.text += ' ')],
        [
          'a letter’s case',
          (v) => (v.templateConfiguration.text.text = v.templateConfiguration.text.text.toUpperCase()),
        ],
        ['the model', (v) => (v.modelId = 'amazon.nova-lite-v1:0')],
        ['no model', (v) => delete v.modelId],
        ['the temperature', (v) => (v.inferenceConfiguration.text.temperature = 0.3)],
        ['the temperature’s last bit', (v) => (v.inferenceConfiguration.text.temperature = 0.20000001788139343)],
        ['a temperature of 0', (v) => (v.inferenceConfiguration.text.temperature = 0)],
        ['no temperature', (v) => delete v.inferenceConfiguration.text.temperature],
        ['topP', (v) => (v.inferenceConfiguration.text.topP = 0.8)],
        ['maxTokens', (v) => (v.inferenceConfiguration.text.maxTokens = 1001)],
        ['a stop sequence', (v) => v.inferenceConfiguration.text.stopSequences.push('HALT')],
        ['stop sequences in another order', (v) => v.inferenceConfiguration.text.stopSequences.reverse()],
        ['an input variable', (v) => v.templateConfiguration.text.inputVariables.push({ name: 'tone' })],
        ['a cache point', (v) => (v.templateConfiguration.text.cachePoint = { type: 'default' })],
        ['a field of the model’s own', (v) => (v.additionalModelRequestFields = { top_k: 20 })],
        [
          'an agent',
          (v) =>
            (v.genAiResource = {
              agent: { agentIdentifier: 'arn:aws:bedrock:us-east-1:111122223333:agent-alias/A/B' },
            }),
        ],
      ],
    ],
    [
      'CHAT',
      chat,
      [
        ['the system text', (v) => (v.templateConfiguration.chat.system[0].text = 'You are a bold advisor.')],
        ['no system text', (v) => delete v.templateConfiguration.chat.system],
        ['a message', (v) => (v.templateConfiguration.chat.messages[1].content[0].text = 'Go on.')],
        ['a message’s role', (v) => (v.templateConfiguration.chat.messages[1].role = 'user')],
        ['messages in another order', (v) => v.templateConfiguration.chat.messages.reverse()],
        ['a tool’s name', (v) => (v.templateConfiguration.chat.toolConfiguration.tools[0].toolSpec.name = 'price')],
        [
          'a tool’s description',
          (v) => (v.templateConfiguration.chat.toolConfiguration.tools[0].toolSpec.description = 'Price'),
        ],
        [
          'a tool’s schema',
          (v) =>
            (v.templateConfiguration.chat.toolConfiguration.tools[0].toolSpec.inputSchema.json.required = ['Ticker']),
        ],
        [
          'a tool’s strictness',
          (v) => (v.templateConfiguration.chat.toolConfiguration.tools[0].toolSpec.strict = true),
        ],
        ['the tool choice', (v) => (v.templateConfiguration.chat.toolConfiguration.toolChoice = { any: {} })],
        ['no tool choice', (v) => delete v.templateConfiguration.chat.toolConfiguration.toolChoice],
        ['a field of the model’s own', (v) => (v.additionalModelRequestFields.top_k = 21)],
        ['a null inside free JSON', (v) => delete v.additionalModelRequestFields.nested.Keep],
      ],
    ],
  ])('of a %s prompt is moved by', (_, variant, edits) => {
    it.each(edits)('%s', (_, edit) => {
      expect(contentDigest(edited(variant(), edit))).not.toBe(contentDigest(variant()));
    });

    it('each of these to a value of its own', () => {
      expect(new Set(edits.map(([, edit]) => contentDigest(edited(variant(), edit)))).size).toBe(edits.length);
    });
  });

  describe('is not moved by', () => {
    it.each<[string, Edit]>([
      ['the variant’s name', (v) => (v.name = 'other')],
      ['no name', (v) => delete v.name],
      ['metadata', (v) => (v.metadata = [{ key: 'commit', value: '3f9c2a' }])],
      ['the temperature before Bedrock rounded it', (v) => (v.inferenceConfiguration.text.temperature = 0.2)],
      ['topP before Bedrock rounded it', (v) => (v.inferenceConfiguration.text.topP = 0.9)],
      ['input variables in another order', (v) => v.templateConfiguration.text.inputVariables.reverse()],
      ['empty free JSON', (v) => (v.additionalModelRequestFields = {})],
      ['null', (v) => (v.genAiResource = null)],
      ['undefined', (v) => (v.templateConfiguration.text.cachePoint = undefined)],
      ['the other member of a union, undefined', (v) => (v.templateConfiguration.chat = undefined)],
      ['an unknown field that is empty', (v) => (v.guardrails = [])],
      ['an unknown field that is null', (v) => (v.guardrail = null)],
    ])('%s', (_, edit) => {
      expect(contentDigest(edited(text(), edit))).toBe(TEXT_DIGEST);
    });

    it('empty lists and empty structures where nothing is set', () => {
      const bare = { templateType: 'TEXT', templateConfiguration: { text: { text: 'Hello' } } };
      const echoed = {
        ...bare,
        templateConfiguration: { text: { text: 'Hello', inputVariables: [] } },
        inferenceConfiguration: { text: { stopSequences: [] } },
        metadata: [],
      };
      expect(contentDigest(echoed)).toBe(contentDigest(bare));
    });

    it('the order of keys, whatever the content', () => {
      fc.assert(
        fc.property(fc.jsonValue(), fc.string({ unit: 'grapheme' }), (free, words) => {
          const variant = edited(chat(), (v) => {
            v.additionalModelRequestFields = { free };
            v.templateConfiguration.chat.system[0].text = words;
          });
          expect(contentDigest(reversed(variant))).toBe(contentDigest(variant));
        }),
      );
    });

    it('a round trip through 32-bit floats, whatever the temperature', () => {
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (temperature) => {
          const at = (value: number) => edited(text(), (v) => (v.inferenceConfiguration.text.temperature = value));
          expect(contentDigest(at(Math.fround(temperature)))).toBe(contentDigest(at(temperature)));
        }),
      );
    });
  });

  it('tells any two texts apart', () => {
    const of = (words: string) =>
      contentDigest({ templateType: 'TEXT', templateConfiguration: { text: { text: words } } });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        expect(of(one) === of(other)).toBe(one === other);
      }),
    );
  });

  describe('refuses', () => {
    it.each<[string, Edit, string]>([
      ['guardrail', (v) => (v.guardrail = 'g-1'), 'the variant holds guardrail, which'],
      ['an object it does not know, even empty', (v) => (v.guardrail = {}), 'the variant holds guardrail, which'],
      [
        'a text in S3',
        (v) => (v.templateConfiguration.text.textS3Location = { bucket: 'b' }),
        'templateConfiguration.text.textS3Location',
      ],
      [
        'a union member from the future',
        (v) => (v.templateConfiguration.$unknown = ['video', {}]),
        'templateConfiguration.$unknown',
      ],
      [
        'a field inside a list',
        (v) => (v.templateConfiguration.text.inputVariables[1].type = 'number'),
        'inputVariables[1].type',
      ],
      ['a field named like a method of objects', (v) => (v.constructor = 'x'), 'the variant holds constructor'],
    ])('an unknown field by its path: %s', (_, edit, path) => {
      expect(() => contentDigest(edited(text(), edit))).toThrow(
        expect.objectContaining({ code: 'UnknownContentField', message: expect.stringContaining(path) }),
      );
    });

    it.each<[string, Edit, string]>([
      [
        '0.2 as a text',
        (v) => (v.inferenceConfiguration.text.temperature = '0.2'),
        'temperature must be a number, found string',
      ],
      ['NaN', (v) => (v.inferenceConfiguration.text.topP = Number.NaN), 'topP must be a number, found NaN'],
      [
        'half a token',
        (v) => (v.inferenceConfiguration.text.maxTokens = 0.5),
        'maxTokens must be a whole number, found 0.5',
      ],
      [
        'a list for a text',
        (v) => (v.templateConfiguration.text.text = ['a']),
        'text.text must be a string, found a list',
      ],
      [
        'a text for a list',
        (v) => (v.inferenceConfiguration.text.stopSequences = 'END'),
        'stopSequences must be a list, found string',
      ],
      [
        'a text for an object',
        (v) => (v.inferenceConfiguration = 'x'),
        'inferenceConfiguration must be an object, found string',
      ],
    ])('a value of the wrong type: %s', (_, edit, message) => {
      expect(() => contentDigest(edited(text(), edit))).toThrow(
        expect.objectContaining({ code: 'InvalidContentField', message: expect.stringContaining(message) }),
      );
    });
  });

  describe('decides on every field', () => {
    const known = paths(CONTENT_FIELDS).sort();

    it('that the Bedrock API has in a variant, and on no other', () => {
      expect(apiPaths(NormalizedSchema.of(PromptVariant$)).sort()).toEqual(known);
    });

    it('that CloudFormation has in a variant, but for a text in S3, which it refuses', () => {
      const refused = [
        'templateConfiguration.text.textS3Location.bucket',
        'templateConfiguration.text.textS3Location.key',
        'templateConfiguration.text.textS3Location.version',
      ];
      const later = ['templateConfiguration.chat.toolConfiguration.tools[].toolSpec.strict'];
      expect(cloudFormationPaths().sort()).toEqual(
        [...known.filter((path) => !later.includes(path)), ...refused].sort(),
      );
    });
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

/** Paths of the leaves, but whole where a field is ignored. */
function paths(field: ContentField, path = ''): string[] {
  if (typeof field === 'string') return [path];
  if ('list' in field) return paths(field.list, `${path}[]`);
  return Object.entries(field.fields).flatMap(([name, member]) => paths(member, path ? `${path}.${name}` : name));
}

function apiPaths(schema: NormalizedSchema, path = ''): string[] {
  if (path === 'metadata') return [path];
  if (schema.isListSchema()) return apiPaths(schema.getValueSchema(), `${path}[]`);
  if (!schema.isStructSchema()) return [path];
  const members = [...schema.structIterator()];
  return members.length === 0
    ? [path]
    : members.flatMap(([name, member]) => apiPaths(member, path ? `${path}.${name}` : name));
}

function cloudFormationPaths(): string[] {
  const spec = loadAwsServiceSpecSync();
  const [prompt] = spec.lookup('resource', 'cloudFormationType', 'equals', 'AWS::Bedrock::Prompt');
  const walk = (type: PropertyType, path: string): string[] => {
    if (path === '[].metadata') return [path];
    if (type.type === 'array') return walk(type.element, `${path}[]`);
    if (type.type !== 'ref') return [path];
    const { properties } = spec.get('typeDefinition', type.reference.$ref);
    return Object.entries(properties).flatMap(([name, property]) =>
      walk(property.type, `${path}.${name.charAt(0).toLowerCase()}${name.slice(1)}`),
    );
  };
  const variants = prompt?.properties.Variants?.type;
  return variants ? walk(variants, '').map((path) => path.slice('[].'.length)) : [];
}
