import { describe, expect, it } from 'vitest';
import type { PromptVariantContent } from '../../../core/content/prompt-content';
import { checkVariant } from '../../../core/content/prompt-limits';

function text(words: string, variables: string[] = [], rest: Partial<PromptVariantContent> = {}): PromptVariantContent {
  const inputVariables = variables.map((name) => ({ name }));
  return { templateType: 'TEXT', templateConfiguration: { text: { text: words, inputVariables } }, ...rest };
}

const inference = (settings: object) => text('Hi', [], { inferenceConfiguration: { text: settings } });
const metadata = (...pairs: [string, string][]) =>
  text('Hi', [], { metadata: pairs.map(([key, value]) => ({ key, value })) });
const many = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
const tools = (names: string[], choice?: string): PromptVariantContent => ({
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      toolConfiguration: {
        tools: names.map((name) => ({ toolSpec: { name, inputSchema: { json: {} } } })),
        ...(choice && { toolChoice: { tool: { name: choice } } }),
      },
    },
  },
});

describe('Bedrock’s limits', () => {
  it.each<[string, PromptVariantContent]>([
    ['a text with its variables', text('{{a}} {{b-1}} {{a}}', ['b-1', 'a'])],
    ['a text of 200,000 characters', text('x'.repeat(200_000))],
    [
      '20 variables',
      text(
        many(20)
          .map((name) => `{{${name}}}`)
          .join(),
        many(20),
      ),
    ],
    ['the ends of every range', inference({ temperature: 0, topP: 1, maxTokens: 512_000, stopSequences: many(4) })],
    ['single braces', text('{"a": {"b": 1}} }}')],
    ['a tool and its choice', tools(['quote_2'], 'quote_2')],
    ['an empty metadata value', metadata(['k', ''])],
  ])('allow %s', (_, variant) => {
    expect(() => checkVariant(variant, 'App/Prompt')).not.toThrow();
  });

  it.each<[string, PromptVariantContent, string]>([
    [
      'a variable that is not declared',
      text('{{a}} {{b}}', ['a']),
      'the template uses {{b}}, which is not declared as an input variable',
    ],
    [
      'a variable that is not used',
      text('{{a}}', ['a', 'b']),
      'input variable b is declared, but the template never uses it',
    ],
    ['a variable twice', text('{{a}}', ['a', 'a']), 'input variable a is declared twice'],
    ['a name with a dot', text('Hi', ['a.b']), "an input variable's name must be 1 to 100 letters"],
    ['spaces in braces', text('{{ a }}', []), 'found "{{ a }}"'],
    ['a block', text('{{#if a}}', []), 'found "{{#if a}}"'],
    ['an open brace', text('Use {{ as you like', []), 'found "{{ as you like"'],
    ['triple braces', text('{{{a}}}', []), 'found "{{{a}}}"'],
    [
      '21 variables',
      text(
        many(21)
          .map((name) => `{{${name}}}`)
          .join(),
        many(21),
      ),
      'at most 20 input variables are allowed, found 21',
    ],
    ['an empty text', text(''), 'a template text must have 1 to 200000 characters, found 0'],
    ['a text of 200,001 characters', text('x'.repeat(200_001)), 'found 200001'],
    [
      'a long model id',
      text('Hi', [], { modelId: 'm'.repeat(2049) }),
      'the model id must have 1 to 2048 characters, found 2049',
    ],
    [
      'a text template for CHAT',
      text('Hi', [], { templateType: 'CHAT' }),
      'template type CHAT needs exactly a chat template, found text',
    ],
    ['a temperature of 1.1', inference({ temperature: 1.1 }), 'temperature must be from 0 to 1, found 1.1'],
    ['topP of -0.1', inference({ topP: -0.1 }), 'topP must be from 0 to 1, found -0.1'],
    ['NaN', inference({ topP: Number.NaN }), 'topP must be from 0 to 1, found NaN'],
    ['half a token', inference({ maxTokens: 1.5 }), 'maxTokens must be a whole number from 0 to 512000, found 1.5'],
    ['five stop sequences', inference({ stopSequences: many(5) }), 'at most 4 stop sequences are allowed, found 5'],
    ['51 metadata pairs', metadata(...many(51).map((key): [string, string] => [key, ''])), 'at most 50 metadata pairs'],
    ['an empty metadata key', metadata(['', 'v']), 'a metadata key must have 1 to 128 characters, found 0'],
    [
      'a metadata value with a comma',
      metadata(['k', 'a,b']),
      'a metadata value takes letters, digits, spaces and ._:/=+@- only, found "a,b"',
    ],
    [
      'a tool’s name with a dash',
      tools(['get-quote']),
      "a tool's name must be a letter and then at most 63 letters, digits or _",
    ],
    ['no tool', tools([]), 'a tool configuration needs at least one tool'],
    [
      'the choice of a tool that is not there',
      tools(['quote'], 'price'),
      'the tool choice names price, but the tools are quote',
    ],
  ])('forbid %s', (_, variant, message) => {
    expect(() => checkVariant(variant, 'App/Prompt')).toThrow(
      expect.objectContaining({ code: 'InvalidPrompt', message: expect.stringContaining(message) }),
    );
    expect(() => checkVariant(variant, 'App/Prompt')).toThrow(/^App\/Prompt: /);
  });

  it('are all reported at once', () => {
    expect(() => checkVariant(text('{{a}}', ['b'], { modelId: '' }), 'X')).toThrow(
      'X: the template uses {{a}}, which is not declared as an input variable; input variable b is declared, but the template never uses it; the model id must have 1 to 2048 characters, found 0',
    );
  });

  it('leave values to AWS that are not known yet', () => {
    const isToken = (value: unknown) =>
      typeof value === 'string' ? value.includes('${Token') : Number(value) < -1e300;
    const settings = { inferenceConfiguration: { text: { temperature: -1.7e308 } } };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a CDK token looks like
    const variant = text('${Token[A.1]} {{a}}', ['a', 'b'], { ...settings, modelId: '${Token[B.2]}'.repeat(200) });
    expect(() => checkVariant(variant, 'X', isToken)).not.toThrow();
  });
});
