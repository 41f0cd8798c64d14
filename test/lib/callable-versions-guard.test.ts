import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { CallableVersionsGuard, PromptAlias } from '../../lib';
import { comesBefore, ENV, idOf, newApp, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

function roleIn(stack: Stack, id = 'Analyst'): Role {
  return new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
}

function guarded(stack = stackIn()) {
  const prompt = promptIn(stack);
  const [prod, staging] = [prompt.addAlias('PROD'), prompt.addAlias('STAGING', { callableVersions: 3 })];
  const guard = new CallableVersionsGuard(stack, 'Guard', { aliases: [prod, staging] });
  return { stack, prompt, prod, guard };
}

describe('the guard', () => {
  it('denies every version but the callable ones of its aliases, and every change', () => {
    const template = templateOf(guarded().stack);
    const [, { Properties }] = Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).find(([id]) =>
      id.startsWith('Guard'),
    ) as [string, { Properties: { PolicyDocument: { Statement: unknown[] } } }];
    const slot = (alias: string, index: number) => ({
      'Fn::GetAtt': [idOf(template, `FinancialAnalysis${alias}ReleasePlan`), `CallableArn${index}`],
    });

    expect(Properties.PolicyDocument.Statement).toEqual([
      {
        Sid: 'NothingButTheCallableVersions',
        Effect: 'Deny',
        Action: ['bedrock:GetPrompt', 'bedrock:RenderPrompt'],
        NotResource: [slot('Prod', 1), slot('Prod', 2), slot('Staging', 1), slot('Staging', 2), slot('Staging', 3)],
      },
      {
        Sid: 'NoChangeToPrompts',
        Effect: 'Deny',
        Action: ['bedrock:CreatePromptVersion', 'bedrock:UpdatePrompt', 'bedrock:DeletePrompt'],
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:*:*:prompt/*']] },
      },
      { Sid: 'NoNewPrompts', Effect: 'Deny', Action: 'bedrock:CreatePrompt', Resource: '*' },
    ]);
  });

  it('lets the new version in before an alias moves to it', () => {
    const template = templateOf(guarded().stack);
    const guard = Object.keys(template.Resources).find((id) => id.startsWith('Guard')) as string;
    for (const alias of ['Prod', 'Staging']) {
      expect(comesBefore(template, guard, idOf(template, `FinancialAnalysis${alias}Alias`))).toBe(true);
    }
  });

  it('can be attached to a role of another stack', () => {
    const app = newApp();
    const { guard } = guarded(stackIn(app));
    const consumer = new Stack(app, 'Consumer', { env: ENV });
    roleIn(consumer).addManagedPolicy(guard);

    const [role] = Object.values(resourcesOf(templateOf(consumer), 'AWS::IAM::Role'));
    expect(JSON.stringify(role?.Properties.ManagedPolicyArns)).toContain('Fn::ImportValue');
  });
});

describe('a guard is refused', () => {
  it('without aliases', () => {
    expect(() => new CallableVersionsGuard(stackIn(), 'Guard', { aliases: [] })).toThrow(
      /^Prompts\/Guard: expected aliases with 1 to 65 callable versions .* found 0: list the aliases/,
    );
  });

  it('with more versions than a managed policy holds', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const aliases = Array.from({ length: 14 }, (_, index) =>
      promptIn(stack, { registry, promptName: `prompt-${index}` }).addAlias('PROD', { callableVersions: 5 }),
    );
    expect(() => new CallableVersionsGuard(stack, 'Guard', { aliases })).toThrow(/found 70: lower callableVersions/);
    expect(() => new CallableVersionsGuard(stack, 'Fits', { aliases: aliases.slice(1) })).not.toThrow();
  });

  it.each<[string, (stack: Stack) => PromptAlias]>([
    [
      'that is known by name only',
      (stack) =>
        PromptAlias.fromAliasName(stack, 'Prod', {
          parameterPrefix: '/prompts',
          promptName: 'x',
          aliasName: 'PROD',
        }) as PromptAlias,
    ],
    ['of another stack', (stack) => guarded(stackIn(stack.node.root as never, 'Elsewhere')).prod],
  ])('for an alias %s', (_, alias) => {
    const stack = stackIn();
    expect(() => new CallableVersionsGuard(stack, 'Guard', { aliases: [alias(stack)] })).toThrow(
      /^Prompts\/Guard: expected aliases that are defined in Prompts, found .*: define the guard in the stack of the aliases/,
    );
  });
});

describe('two guards', () => {
  const refused = /expected one CallableVersionsGuard on the role \w+, found Prompts\/Guard and Prompts\/Second/;

  it('on one role are refused', () => {
    const { stack, guard, prod } = guarded();
    const role = roleIn(stack);
    role.addManagedPolicy(guard);
    role.addManagedPolicy(new CallableVersionsGuard(stack, 'Second', { aliases: [prod] }));
    expect(() => templateOf(stack)).toThrow(refused);
  });

  it('on one role of another stack are refused', () => {
    const app = newApp();
    const { stack, guard, prod } = guarded(stackIn(app));
    const role = roleIn(new Stack(app, 'Consumer', { env: ENV }));
    role.addManagedPolicy(guard);
    role.addManagedPolicy(new CallableVersionsGuard(stack, 'Second', { aliases: [prod] }));
    expect(() => app.synth()).toThrow(refused);
  });

  it('on one imported role are refused, whichever side attaches them', () => {
    const { stack, guard, prod } = guarded();
    const role = Role.fromRoleName(stack, 'Imported', 'application');
    role.addManagedPolicy(guard);
    new CallableVersionsGuard(stack, 'Second', { aliases: [prod] }).attachToRole(role);
    expect(() => templateOf(stack)).toThrow(refused);
  });

  it('on two roles are fine', () => {
    const { stack, guard, prod } = guarded();
    roleIn(stack).addManagedPolicy(guard);
    roleIn(stack, 'Other').addManagedPolicy(new CallableVersionsGuard(stack, 'Second', { aliases: [prod] }));
    expect(() => templateOf(stack)).not.toThrow();
  });
});
