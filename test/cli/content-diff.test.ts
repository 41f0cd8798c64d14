import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sideBySideDiff } from '../../cli/diff/side-by-side-diff';
import { terminalDiff } from '../../cli/diff/terminal-diff';
import { unifiedDiff } from '../../cli/diff/unified-diff';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { visibleText } from '../../core/text/visible-text';
import { changedSections, contentDiff } from '../../studio/diff/content-diff';
import { contentSections } from '../../studio/diff/content-sections';
import { diffPage } from '../../studio/diff-page/diff-page';
import { fakeTerminal } from './fake-terminal';

const word = fc.constantFrom('you', 'are', 'brief', 'kind', '{{ticker}}', 'a\nb', '日本');
const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));
const blocks = fc.array(
  text.map((one) => ({ text: one })),
  { minLength: 1, maxLength: 2 },
);
const messages = fc.array(
  fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: blocks }),
  { maxLength: 5 },
);
const toolSpec = fc.record({
  name: fc.constantFrom('price', 'news'),
  description: text,
  inputSchema: fc.constant({ json: { type: 'object' } }),
});
const tools = fc.uniqueArray(
  toolSpec.map((one) => ({ toolSpec: one })),
  { selector: (tool) => tool.toolSpec.name, maxLength: 2 },
);
const settings = fc.record(
  { temperature: fc.constantFrom(0.2, 0.3), topP: fc.constantFrom(0.8, 0.9), maxTokens: fc.nat(600) },
  { requiredKeys: [] },
);
const variables = fc
  .uniqueArray(fc.constantFrom('ticker', 'language', 'months'))
  .map((names) => names.map((name) => ({ name })));
const common = { modelId: fc.constantFrom('amazon.nova-pro-v1:0', 'amazon.nova-lite-v1:0'), settings, variables };

const variant: fc.Arbitrary<PromptVariantContent> = fc.oneof(
  fc.record({ ...common, text }).map(({ modelId, settings: chosen, variables: inputVariables, text: template }) => ({
    ...{ templateType: 'TEXT' as const, templateConfiguration: { text: { text: template, inputVariables } } },
    ...{ modelId, inferenceConfiguration: { text: chosen } },
  })),
  fc.record({ ...common, system: blocks, messages, tools }).map((one) => ({
    ...{ templateType: 'CHAT' as const, modelId: one.modelId, inferenceConfiguration: { text: one.settings } },
    templateConfiguration: {
      chat: {
        system: one.system,
        messages: one.messages,
        inputVariables: one.variables,
        toolConfiguration: { tools: one.tools },
      },
    },
  })),
);

const compare = (a: PromptVariantContent, b: PromptVariantContent) =>
  contentDiff({ label: ':1', variant: a }, { label: ':2', variant: b });

describe('What nobody sees in a text', () => {
  const hiding = (hidden: string): PromptVariantContent => ({
    templateType: 'CHAT',
    modelId: 'amazon.nova-pro-v1:0',
    templateConfiguration: {
      chat: {
        system: [{ text: `Be kind.${hidden}` }],
        messages: [{ role: 'user', content: [{ text: `Hello${hidden} {{name}}` }] }],
        inputVariables: [{ name: 'name' }],
        toolConfiguration: {
          tools: [
            { toolSpec: { name: 'price', description: `A${hidden}`, inputSchema: { json: { [hidden]: hidden } } } },
          ],
        },
      },
    },
  });
  const [color, plain] = [fakeTerminal(120).terminal, fakeTerminal(120, { NO_COLOR: '1' }).terminal];

  it.each(['\u{e0049}\u{e0067}', '\u200b', '\u00ad', '\u3164', '\u202e', '\u00a0', '\ufe0f', '\ue000', '\u001b[8m'])(
    'stands written out in each way to compare: %j',
    (hidden) => {
      const written = visibleText(hidden);
      for (const [a, b] of [
        [hiding(''), hiding(hidden)],
        [hiding(hidden), hiding('')],
      ] as const) {
        const diff = contentDiff({ label: `a${hidden}`, variant: a }, { label: `b${hidden}`, variant: b });
        const shown = [
          ...[color, plain].flatMap((terminal) => [terminalDiff(diff, terminal), sideBySideDiff(diff, terminal)]),
          unifiedDiff(diff),
          diffPage({ promptName: `x${hidden}`, diff, time: new Date(0) }),
        ];
        for (const text of shown) expect([text.includes(hidden), text.includes(written)]).toEqual([false, true]);
      }
    },
  );
});

