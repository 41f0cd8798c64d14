import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lazy, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { Construct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';
import { Prompt, PromptMessage, PromptTool, PromptVariant, type TextPromptVariantOptions } from '../../lib';
import {
  ENV,
  newApp,
  onlyResource,
  promptIn,
  registryIn,
  type SomePrompt,
  stackIn,
  TEXT,
  templateOf,
} from './prompt-app';

const folder = mkdtempSync(join(tmpdir(), 'prompts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(source: string, name = 'stock-story.prompt'): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

const FRONT_MATTER = `---
model: amazon.nova-pro-v1:0
description: From the file
config:
  temperature: 0.2
input:
  schema:
    ticker: string
---
`;

describe('a prompt', () => {
  it('is a native resource with one variant', () => {
    const stack = stackIn();
    promptIn(stack, { description: 'For investors' });

    expect(onlyResource(templateOf(stack), 'AWS::Bedrock::Prompt').Properties).toEqual({
      Name: 'financial-analysis',
      Description: 'For investors',
      DefaultVariant: 'default',
      Variants: [
        {
          Name: 'default',
          TemplateType: 'TEXT',
          TemplateConfiguration: { Text: { Text: TEXT.text, InputVariables: [{ Name: 'ticker' }] } },
          ModelId: 'amazon.nova-pro-v1:0',
          InferenceConfiguration: { Text: { Temperature: 0.2, TopP: 0.9, MaxTokens: 600 } },
        },
      ],
    });
  });

  it('is let go of when it leaves the stack, because deleting it would delete its versions', () => {
    const stack = stackIn();
    promptIn(stack);
    const { DeletionPolicy, UpdateReplacePolicy } = onlyResource(templateOf(stack), 'AWS::Bedrock::Prompt');
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  it('takes name, description and content from its file', () => {
    const stack = stackIn();
    const variant = PromptVariant.fromFile(fileWith(`${FRONT_MATTER}Explain {{ticker}}\n`));
    const prompt = new Prompt(stack, 'FromFile', { registry: registryIn(stack), variant });

    expect(prompt.promptName).toBe('stock-story');
    expect(onlyResource(templateOf(stack), 'AWS::Bedrock::Prompt').Properties).toMatchObject({
      Name: 'stock-story',
      Description: 'From the file',
      Variants: [{ TemplateConfiguration: { Text: { Text: 'Explain {{ticker}}' } } }],
    });
  });

  it('has a version of this content, published with these settings', () => {
    const stack = stackIn();
    const prompt = promptIn(stack, { versionNote: 'Shorter', keepVersions: [2, 5] });
    prompt.addAlias('STAGING');
    expect(onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties).toMatchObject({
      Schema: '1',
      PromptName: 'financial-analysis',
      VersionNote: 'Shorter',
      KeepVersions: ['2', '5'],
      Targets: [],
      CallableVersions: '2',
    });
  });
});

describe('What a model reads and nobody sees', () => {
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('characters that nobody sees'))
      .map(({ entry }) => String(entry.data));

  it('in a file draws a warning with file, line and code point', () => {
    const path = fileWith(
      '---\r\nmodel: amazon.nova-pro-v1:0\r\n---\r\nTell\u{e0049} a\u200b\r\nstory\u00ad ❤️\u00a0!\r\n',
      'story.prompt',
    );
    const stack = stackIn();
    new Prompt(stack, 'Story', { registry: registryIn(stack), variant: PromptVariant.fromFile(path) });
    const [warning, ...more] = warnings(stack);
    expect(more).toEqual([]);
    expect(warning).toContain(`${path}:4: U+E0049, ${path}:4: U+200B, ${path}:5: U+00AD;`);
  });

  it.each<[string, Partial<TextPromptVariantOptions>, string]>([
    ['a text', { text: 'Explain {{ticker}}\n\u3164' }, 'variant.TemplateConfiguration.Text.Text:2: U+3164'],
    ['a stop sequence', { inference: { stopSequences: ['\u2060'] } }, 'StopSequences[0]:1: U+2060'],
    ['a key of free JSON', { additionalModelRequestFields: { '\ufeff': 1 } }, 'AdditionalModelRequestFields:1: U+FEFF'],
  ])('in %s in code draws one with the field', (_, text, place) => {
    const stack = stackIn();
    promptIn(stack, { text });
    expect(warnings(stack)).toEqual([expect.stringContaining(place)]);
  });

  it('in an override, a tool, a message or an adopted draft draws one as well', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const chat = PromptVariant.chat({
      messages: [PromptMessage.user('Hello\u200d')],
      tools: [PromptTool.function({ name: 'a', description: '\u202e', inputSchema: { type: 'object' } })],
      model: 'amazon.nova-pro-v1:0',
    });
    new Prompt(stack, 'Chat', { registry, promptName: 'chat', variant: chat });
    const late = promptIn(stack, { registry });
    (late.node.findChild('Resource') as CfnPrompt).addPropertyOverride(
      'Variants.0.TemplateConfiguration.Text.Text',
      '\u200c',
    );
    const draft = new CfnPrompt(stack, 'Draft', {
      name: 'old',
      variants: [{ name: 'a', templateType: 'TEXT', templateConfiguration: { text: { text: '\u2064' } } }],
    });
    Prompt.fromPromptRef(stack, 'Old', draft, { registry, publishDraft: true });
    const all = warnings(stack).join('\n');
    for (const code of ['U+200D', 'U+202E', 'U+200C', 'U+2064']) expect(all).toContain(code);
  });

  it('draws none where everything is seen', () => {
    const stack = stackIn();
    promptIn(stack, { text: { text: 'Explain {{ticker}} 👩‍💻 ❤️ à la «\u00a0carte\u00a0» 日本\u3000語' } });
    expect(warnings(stack)).toEqual([]);
  });

  it.each<[string, SomePrompt]>([
    ['a variable', { text: { variables: ['a\u200b\u202e'] } }],
    ['a key that a template cannot carry', { text: { additionalModelRequestFields: { 'a\u200b\u202e': null } } }],
    ['metadata', { text: { metadata: { 'aws:\u200b\u202e': '' } } }],
  ])('is written out in an error about %s', (_, props) => {
    let message = '';
    try {
      promptIn(stackIn(), props);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('\\u{200b}\\u{202e}');
    expect(message).not.toMatch(/\p{Cf}/u);
  });

  it('is written out in an error', () => {
    expect(() => promptIn(stackIn(), { promptName: 'a\u001b[2J\u200b' })).toThrow(/a\\u001b\[2J\\u\{200b\}/);
  });
});

describe('a prompt is refused at synth, with its path,', () => {
  it.each<[string, SomePrompt, RegExp]>([
    ['for a name that Bedrock refuses', { promptName: 'a b' }, /a prompt's name must be.*"a b"/],
    [
      'for a name that is a token',
      { promptName: Lazy.string({ produce: () => 'x' }) },
      /known at synth, found a token/,
    ],
    ['without a name', { promptName: undefined }, /expected a promptName, found none/],
    ['for a tag that is two', { tag: 'v1.0..v2' }, /a tag must be.*"v1\.0\.\.v2": two dots/],
    ['for a tag that is a number', { tag: '1.0' }, /a tag must be.*"1\.0": a number alone names a version/],
    ['for a tag that means another thing', { tag: 'NONE' }, /a tag must be.*"NONE": it stands for no version/],
    ['for a variable that is used, not declared', { text: { variables: [] } }, /uses \{\{ticker\}\}.*not declared/],
    ['for a variable that is declared, not used', { text: { variables: ['ticker', 'year'] } }, /year is declared/],
    ['for what Bedrock does not render', { text: { text: '{{#if ticker}}x{{/if}}' } }, /\{\{#if ticker\}\}/],
    ['for too much text', { text: { text: 'x'.repeat(200_001) } }, /1 to 200000 characters, found 200001/],
    ['for a temperature above 1', { text: { inference: { temperature: 1.5 } } }, /temperature must be from 0 to 1/],
    ['for too many stop sequences', { text: { inference: { stopSequences: [...'abcde'] } } }, /at most 4 stop/],
    ['for a long description', { description: 'x'.repeat(201) }, /1 to 200 characters, found 201/],
    ['for a long note', { versionNote: 'x'.repeat(132) }, /at most 131 characters, found 132/],
    ['for a kept version 0', { keepVersions: [0] }, /from 1 to 99999 in keepVersions, found 0/],
  ])('%s', (_, settings, message) => {
    const build = () => promptIn(stackIn(), settings);
    expect(build).toThrow(/^Prompts\/[^:]+: /);
    expect(build).toThrow(message);
  });

  it('for a file that is not there', () => {
    const variant = PromptVariant.fromFile('prompts/no-such.prompt');
    expect(() => promptIn(stackIn(), { variant })).toThrow(
      /^Prompts\/FinancialAnalysis: expected a prompt file at prompts\/no-such\.prompt, found none.*ENOENT/,
    );
  });

  it.each([
    ['broken YAML', '---\nmodel: [\n---\nHello\n'],
    ['a tag that is none', `${FRONT_MATTER.replace('config', 'tag: v1.0..v2\nconfig')}Explain {{ticker}}\n`],
    ['an undeclared variable', `${FRONT_MATTER}Explain {{ticker}} in {{language}}\n`],
    ['an unused variable', `${FRONT_MATTER}Explain\n`],
    ['a block', `${FRONT_MATTER}{{#if ticker}}{{ticker}}{{/if}}\n`],
    ['a partial', `${FRONT_MATTER}{{ticker}} {{>footer}}\n`],
  ])('for a file with %s, naming the line', (_, source) => {
    const variant = PromptVariant.fromFile(fileWith(source));
    expect(() => promptIn(stackIn(), { variant })).toThrow(/^Prompts\/FinancialAnalysis: .*stock-story\.prompt:\d+: /s);
  });

  it('for a name that another prompt of the registry has', () => {
    const app = newApp();
    const registry = registryIn(stackIn(app, 'One'));
    promptIn(stackIn(app, 'Two'), { registry });
    expect(() => promptIn(stackIn(app, 'Three'), { registry })).toThrow(
      /^Three\/FinancialAnalysis: expected a name of its own for the prompt financial-analysis.*Two\/FinancialAnalysis/,
    );
  });

  it('for a name whose stack parameters would be those of another prompt', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry, promptName: 'financial-analysis' });
    expect(() => promptIn(stack, { registry, promptName: 'financial_analysis' })).toThrow(
      /expected a name of its own for the parameter FinancialAnalysisWithdrawnVersions/,
    );
  });
});

it('limits are not checked where only the deployment knows the value', () => {
  const stack = stackIn();
  const text = { text: Lazy.string({ produce: () => 'Explain it' }), model: Lazy.string({ produce: () => 'm' }) };
  expect(() => promptIn(stack, { text })).not.toThrow();
});

describe('two prompts of one name in Bedrock', () => {
  const named = (scope: Construct, prefix: string, promptName = 'advisor') =>
    promptIn(scope, { registry: registryIn(scope, prefix), promptName });
  const raw = (scope: Construct, name = 'advisor') => new CfnPrompt(scope, 'Raw', { name });
  const refusal = (...paths: string[]) =>
    new RegExp(`found the name 'advisor' at ${paths.join(' and ')}: Bedrock keeps names apart by account and Region`);

  it('are refused, though their registries have prefixes of their own', () => {
    const app = newApp();
    named(stackIn(app, 'Test'), '/test');
    named(stackIn(app, 'Prod'), '/prod');
    expect(() => app.synth()).toThrow(refusal('Test/advisor', 'Prod/advisor'));
  });

  it('are refused in two stages of one environment, and in a stack for any environment', () => {
    const app = newApp();
    named(new Stack(new Stage(app, 'Test'), 'Prompts', { env: ENV }), '/test');
    named(new Stack(new Stage(app, 'Prod'), 'Prompts', { env: ENV }), '/prod');
    expect(() => app.synth()).toThrow(refusal('Test/Prompts/advisor', 'Prod/Prompts/advisor'));

    const anywhere = new Stack(newApp(), 'Anywhere');
    named(anywhere, '/test');
    raw(anywhere);
    expect(() => templateOf(anywhere)).toThrow(refusal('Anywhere/advisor', 'Anywhere/Raw'));
  });

  it('are refused where one of them is no construct of this registry, or of a nested stack, or adopted', () => {
    const app = newApp();
    const stack = stackIn(app);
    named(stack, '/prod');
    raw(new NestedStack(stack, 'Nested'));
    expect(() => app.synth()).toThrow(refusal('Prompts/advisor', 'Prompts/Nested/Raw'));

    const other = newApp();
    const adopted = raw(stackIn(other, 'Old'));
    raw(stackIn(other, 'Second'));
    Prompt.fromPromptRef(Stack.of(adopted), 'Adopted', adopted, { registry: registryIn(Stack.of(adopted)) });
    expect(() => other.synth()).toThrow(refusal('Old/Raw', 'Second/Raw'));
  });

  it.each([
    ['another Region', { ...ENV, region: 'eu-west-1' }],
    ['another account', { ...ENV, account: '444455556666' }],
    ['an environment that synthesis does not know', {}],
  ])('pass in %s', (_, env) => {
    const app = newApp();
    named(stackIn(app, 'Test'), '/test');
    named(new Stack(app, 'Prod', { env }), '/prod');
    expect(() => app.synth()).not.toThrow();
  });

  it('pass where they are one prompt that two registries adopted, and where only the letters are alike', () => {
    const app = newApp();
    const stack = stackIn(app);
    const source = raw(stack);
    for (const id of ['Test', 'Prod']) {
      const scope = new Construct(stack, id);
      const registry = registryIn(scope, `/${id}`);
      Prompt.fromPromptRef(scope, 'Adopted', source, { registry, promptName: `advisor-${id}` });
    }
    named(new Construct(stack, 'Other'), '/other', 'Advisor');
    expect(() => app.synth()).not.toThrow();
  });
});
