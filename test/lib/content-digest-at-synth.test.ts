import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aws, Lazy, Tags } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { PromptBlock, PromptMessage, PromptTool, PromptVariant } from '../../lib';
import { onlyResource, promptIn, type SomePrompt, stackIn, TEXT, templateOf } from './prompt-app';

const versionOf = (stack = stackIn()) => onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties;

function digestOf(prompt: SomePrompt): string {
  const stack = stackIn();
  promptIn(stack, prompt);
  return versionOf(stack).ContentDigest;
}

const before = digestOf({});

const variantOf = (draft: CfnPrompt) =>
  (draft.variants as CfnPrompt.PromptVariantProperty[])[0] as CfnPrompt.PromptVariantProperty;

describe('the content digest at synth', () => {
  it('is predicted without AWS', () => {
    expect(before).toMatch(/^pd1:[0-9a-f]{64}$/);
  });

  it.each<[string, SomePrompt]>([
    ['text', { text: { text: 'Explain {{ticker}} to us' } }],
    ['model', { text: { model: 'amazon.nova-lite-v1:0' } }],
    ['temperature', { text: { inference: { ...TEXT.inference, temperature: 0.3 } } }],
    ['topP', { text: { inference: { ...TEXT.inference, topP: 0.8 } } }],
    ['maxTokens', { text: { inference: { ...TEXT.inference, maxTokens: 601 } } }],
    ['stop sequences', { text: { inference: { ...TEXT.inference, stopSequences: ['END'] } } }],
    ['additional model fields', { text: { additionalModelRequestFields: { top_k: 5 } } }],
  ])('moves with the %s', (_, change) => {
    expect(digestOf(change)).not.toBe(before);
  });

  it.each<[string, SomePrompt]>([
    ['name', { promptName: 'another-name' }],
    ['description', { description: 'Another description' }],
    ['note', { versionNote: 'Another note' }],
    ['kept versions', { keepVersions: [3] }],
    ['metadata', { text: { metadata: { commit: 'c0ffee' } } }],
    ['metadata that the deployment fills in', { text: { metadata: { stack: Aws.STACK_NAME } } }],
    ['variables, written out', { text: { variables: ['ticker'] } }],
    ['empty list of stop sequences', { text: { inference: { ...TEXT.inference, stopSequences: [] } } }],
  ])('does not move with the %s', (_, change) => {
    expect(digestOf(change)).toBe(before);
  });

  it('does not move with tags, a key or resources beside the prompt', () => {
    const stack = stackIn();
    promptIn(stack, { encryptionKey: new Key(stack, 'Key') });
    new CfnTopic(stack, 'Topic');
    Tags.of(stack).add('cost-centre', '42');

    expect(versionOf(stack).ContentDigest).toBe(before);
    expect(onlyResource(templateOf(stack), 'AWS::Bedrock::Prompt').Properties.Tags).toEqual({ 'cost-centre': '42' });
  });

  it('is the one of the resource that is deployed, overrides included', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride('Variants.0.ModelId', 'amazon.nova-lite-v1:0');

    expect(versionOf(stack).ContentDigest).toBe(digestOf({ text: { model: 'amazon.nova-lite-v1:0' } }));
  });

  it.each<[string, (draft: CfnPrompt) => void]>([
    [
      'is given another variant',
      (draft) => (draft.variants = [{ ...variantOf(draft), modelId: 'amazon.nova-lite-v1:0' }]),
    ],
    ['has its variant changed where it stands', (draft) => Object.assign(variantOf(draft), { modelId: 'meta.llama' })],
    ['has an override', (draft) => draft.addPropertyOverride('Variants.0.ModelId', 'amazon.nova-lite-v1:0')],
    ['has an override deleted', (draft) => draft.addPropertyDeletionOverride('Variants.0.InferenceConfiguration')],
  ])('is asked for anew when the prompt %s after it was asked for', (_, change) => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const digest = () => stack.resolve(prompt.currentVersion.contentDigest);
    expect([digest(), digest()]).toEqual([before, before]);

    change(prompt.node.defaultChild as CfnPrompt);

    expect(digest()).not.toBe(before);
    expect(versionOf(stack).ContentDigest).toBe(digest());
  });

  it('is asked for anew for each override that deletes something', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const digests = ['Temperature', 'MaxTokens', 'TopP'].map((name) => {
      const path = `Variants.0.InferenceConfiguration.Text.${name}`;
      (prompt.node.defaultChild as CfnPrompt).addPropertyDeletionOverride(path);
      return stack.resolve(prompt.currentVersion.contentDigest);
    });

    expect(new Set([before, ...digests]).size).toBe(4);
  });

  it('follows a token that says something else later', () => {
    const stack = stackIn();
    let model = 'amazon.nova-lite-v1:0';
    const prompt = promptIn(stack, { text: { model: Lazy.uncachedString({ produce: () => model }) } });
    const digest = () => stack.resolve(prompt.currentVersion.contentDigest);
    const first = digest();
    model = 'amazon.nova-micro-v1:0';

    expect(digest()).not.toBe(first);
  });

  it('is the same for a value that is lazy, but known at synth', () => {
    expect(digestOf({ text: { model: Lazy.string({ produce: () => 'amazon.nova-pro-v1:0' }) } })).toBe(before);
  });

  it('gives way to the content itself where a token is known to the deployment only', () => {
    const stack = stackIn();
    const topic = new CfnTopic(stack, 'Topic');
    const variant = PromptVariant.text({ ...TEXT, text: `Explain {{ticker}} from ${topic.attrTopicName}` });
    promptIn(stack, { variant }).addAlias('STAGING');
    const template = templateOf(stack);

    const version = onlyResource(template, 'Custom::PromptVersion').Properties;
    expect(version.ContentDigest).toBeUndefined();
    expect(JSON.parse(version.Content).TemplateConfiguration.Text.Text).toEqual({ 'cdk-prompt-registry:value': 0 });
    expect(version.ContentValues).toEqual([
      { 'Fn::Join': ['', ['Explain {{ticker}} from ', { 'Fn::GetAtt': ['Topic', 'TopicName'] }]] },
    ]);
    const plan = onlyResource(template, 'Custom::PromptReleasePlan').Properties;
    expect(plan.Target).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^FinancialAnalysisVersion/), 'ContentDigest'],
    });
  });

  it('refuses a property of the variant that it does not know', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride('Variants.0.Surprise', 'new in Bedrock');

    expect(() => templateOf(stack)).toThrow(/Prompts\/FinancialAnalysis\/Resource.*surprise/s);
  });

  it('refuses a second variant', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride('Variants.1', { Name: 'second' });

    expect(() => templateOf(stack)).toThrow(/expected exactly one variant, found 2/);
  });
});

