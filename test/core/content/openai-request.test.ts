import { describe, expect, test } from 'vitest';
import { openAiRequest } from '../../../core/content/openai-request';
import type { PromptVariantContent } from '../../../core/content/prompt-content';
import { template } from '../../../core/content/template';

const TEXT: PromptVariantContent = {
  templateType: 'TEXT',
  templateConfiguration: { text: { text: 'Sort {{letter}}', inputVariables: [{ name: 'letter' }] } },
};
const TOOL = { name: 'file', description: 'Files it', inputSchema: { json: { type: 'object', properties: {} } } };
const CHAT: PromptVariantContent = {
  templateType: 'CHAT',
  modelId: 'amazon.nova-pro-v1:0',
  inferenceConfiguration: { text: { temperature: 0, topP: 0.9, maxTokens: 100, stopSequences: ['END'] } },
  templateConfiguration: {
    chat: {
      system: [{ text: 'You sort for {{company}}.' }, { text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'Sort this:' }, { text: '{{letter}}' }] },
        { role: 'assistant', content: [{ text: 'Bills.' }] },
        { role: 'user', content: [{ text: 'And now?' }] },
      ],
      inputVariables: [{ name: 'company' }, { name: 'letter' }],
      toolConfiguration: { tools: [{ toolSpec: TOOL }, { toolSpec: { ...TOOL, name: 'drop', strict: true } }] },
    },
  },
};
const VALUES = { company: 'ACME', letter: 'a {{company}} letter' };

const request = (variant: PromptVariantContent) =>
  openAiRequest('sorter', 'glm-5', { variant, template: template(variant) }, VALUES);

function chat(change: (chat: NonNullable<PromptVariantContent['templateConfiguration']['chat']>) => void) {
  const variant = structuredClone(CHAT);
  change(variant.templateConfiguration.chat as never);
  return variant;
}

describe("a content as a request of OpenAI's chat API", () => {
  test('is one message of the user for a text, and nothing that it does not say', () => {
    expect(request(TEXT)).toEqual({
      model: 'glm-5',
      messages: [{ role: 'user', content: 'Sort a {{company}} letter' }],
    });
  });

  test('has messages, settings and tools of a conversation', () => {
    const parameters = TOOL.inputSchema.json;
    const { name, description } = TOOL;
    expect(request(CHAT)).toEqual({
      model: 'glm-5',
      messages: [
        { role: 'system', content: 'You sort for ACME.\nBe brief.' },
        { role: 'user', content: 'Sort this:\na {{company}} letter' },
        { role: 'assistant', content: 'Bills.' },
        { role: 'user', content: 'And now?' },
      ],
      ...{ temperature: 0, top_p: 0.9, max_tokens: 100, stop: ['END'] },
      tools: [
        { type: 'function', function: { name, description, parameters } },
        { type: 'function', function: { name: 'drop', description, parameters, strict: true } },
      ],
    });
  });

  test.each([
    [{ auto: {} }, 'auto'],
    [{ any: {} }, 'required'],
    [{ tool: { name: 'file' } }, { type: 'function', function: { name: 'file' } }],
  ])('chooses tools alike: %j', (toolChoice, expected) => {
    const variant = chat(({ toolConfiguration }) => Object.assign(toolConfiguration ?? {}, { toolChoice }));
    expect(request(variant).tool_choice).toEqual(expected);
  });

  test.each<[string, PromptVariantContent]>([
    ['cachePoint', chat(({ system }) => system?.push({ cachePoint: { type: 'default' } }))],
    ['cachePoint', chat(({ messages }) => messages[0]?.content.push({ cachePoint: { type: 'default' } }))],
    ['cachePoint', chat(({ toolConfiguration }) => toolConfiguration?.tools.push({ cachePoint: { type: 'default' } }))],
    ['cachePoint', { ...TEXT, templateConfiguration: { text: { text: 'Sort', cachePoint: { type: 'default' } } } }],
    ['additionalModelRequestFields', { ...TEXT, additionalModelRequestFields: { top_k: 5 } }],
    ['genAiResource', { ...TEXT, genAiResource: { agent: { agentIdentifier: 'arn' } } }],
    ['reasoning', { ...TEXT, reasoning: true } as never],
    ['inferenceConfiguration.text.topK', { ...TEXT, inferenceConfiguration: { text: { topK: 3 } as never } }],
    ['block but of text', chat(({ messages }) => messages[0]?.content.push({} as never))],
  ])('is an error where it has no place for %s', (field, variant) => {
    expect(() => request(variant)).toThrow(
      expect.objectContaining({ code: 'OpenAiUnsupported', message: expect.stringContaining(field) }),
    );
  });

  test('drops what says nothing: empty lists and nulls', () => {
    const variant = chat((one) => {
      one.system = [];
      one.toolConfiguration = { tools: [] };
    });
    const found = request({
      ...variant,
      additionalModelRequestFields: null,
      inferenceConfiguration: undefined,
    } as never);
    expect(Object.keys(found)).toEqual(['model', 'messages']);
    expect(found.messages[0]?.role).toBe('user');
  });
});
