import { CfnParameter } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { describe, expect, it } from 'vitest';
import { Prompt, PromptMessage, PromptTool, PromptVariant } from '../../lib';
import { idOf, onlyResource, promptIn, registryIn, stackIn, TEXT, type TemplateJson, templateOf } from './prompt-app';

type Fields = Record<string, unknown>;
const fields = (additionalModelRequestFields: Fields) => ({ text: { additionalModelRequestFields } });
const freeJsonIn = (template: TemplateJson) => onlyResource(template, 'Custom::PromptVersion').Properties.FreeJson;

function templateWith(...[options]: Parameters<typeof fields>): TemplateJson {
  const stack = stackIn();
  promptIn(stack, fields(options));
  return templateOf(stack);
}

/** The resources of the statements that allow UpdatePrompt. */
const writable = (template: TemplateJson) =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Effect, Action }) => Effect === 'Allow' && JSON.stringify(Action).includes('UpdatePrompt'))
    .map(({ Resource }) => Resource);

describe('free JSON', () => {
  it('is declared with its types, in ASCII, and the publisher may write that draft and no other', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry, promptName: 'plain' });
    const inputSchema = { type: 'object', title: 'Fräge', maxProperties: 3, additionalProperties: false };
    const variant = PromptVariant.chat({
      messages: [PromptMessage.user('Go')],
      tools: [PromptTool.function({ name: 'ask', inputSchema })],
      additionalModelRequestFields: { top_k: 5 },
    });
    promptIn(stack, { registry, promptName: 'typed', variant });
    const template = templateOf(stack);
    const { FreeJson } = template.Resources[idOf(template, 'TypedVersion')]?.Properties ?? {};

    expect(FreeJson).toBe(
      '[{"additionalProperties":false,"maxProperties":3,"title":"Fr\\u00e4ge","type":"object"},{"top_k":5}]',
    );
    expect(writable(template)).toEqual([{ 'Fn::GetAtt': [idOf(template, 'TypedPrompt'), 'Arn'] }]);
    expect(template.Resources[idOf(template, 'PlainVersion')]?.Properties).not.toHaveProperty('FreeJson');
  });

  it.each<[string, Fields]>([
    ['without any', {}],
    ['of texts', { service_tier: 'flex', list: ['1', { a: 'true' }] }],
  ])('%s is not declared, and nothing more is granted', (_, options) => {
    const template = templateWith(options);
    expect(freeJsonIn(template)).toBeUndefined();
    expect(writable(template)).toEqual([]);
  });

  it('that only the deployment knows is in the content', () => {
    const stack = stackIn();
    const top_k = new CfnParameter(stack, 'TopK', { type: 'Number' }).valueAsNumber;
    promptIn(stack, fields({ top_k }));
    const template = templateOf(stack);
    expect(freeJsonIn(template)).toBe('in Content');
    expect(writable(template)).toHaveLength(1);
  });

  it('beside a token is in the content, and that of an override counts', () => {
    const stack = stackIn();
    const model = new CfnParameter(stack, 'Model').valueAsString;
    const prompt = promptIn(stack, { text: { model } });
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride('Variants.0.AdditionalModelRequestFields', { k: 1 });
    const template = templateOf(stack);
    expect(freeJsonIn(template)).toBe('in Content');
    expect(writable(template)).toHaveLength(1);
  });

  it("of an adopted prompt is its owner's", () => {
    const stack = stackIn();
    const draft = new CfnPrompt(stack, 'Old', {
      name: 'old',
      variants: [
        {
          ...{ name: 'a', templateType: 'TEXT', templateConfiguration: { text: { text: TEXT.text } } },
          additionalModelRequestFields: { top_k: 5 },
        },
      ],
    });
    Prompt.fromPromptRef(stack, 'Adopted', draft, { registry: registryIn(stack), publishDraft: true });
    const template = templateOf(stack);
    expect(freeJsonIn(template)).toBeUndefined();
    expect(writable(template)).toEqual([]);
  });
});