describe('the content digest of a text that was read from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-ends-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** As a checkout on Windows has it, saved by an editor that marks UTF-8. */
  const windows = (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`;
  const fileOf = (name: string, source: string) => {
    writeFileSync(join(folder, name), source);
    return digestOf({ variant: PromptVariant.fromFile(join(folder, name)) });
  };
  const SAID = 'Explain {{ticker}}\n\nto me';

  it('is that of the file on Linux, for a text', () => {
    const of = (text: string) => digestOf({ variant: PromptVariant.text({ text, model: 'm' }) });
    const front = '---\nmodel: m\ninput: { schema: { ticker: string } }\n---\n';
    expect(of(windows(SAID))).toBe(of(SAID));
    expect(fileOf('text.prompt', front + SAID)).toBe(of(SAID));
    expect(fileOf('windows.prompt', windows(front + SAID))).toBe(of(SAID));
  });

  it('is that of the file on Linux, for each block of a conversation and for tools', () => {
    const of = (as: (text: string) => string) =>
      digestOf({
        variant: PromptVariant.chat({
          system: [PromptBlock.text(as('Be\nkind')), PromptBlock.text(as('Be\nshort'))],
          messages: [
            PromptMessage.user(as(SAID), PromptBlock.text(as('More\nof it'))),
            PromptMessage.assistant(as('Well,\nno')),
            PromptMessage.user(as('Why\nnot?')),
          ],
          tools: [PromptTool.function({ name: 'a', description: as('Does\nit'), inputSchema: { type: 'object' } })],
          model: 'm',
        }),
      });
    expect(of(windows)).toBe(of((text) => text));
  });

  it.each([
    ['a carriage return alone', 'a\rb', 'a\nb'],
    ['U+2028', 'a\u2028b', 'a\nb'],
    ['a byte order mark within', 'a\uFEFFb', 'ab'],
    ['a last line feed', 'a\n', 'a'],
  ])('still tells %s apart', (_, one, other) => {
    const of = (text: string) => digestOf({ variant: PromptVariant.text({ text }) });
    expect(of(one)).not.toBe(of(other));
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFF---\nmodel: m\n---\nHi', 'utf16le'), /x\.prompt:1: the file is UTF-16/],
    ['UTF-16 the other way', Buffer.from('\uFEFFHi', 'utf16le').swap16(), /x\.prompt:1: the file is UTF-16/],
    ['UTF-16 without a mark', Buffer.from('---\nHi', 'utf16le'), /x\.prompt:1: the line holds a NUL/],
    [
      'Latin-1',
      Buffer.from('---\nmodel: m\n---\nH\u00e9!', 'latin1'),
      /x\.prompt:4: the line is not UTF-8.*save the file/,
    ],
  ])('does not come from a file in %s, which would be another prompt', (_, bytes, message) => {
    writeFileSync(join(folder, 'x.prompt'), bytes);
    expect(() => digestOf({ variant: PromptVariant.fromFile(join(folder, 'x.prompt')) })).toThrow(
      expect.objectContaining({ code: 'InvalidPromptFile', message: expect.stringMatching(message) }),
    );
  });
});
