import { App, Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AliasTarget, PromptVariant } from '../../lib';
import { ENV, newApp, promptIn, registryIn, stackIn, templateOf } from './prompt-app';

interface Size {
  readonly prompts: number;
  readonly characters?: number;
  readonly stack?: Stack;
}

function fill({ prompts, characters = 1_000, stack = stackIn() }: Size): Stack {
  const registry = registryIn(stack);
  for (let index = 0; index < prompts; index++) {
    const variant = PromptVariant.text({ text: `{{a}}${'x'.repeat(characters)}`, model: 'us.amazon.nova-pro-v1:0' });
    const prompt = promptIn(stack, { registry, promptName: `prompt-${index}`, variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  }
  return stack;
}

const warnings = (stack: Stack, words: string) =>
  Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(words)).length;

describe('a stack of prompts', () => {
  it('of 40 with two aliases fits, and says that it is nearly full', () => {
    const stack = fill({ prompts: 40 });
    const { Resources, Parameters } = templateOf(stack);

    expect(Object.keys(Resources).length).toBeLessThanOrEqual(420);
    expect(Object.keys(Parameters ?? {}).length).toBeLessThanOrEqual(200);
    expect(warnings(stack, '417 of the 500 resources.*define the next prompts in another stack')).toBe(1);
    expect(warnings(stack, 'bytes of template')).toBe(0);
  });

  it('of a few says nothing', () => {
    const stack = fill({ prompts: 3 });
    templateOf(stack);
    expect(warnings(stack, '.*')).toBe(0);
  });

  it('with more resources than CloudFormation takes is refused, with the way out', () => {
    expect(() => templateOf(fill({ prompts: 49 }))).toThrow(
      /Prompts: expected at most 500 resources.*found 507: define the next prompts in another stack, which joins the registry \/prompts\/prod with PromptRegistry.fromAttributes\(\)/,
    );
  });

  it('with nearly as much text as a template holds says so, with more it is refused', () => {
    const near = fill({ prompts: 5, characters: 160_000 });
    templateOf(near);
    expect(warnings(near, 'of the 1000000 bytes of template.*suppressTemplateIndentation')).toBeGreaterThan(0);

    expect(() => templateOf(fill({ prompts: 5, characters: 199_000 }))).toThrow(
      /Prompts: expected at most 1000000 bytes of template.*found \d{7}: set suppressTemplateIndentation on the stack/,
    );
  });

  it.each([4_200, 4_500])('is measured in full where it is near, with prompts of %i characters', (characters) => {
    const stack = fill({ prompts: 38, characters });
    const bytes = Buffer.byteLength(JSON.stringify(templateOf(stack), undefined, 1));

    expect(Math.abs(bytes - 800_000)).toBeLessThan(10_000);
    expect(warnings(stack, `${bytes} of the 1000000 bytes`)).toBe(bytes > 800_000 ? 1 : 0);
  });

  it('is refused where most of the text is in versions, which declare contents with tokens once more', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    for (let index = 0; index < 40; index++) {
      const text = index % 5 === 1 ? `{{a}} ${Aws.STACK_NAME} ${'x'.repeat(75_000)}` : '{{a}}';
      promptIn(stack, { registry, promptName: `prompt-${index}`, text: { text } });
    }
    expect(() => templateOf(stack)).toThrow(/expected at most 1000000 bytes of template.*found 1\d{6}:/);
  });

  it('is measured in full where most of the text is in policies for more callable versions than some have', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    for (let index = 0; index < 60; index++) {
      const prompt = promptIn(stack, { registry, promptName: `${'long-name-of-a-prompt-'.repeat(3)}${index}` });
      prompt.addAlias('PROD', { callableVersions: index % 9 === 0 ? 2 : 5 });
    }
    const bytes = Buffer.byteLength(JSON.stringify(templateOf(stack), undefined, 1));

    expect(warnings(stack, `${bytes} of the 1000000 bytes`)).toBe(1);
  });

  it('is measured as it will be written, without indentation too', () => {
    const characters = 186_000;
    const tight = new Stack(newApp(), 'Prompts', { env: ENV, suppressTemplateIndentation: true });
    expect(() => templateOf(fill({ prompts: 5, characters: 184_000, stack: tight }))).not.toThrow();
    expect(() => templateOf(fill({ prompts: 5, characters }))).toThrow(/bytes of template/);
    expect(App.isApp(tight.node.root)).toBe(true);
  });
});
