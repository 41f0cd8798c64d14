import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptFileSource } from '../../cli/prompt-file-source';
import { contentDigest } from '../../core/content/content-digest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';

const text = (template: string): PromptVariantContent => ({
  ...{ templateType: 'TEXT', modelId: 'amazon.nova-pro-v1:0' },
  templateConfiguration: { text: { text: template } },
  inferenceConfiguration: { text: { temperature: Math.fround(0.2), stopSequences: ['END', ': "'] } },
});

const chat = (content: { text: string }[]): PromptVariantContent => ({
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      messages: [
        { role: 'user', content: [{ text: 'Hello' }] },
        { role: 'assistant', content },
      ],
    },
  },
});
const unused: PromptVariantContent = {
  ...text('b'),
  templateConfiguration: { text: { text: 'b', inputVariables: [{ name: 'a' }] } },
};

describe('A restored prompt file', () => {
  it('reads back as the very same content, or is refused', () => {
    const template = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.lorem(),
      fc.constantFrom('---\nx', '{{#if a}}', '\\{{a}}', ' x', '{{!-- c --}}'),
    );
    fc.assert(
      fc.property(template, (one) => {
        const variant = text(one);
        let source: string;
        try {
          source = promptFileSource({ name: 'x', variant, label: ':1' });
        } catch (error) {
          expect((error as Error).message).toBe(':1 cannot be written as a prompt file');
          return;
        }
        expect(contentDigest(parsePromptFile(source, 'x.prompt').variant)).toBe(contentDigest(variant));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the turns of a conversation and its variables', () => {
    const variant: PromptVariantContent = {
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          system: [{ text: 'Be brief.' }],
          messages: [
            { role: 'user', content: [{ text: 'Explain {{ticker}}.' }] },
            { role: 'assistant', content: [{ text: 'In short:' }] },
          ],
          inputVariables: [{ name: 'ticker' }],
        },
      },
    };
    const source = promptFileSource({ name: 'x', variant, label: ':1' });
    expect(source).toContain('{{role "model"}}\nIn short:');
    expect(parsePromptFile(source, 'x.prompt').variant).toEqual(variant);
  });

  it.each([
    ['auto', { auto: {} }],
    ['any', { any: {} }],
    ['one by name', { tool: { name: 'file_letter' } }],
  ])('keeps tools, the choice of %s, fields of the model and metadata', (_, toolChoice) => {
    const json = { type: 'object', properties: { to: { type: 'string', description: ': "' } }, required: ['to'] };
    const variant: PromptVariantContent = {
      templateType: 'CHAT',
      modelId: 'amazon.nova-pro-v1:0',
      templateConfiguration: {
        chat: {
          messages: [{ role: 'user', content: [{ text: 'File it.' }] }],
          toolConfiguration: {
            tools: [
              { toolSpec: { name: 'file_letter', description: 'Files a letter', inputSchema: { json } } },
              { toolSpec: { name: 'burn', inputSchema: { json: { type: 'object' } } } },
            ],
            toolChoice,
          },
        },
      },
      additionalModelRequestFields: { top_k: 3, nested: { list: [1, 'a', null, true] } },
      metadata: [{ key: 'owner', value: 'team a' }],
    };
    const source = promptFileSource({ name: 'x', variant, label: ':1' });
    expect(parsePromptFile(source, 'x.prompt').variant).toEqual(variant);
  });

  it.each(['{"a":{{x}}}', '{"a":{"b":{{x}}}}', '\\{{x}}', '\\\\{{x}} {{x}}}}', '{{x}}{{x}}}'])(
    'keeps %s',
    (written) => {
      const variant: PromptVariantContent = {
        templateType: 'TEXT',
        templateConfiguration: { text: { text: written, inputVariables: [{ name: 'x' }] } },
      };
      const source = promptFileSource({ name: 'x', variant, label: ':1' });
      expect(parsePromptFile(source, 'x.prompt').variant).toEqual(variant);
    },
  );

  it.each<[string, PromptVariantContent, string]>([
    [
      'two text blocks',
      chat([{ text: 'a' }, { text: 'b' }]),
      "message 2 has 2 text blocks, and a file's message is one text",
    ],
    ['no text block', chat([]), 'message 2 has no text'],
    [
      'white space at an end',
      chat([{ text: 'a\n' }]),
      'message 2 begins or ends with white space, which a file does not keep',
    ],
    ['white space around a text', text(' a'), 'the text begins or ends with white space, which a file does not keep'],
    ['line ends of Windows', text('a\r\nb'), 'the text has line ends of Windows, which a file does not keep'],
    ['what a file takes for a comment', text('a {{!-- b --}} c'), 'text, which a file would read otherwise'],
    [
      'an unused variable',
      unused,
      'x.prompt:10: variable a is declared, but the template never uses {{a}}: use it or remove it',
    ],
    [
      'a field that it does not know',
      { ...text('a'), later: 1 } as never,
      'the variant holds later, which the content digest does not know',
    ],
  ])('is refused for %s, and says so', (_, variant, why) => {
    expect(() => promptFileSource({ name: 'x', variant, label: ':1' })).toThrow(
      expect.objectContaining({ why: expect.stringContaining(`it holds what a file cannot say: ${why}`) }),
    );
  });

  it('is refused for what a file cannot say, by name', () => {
    const cached = text('x');
    const variant = {
      ...cached,
      templateConfiguration: { text: { text: 'x', cachePoint: { type: 'default' as const } } },
    };
    expect(() => promptFileSource({ name: 'x', variant, label: ':1' })).toThrow(
      expect.objectContaining({ why: 'it holds what a file cannot say: cache points' }),
    );
  });
});
