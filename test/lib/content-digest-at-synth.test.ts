import { Aws, Lazy, Tags } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { PromptVariant } from '../../lib';
import { onlyResource, promptIn, type SomePrompt, stackIn, TEXT, templateOf } from './prompt-app';

const versionOf = (stack = stackIn()) => onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties;

function digestOf(prompt: SomePrompt): string {
  const stack = stackIn();
  promptIn(stack, prompt);
  return versionOf(stack).ContentDigest;
}

const before = digestOf({});

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
