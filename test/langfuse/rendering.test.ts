import { ChatPromptClient, TextPromptClient } from '@langfuse/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { checkVariant } from '../../core/content/prompt-limits';
import { template } from '../../core/content/template';
import { registryRow } from '../../core/langfuse/registry-row';

// Version 3 of the client: its types are of another age than ours.
const third = require('langfuse-core');

const NAMES = ['a', 'ticker', 'my-var', 'x_1', 'constructor', 'length', '0', 'toString', 'A1'];
/** What could be taken for something else: tags, patterns of `replace`, markup, line ends, characters beyond the first plane. */
const HOSTILE = [
  '{{a}}',
  '{{{a}}}',
  '$&',
  '$1',
  "$'",
  '<b>&amp;"',
  '\r\n',
  '\\n',
  '🚀',
  '{{#a}}',
  '}}',
  '{{',
  '',
  ' ',
  '@@@langfusePrompt:name=a|version=1@@@',
  'null',
];
const PIECES = [
  'Text ',
  '\n',
  '{',
  '}',
  '$&',
  '<i>',
  '\\',
  '"',
  'é',
  '%s',
  '{single}',
  '\t',
  '{ {',
  '#',
  '/',
  '!',
  '&amp;',
];

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...NAMES).map((name) => `{{${name}}}`),
      fc.constantFrom(...PIECES),
      fc.string({ maxLength: 5 }).map((s) => s.replace(/[{}]/g, '')),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((made) => made.trim() !== '');
const values = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.oneof(fc.constantFrom(...HOSTILE), fc.string())])),
);
const used = (...texts: string[]) => {
  const found = texts.flatMap((one) => [...one.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name = '']) => name));
  return [...new Set(found)].map((name) => ({ name }));
};
const texts = text.map(
  (one): PromptVariantContent => ({
    templateType: 'TEXT',
    templateConfiguration: { text: { text: one, inputVariables: used(one) } },
  }),
);
const chats = fc.tuple(fc.option(text), fc.array(text, { minLength: 1, maxLength: 3 })).map(
  ([system, said]): PromptVariantContent => ({
    templateType: 'CHAT',
    templateConfiguration: {
      chat: {
        ...(system !== null && { system: [{ text: system }] }),
        messages: said.map((one, index) => ({
          role: index % 2 === 0 ? 'user' : 'assistant',
          content: [{ text: one }],
        })),
        inputVariables: used(...said, system ?? ''),
      },
    },
  }),
);

function declared({ templateConfiguration: { text: one, chat } }: PromptVariantContent): string[] {
  return ((one ?? chat)?.inputVariables ?? []).map(({ name }) => name);
}

function isLegal(variant: PromptVariantContent): boolean {
  try {
    checkVariant(variant, 'a random template');
    return true;
  } catch {
    return false;
  }
}

describe('A template that the registry takes', () => {
  it('becomes the same text in compile and in both clients of Langfuse, whatever the values', () => {
    let compared = 0;
    const property = fc.property(fc.oneof(texts, chats), values, (variant, given) => {
      fc.pre(isLegal(variant) && declared(variant).every((name) => NAMES.includes(name)));
      const version = {
        digest: contentDigest(variant),
        description: '',
        variant,
        archivedAt: '2026-11-29T00:00:00.000Z',
      };
      const row = registryRow(version, { name: 'p', version: 1, versionArn: 'arn', projectId: 'x', modelPrefix: '' });
      const wire = JSON.parse(JSON.stringify({ ...row, labels: [] }));
      const five = wire.type === 'text' ? new TextPromptClient(wire) : new ChatPromptClient(wire);
      const three = wire.type === 'text' ? new third.TextPromptClient(wire) : new third.ChatPromptClient(wire);
      const ours = asLangfuse(template(variant).fill(given as Record<string, string>), variant);
      expect(five.compile(given as never)).toEqual(ours);
      expect(three.compile(given)).toEqual(ours);
      compared += 1;
    });
    const { RENDERING_RUNS = 5_000, SEED } = process.env;
    fc.assert(property, { numRuns: Number(RENDERING_RUNS), ...(SEED !== undefined && { seed: Number(SEED) }) });
    // For `npm run prove -- rendering`.
    if (SEED !== undefined) console.log(`${compared} templates, 0 wrong`);
    expect(compared).toBeGreaterThan(0);
  });
});

function asLangfuse(
  compiled: ReturnType<ReturnType<typeof template>['fill']>,
  { templateConfiguration: { chat } }: PromptVariantContent,
) {
  if (typeof compiled === 'string') return compiled;
  const system = chat?.system ? [{ role: 'system', content: compiled.system }] : [];
  return [...system, ...compiled.messages];
}
