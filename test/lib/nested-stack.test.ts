import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { Prompt, PromptAlias, PromptRegistry, PromptVariant } from '../../lib';

const variant = PromptVariant.text({ text: 'Sort {{letter}}', model: 'amazon.nova-pro-v1:0' });
const ref = { promptArn: 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ', promptId: 'ABCDEFGHIJ' };

function stacks() {
  const parent = new Stack(new App(), 'Parent', { env: { account: '111122223333', region: 'us-east-1' } });
  return { parent, nested: new NestedStack(new NestedStack(parent, 'Outer'), 'Inner') };
}

describe('In a nested stack, whose parameters no release can set,', () => {
  it.each<[string, (stacks: { parent: Stack; nested: Stack }) => unknown]>([
    ['a registry', ({ nested }) => new PromptRegistry(nested, 'X')],
    [
      'a prompt',
      ({ parent, nested }) => {
        const registry = new PromptRegistry(parent, 'Registry');
        return new Prompt(nested, 'X', { registry, promptName: 'sorter', variant });
      },
    ],
    [
      'a prompt',
      ({ parent, nested }) => {
        const registry = new PromptRegistry(parent, 'Registry');
        return Prompt.fromPromptRef(nested, 'X', { promptRef: ref } as never, { registry, promptName: 'sorter' });
      },
    ],
    [
      'alias PROD',
      ({ parent, nested }) => {
        const registry = new PromptRegistry(parent, 'Registry');
        const prompt = new Prompt(parent, 'Sorter', { registry, promptName: 'sorter', variant });
        return new PromptAlias(nested, 'X', { prompt, aliasName: 'PROD' });
      },
    ],
  ])('%s is refused', (what, define) => {
    expect(() => define(stacks())).toThrow(
      expect.objectContaining({
        code: 'InNestedStack',
        message: expect.stringMatching(
          `^Parent/Outer/Inner/X: expected ${what} in a stack that is deployed by itself, found the nested stack Parent/Outer/Inner`,
        ),
      }),
    );
  });

  it('an application refers to an alias and is granted it', () => {
    const { nested } = stacks();
    const role = new Role(nested, 'Role', { assumedBy: new AccountRootPrincipal() });
    const names = { parameterPrefix: '/prompts/prod', promptName: 'sorter', aliasName: 'PROD' };

    expect(() => PromptAlias.fromAliasName(nested, 'Prod', names).grants.invoke(role)).not.toThrow();
  });
});
