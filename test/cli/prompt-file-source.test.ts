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
