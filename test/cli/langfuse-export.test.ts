import { describe, expect, it } from 'vitest';
import { langfuseExport } from '../../cli/export/langfuse-export';
import { bedrockVersion } from '../../cli/import/bedrock-version';
import { langfuseVersion } from '../../cli/import/langfuse-version';
import { contentDigest } from '../../core/content/content-digest';
import type { PromptVariantContent } from '../../core/content/prompt-content';

const WHOLE: PromptVariantContent = {
  templateType: 'CHAT',
  modelId: 'us.amazon.nova-pro-v1:0',
  templateConfiguration: {
    chat: {
      system: [{ text: 'You sort.' }],
      messages: [
        { role: 'user', content: [{ text: 'Sort {{x}}' }] },
        { role: 'assistant', content: [{ text: 'Done' }] },
      ],
      inputVariables: [{ name: 'x' }],
      toolConfiguration: {
        tools: [{ toolSpec: { name: 'quote', description: 'A quote', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { tool: { name: 'quote' } },
      },
    },
  },
  inferenceConfiguration: { text: { temperature: Math.fround(0.2), topP: 0.5, maxTokens: 9, stopSequences: ['END'] } },
  additionalModelRequestFields: { top_k: 5, nested: { deep: [true, null] } },
};

const exported = (variant: PromptVariantContent, more = {}) =>
  langfuseExport({
    ...{ name: 'sorter', version: 1, digest: '', description: 'pd1:', variant, aliases: ['PROD', 'Canary'] },
    ...{ isWithdrawn: false, ...more },
  });
const losses = (variant: PromptVariantContent, more = {}) => exported(variant, more).losses.map(({ what }) => what);
const text = (value: string): PromptVariantContent => ({
  templateType: 'TEXT',
  templateConfiguration: { text: { text: value } },
});

describe('A version for Langfuse', () => {
  it('holds all of its content, which an import reads back with the same digest', () => {
    const { body, losses: found } = exported(WHOLE);
    expect([found, body?.labels]).toEqual([[], ['production', 'canary']]);
    const wire = JSON.parse(JSON.stringify({ ...body, version: 1 }));
    const back = langfuseVersion(wire, { isFlat: false });
    expect(back.losses).toEqual([]);
    expect(contentDigest(back.variant)).toBe(contentDigest(WHOLE));
  });

  it('has the tag of its metadata, and so has what is imported of it', () => {
    const tagged = exported({ ...text('a'), metadata: [{ key: 'tags', value: 'team a' }] });
    expect([tagged.body?.tags, tagged.losses]).toEqual([['team a'], []]);
    const back = langfuseVersion({ ...JSON.parse(JSON.stringify(tagged.body)), version: 1 }, { isFlat: false });
    expect([back.variant?.metadata, back.losses]).toEqual([[{ key: 'tags', value: 'team a' }], []]);
  });

  it('says what it leaves out', () => {
    const [point] = [{ cachePoint: { type: 'default' as const } }];
    const chat = (content: object[]) =>
      ({ templateType: 'CHAT', templateConfiguration: { chat: { messages: [{ role: 'user', content }] } } }) as never;
    expect(losses(chat([{ text: 'a' }, point]))).toEqual(['cache points: left out']);
    expect(losses(chat([{ text: 'a' }, { text: 'b' }]))).toEqual(['texts of several blocks: joined by line ends']);
    expect(losses({ ...text('a'), metadata: [{ key: 'owner', value: 'x' }] })).toEqual(['metadata owner: left out']);
    const composed = exported(text('@@@langfusePrompt:name=a|version=1@@@'));
    expect([composed.body, composed.losses[0]?.what]).toEqual([null, expect.stringContaining('another prompt')]);
    expect(losses(text('a'), { isWithdrawn: true })).toEqual(['it is withdrawn: nobody may call it']);
  });
});

describe('A version of Bedrock', () => {
  const row = {
    name: 'a',
    arn: 'arn',
    version: 1,
    description: 'why',
    time: '',
    defaultVariant: 'two',
    keyArn: undefined,
  };
  it('is its default variant; what else there is, is said', () => {
    const variants = [
      { ...text('one'), name: 'one' },
      { ...text('two'), name: 'two' },
    ];
    const read = bedrockVersion({ ...row, variants, keyArn: 'arn:key' }, 'amazon.nova-pro-v1:0');
    expect([read.variant?.templateConfiguration.text?.text, read.variant?.modelId, read.note]).toEqual([
      'two',
      'amazon.nova-pro-v1:0',
      'why',
    ]);
    expect(read.losses.map(({ what }) => what)).toEqual([
      'variants one: left out, two is taken',
      'it is encrypted with arn:key',
    ]);
    expect(bedrockVersion({ ...row, variants: [] }, undefined).losses[0]).toMatchObject({ isRefused: true });
  });
});