it('A tool, a label or a part with line ends stays on its line', () => {
  const tool = (name: string): PromptVariantContent => ({
    templateType: 'CHAT',
    templateConfiguration: {
      chat: {
        messages: [],
        toolConfiguration: { tools: [{ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }] },
      },
    },
  });
  const fake = 'a\nthe contents are equal';
  const diff = contentDiff({ label: fake, variant: tool('b') }, { label: fake, variant: tool(fake) });
  const { terminal } = fakeTerminal(200, { NO_COLOR: '1' });
  for (const text of [terminalDiff(diff, terminal), sideBySideDiff(diff, terminal), unifiedDiff(diff)]) {
    expect(text).not.toMatch(/^the contents are equal/m);
  }
});

describe('The diff of two contents', () => {
  it('is empty between a content and itself', () => {
    fc.assert(
      fc.property(variant, (a) => {
        const diff = compare(a, structuredClone(a));
        expect(changedSections(diff)).toEqual([]);
        expect(unifiedDiff(diff)).toBe('');
      }),
    );
  });

  it('holds every part of both, in the order of each: applied to the first it gives the second', () => {
    fc.assert(
      fc.property(variant, variant, (a, b) => {
        const { sections } = compare(a, b);
        const side = (gone: 'added' | 'removed') =>
          sections
            .filter(({ status }) => status !== gone)
            .map(({ changes }) => changes.map((change) => (change.kind === gone ? '' : change.text)).join(''));
        expect(side('added').sort()).toEqual(
          contentSections(a)
            .map((section) => section.text)
            .sort(),
        );
        expect(side('removed').sort()).toEqual(
          contentSections(b)
            .map((section) => section.text)
            .sort(),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('shows every changed word, in each of its forms', () => {
    fc.assert(
      fc.property(variant, variant, (a, b) => {
        const diff = compare(a, b);
        const { terminal } = fakeTerminal(undefined);
        const forms = [
          terminalDiff(diff, terminal),
          unifiedDiff(diff),
          sideBySideDiff(diff, fakeTerminal(400, { NO_COLOR: '1' }).terminal),
        ];
        for (const { changes } of changedSections(diff)) {
          for (const changed of changes.filter(({ kind }) => kind !== 'same')) {
            for (const piece of changed.text.split(/\s+/)) for (const form of forms) expect(form).toContain(piece);
          }
        }
      }),
    );
  });

  it('keeps equal messages together when one is put in between', () => {
    const chat = (texts: string[]): PromptVariantContent => ({
      templateType: 'CHAT',
      templateConfiguration: { chat: { messages: texts.map((one) => ({ role: 'user', content: [{ text: one }] })) } },
    });
    const diff = compare(chat(['one', 'two', 'three']), chat(['one', 'new', 'two', 'three']));
    expect(changedSections(diff)).toEqual([
      { title: 'message 2 (user)', status: 'added', changes: [{ kind: 'added', text: 'new' }] },
    ]);
  });

  it('leaves no field out that it does not know', () => {
    const a = { templateType: 'TEXT', templateConfiguration: { text: { text: 'x' } } } as PromptVariantContent;
    const fields = [
      { ...a, guardrail: 'strict' },
      { ...a, inferenceConfiguration: { text: { topK: 5 } } },
      { ...a, inferenceConfiguration: { image: {}, audio: { a: 1 } } },
      { ...a, templateConfiguration: { text: { text: 'x', language: 'en' } } },
      { ...a, metadata: [{ key: 'owner', value: 'desk' }] },
      { ...a, additionalModelRequestFields: { top_k: 5 } },
      { ...a, genAiResource: { agent: { agentIdentifier: 'agent' } } },
    ] as unknown as PromptVariantContent[];
    for (const b of fields) expect(changedSections(compare(a, b))).toHaveLength(1);
  });

  it('takes a 32-bit float for the number that it stands for', () => {
    const at = (temperature: number): PromptVariantContent => ({
      ...{ templateType: 'TEXT', templateConfiguration: { text: { text: 'x' } } },
      inferenceConfiguration: { text: { temperature } },
    });
    expect(changedSections(compare(at(0.2), at(Math.fround(0.2))))).toEqual([]);
    expect(changedSections(compare(at(0.2), at(0.21)))).toHaveLength(1);
  });
});
