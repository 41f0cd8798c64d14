import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Aws,
  CfnCondition,
  CfnDynamicReference,
  CfnDynamicReferenceService,
  CfnParameter,
  Fn,
  SecretValue,
} from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { afterAll, describe, expect, it } from 'vitest';
import { PromptMessage, PromptTool, PromptVariant } from '../../lib';
import { newApp, onlyResource, promptIn, type SomePrompt, stackIn, templateOf } from './prompt-app';

const folder = mkdtempSync(join(tmpdir(), 'template-values-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withTool = (inputSchema: Record<string, unknown>, description?: string) => ({
  variant: PromptVariant.chat({
    messages: [PromptMessage.user('Go')],
    tools: [PromptTool.function({ name: 'ask', description, inputSchema })],
  }),
});
const SCHEMA_PATH = 'templateConfiguration.chat.toolConfiguration.tools[0].toolSpec.inputSchema.json';

function templateWith(prompt: SomePrompt) {
  const stack = stackIn();
  promptIn(stack, prompt);
  return templateOf(stack);
}

describe('what CloudFormation would refuse or change is an error with construct and field', () => {
  it.each<[string, () => SomePrompt, string]>([
    [
      'null in a tool schema',
      () => withTool({ type: 'object', properties: { a: { default: null } } }),
      `Prompts/FinancialAnalysis: ${SCHEMA_PATH}.properties.a.default is null`,
    ],
    [
      'null in model fields',
      () => ({ text: { additionalModelRequestFields: { a: null } } }),
      'additionalModelRequestFields.a is null',
    ],
    [
      'a property named Ref',
      () => withTool({ type: 'object', properties: { Ref: { type: 'string' } } }),
      `${SCHEMA_PATH}.properties.Ref is a key that CloudFormation reads`,
    ],
    [
      'a dynamic reference in the text',
      () => ({ text: { text: 'Key {{resolve:ssm:/key}} for {{ticker}}' } }),
      'templateConfiguration.text.text holds {{resolve:',
    ],
    [
      'a dynamic reference in a tool description',
      () => withTool({ type: 'object' }, 'Such as {{resolve:ssm:name}}'),
      'tools[0].toolSpec.description holds {{resolve:',
    ],
    [
      'a dynamic reference in the description',
      () => ({ description: '{{resolve:ssm:/a}}' }),
      'description holds {{resolve:',
    ],
    ['a dynamic reference in the note', () => ({ versionNote: '{{resolve:ssm:/a}}' }), 'versionNote holds {{resolve:'],
    [
      'a dynamic reference in metadata',
      () => ({ text: { metadata: { a: '{{resolve:ssm:/a}}' } } }),
      'metadata[0].value holds {{resolve:',
    ],
    [
      'a control character',
      () => ({ text: { text: '{{ticker}}\u0000' } }),
      'templateConfiguration.text.text holds U+0000',
    ],
    ['an empty tool description', () => withTool({ type: 'object' }, ''), 'the description of tool ask is empty'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CDK's mark
    ['what looks like a token', () => ({ text: { text: '{{ticker}} ${Token[TOKEN.999999]}' } }), 'mark of a CDK token'],
    [
      'a secret as a token',
      () => ({ text: { additionalModelRequestFields: { k: SecretValue.ssmSecure('/k').unsafeUnwrap() } } }),
      'dynamic reference to a secret',
    ],
  ])('%s', (_, prompt, message) => {
    expect(() => templateWith(prompt())).toThrow(message);
    expect(() => templateWith(prompt())).toThrow('Prompts/FinancialAnalysis');
  });

  it('in a prompt file too', () => {
    const file = join(folder, 'ask.prompt');
    const tool = 'toolDefs:\n  - name: ask\n    inputSchema:\n      type: object\n      ';
    const make = (field: string) => {
      writeFileSync(file, `---\n${tool}${field}\n---\n{{role "user"}}\nGo\n`);
      return templateWith({ promptName: 'ask', variant: PromptVariant.fromFile(file) });
    };
    // A number that reads back as another is said with its line; one that does not is not exact in CloudFormation.
    expect(() => make('maximum: 9223372036854775807')).toThrow('ask.prompt:6: 9223372036854775807 would be rounded');
    expect(() => make('maximum: 9223372036854775808')).toThrow(
      `${SCHEMA_PATH}.maximum is 9223372036854776000, a whole number beyond 2^53`,
    );
    expect(() => make('default: ~')).toThrow(`${SCHEMA_PATH}.default is null`);
  });

  it('in what an override puts there', () => {
    const stack = stackIn(newApp());
    const prompt = promptIn(stack);
    (prompt.node.defaultChild as CfnPrompt).addPropertyOverride('Variants.0.AdditionalModelRequestFields', {
      a: [1, null],
    });
    expect(() => templateOf(stack)).toThrow(
      /Prompts\/FinancialAnalysis\/Resource\] additionalModelRequestFields\.a\[1\] is null/,
    );
  });
});

describe('what was meant is passed on', () => {
  it('a dynamic reference as a token, and as the model', () => {
    const reference = new CfnDynamicReference(CfnDynamicReferenceService.SSM, '/a').toString();
    const template = templateWith({
      description: reference,
      text: { model: '{{resolve:ssm:/model}}', text: `{{ticker}} ${reference}` },
    });
    const { Variants, Description } = onlyResource(template, 'AWS::Bedrock::Prompt').Properties;
    expect(Variants[0]).toMatchObject({
      ModelId: '{{resolve:ssm:/model}}',
      TemplateConfiguration: { Text: { Text: '{{ticker}} {{resolve:ssm:/a}}' } },
    });
    expect(Description).toBe('{{resolve:ssm:/a}}');
  });

  it('AWS::NoValue, in a list of its own beside other texts', () => {
    const stack = stackIn();
    const condition = new CfnCondition(stack, 'IsHere', { expression: Fn.conditionEquals(Aws.REGION, 'us-east-1') });
    const model = Fn.conditionIf(condition.logicalId, 'amazon.nova-pro-v1:0', Aws.NO_VALUE);
    const company = new CfnParameter(stack, 'Company').valueAsString;
    promptIn(stack, { text: { model: model.toString(), text: `{{ticker}} of ${company}` } });
    const { ContentValues } = onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties;
    expect(ContentValues).toEqual([
      [{ 'Fn::If': ['IsHere', 'amazon.nova-pro-v1:0', { Ref: 'AWS::NoValue' }] }],
      { 'Fn::Join': ['', ['{{ticker}} of ', { Ref: 'Company' }]] },
    ]);
  });
});
