import { Aws } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AliasTarget, PromptRegistry } from '../../lib';
import { newApp, promptIn, registryIn, stackIn } from './prompt-app';

const HANDLERS = { version: 'arn:v', plan: 'arn:p', alias: 'arn:a' };
const IMPORTED = { handlers: HANDLERS, publisherRoleName: 'p', releaserRoleName: 'r' };

function templateOf(bedrockNamePrefix?: string, bedrockName?: string) {
  const stack = stackIn();
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', bedrockNamePrefix });
  const prompt = promptIn(stack, { registry, bedrockName });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  return { prompt, template: Template.fromStack(stack).toJSON() };
}

describe("A prompt's name in Bedrock", () => {
  it.each([
    [undefined, undefined, 'financial-analysis'],
    ['test-', undefined, 'test-financial-analysis'],
    ['test', undefined, 'testfinancial-analysis'],
    ['', undefined, 'financial-analysis'],
    ['test-', 'fin', 'fin'],
    [undefined, 'fin', 'fin'],
  ])(
    'with the prefix %s and the name %s is %s, and nothing else of the template knows it',
    (prefix, name, expected) => {
      const plain = JSON.stringify(templateOf().template);
      const { prompt, template } = templateOf(prefix, name);
      expect([prompt.promptName, prompt.bedrockName]).toEqual(['financial-analysis', expected]);
      const [own] = Object.values(Template.fromJSON(template).findResources('AWS::Bedrock::Prompt'));
      expect(own?.Properties.Name).toBe(expected);
      Object.assign(own?.Properties, { Name: 'financial-analysis' });
      expect(JSON.stringify(template)).toBe(plain);
    },
  );

  it('comes from the prefix of a registry of another app as well', () => {
    const stack = stackIn();
    const attributes = { ...IMPORTED, parameterPrefix: '/prompts/prod', bedrockNamePrefix: 'test-' };
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', attributes);
    expect(promptIn(stack, { registry }).bedrockName).toBe('test-financial-analysis');
  });

  it('keeps two environments of one app apart', () => {
    const app = newApp();
    for (const bedrockNamePrefix of [undefined, 'test-']) {
      const stack = stackIn(app, `Prompts${bedrockNamePrefix ?? ''}`);
      const parameterPrefix = `/prompts/${bedrockNamePrefix ?? 'prod'}`;
      promptIn(stack, { registry: new PromptRegistry(stack, 'Registry', { parameterPrefix, bedrockNamePrefix }) });
    }
    expect(() => app.synth()).not.toThrow();
  });

  it('is compared as it is in Bedrock, whatever made it', () => {
    const app = newApp();
    const one = stackIn(app, 'One');
    promptIn(one, { promptName: 'b', registry: new PromptRegistry(one, 'Registry', { bedrockNamePrefix: 'a-' }) });
    const two = stackIn(app, 'Two');
    promptIn(two, { promptName: 'a-b', registry: registryIn(two, '/prompts/two') });
    expect(() => app.synth()).toThrow(/found the name 'a-b' at One\/b and Two\/a-b: .*bedrockNamePrefix/s);
  });

  it.each(['-', 'test--', 'a b', 'x'.repeat(101), Aws.STACK_NAME])('is refused as a prefix: %j', (prefix) => {
    expect(() => new PromptRegistry(stackIn(), 'Registry', { bedrockNamePrefix: prefix })).toThrow(
      /expected a bedrockNamePrefix of 1 to 100/s,
    );
  });

  it.each(['', '-', 'a--b', 'a b', 'x'.repeat(101), Aws.STACK_NAME])('is refused as a name: %j', (bedrockName) => {
    expect(() => promptIn(stackIn(), { bedrockName })).toThrow(/expected a prompt's name in Bedrock of 1 to 100/);
  });

  it('is refused where prefix and name together are too long', () => {
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { bedrockNamePrefix: 'x'.repeat(90) });
    expect(() => promptIn(stack, { registry })).toThrow(/expected a prompt's name in Bedrock of 1 to 100/);
  });

  it('draws no warning', () => {
    const stack = stackIn();
    promptIn(stack, { registry: new PromptRegistry(stack, 'Registry', { bedrockNamePrefix: 'test-' }) });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('edrock'))).toEqual([]);
  });
});
