import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { AliasTarget, CombinedCallerPolicy, type PromptAlias, PromptRegistry } from '../../lib';
import { promptIn, stackIn, templateOf } from './prompt-app';

interface Named {
  readonly role: Role;
  readonly registry: PromptRegistry;
  readonly prod: PromptAlias;
}

/** A stack whose role is in a group of reviewers, by itself or by its ARN. */
function stackWith({ use, isByArn = false }: { use: (named: Named) => void; isByArn?: boolean }): Stack {
  const stack = stackIn();
  const role = new Role(stack, 'Pipeline', { roleName: 'Pipeline', assumedBy: new AccountRootPrincipal() });
  const member = isByArn ? `arn:aws:iam::${stack.account}:role/Pipeline` : role;
  const registry = new PromptRegistry(stack, 'Registry', { reviewers: { measured: [member] } });
  const prod = promptIn(stack, { registry }).addAlias('PROD', { target: AliasTarget.parameter() });
  use({ role, registry, prod });
  return stack;
}

const warnings = (stack: Stack) =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('reviewerCallsAlias'))
    .map(({ id }) => id);

/** Whether the template has a circle, as CDK's own check finds it, which runs in tests alone. */
function isCircle(stack: Stack): boolean {
  try {
    templateOf(stack);
    return false;
  } catch (error) {
    expect((error as Error).message).toMatch(/dependency cycle: .*Pipeline\w+ ->/);
    return true;
  }
}

describe('A role in reviewers that calls an alias of its own stack', () => {
  it.each<[string, Parameters<typeof stackWith>[0], boolean]>([
    ['invokes it', { use: ({ role, prod }) => prod.grants.invoke(role) }, true],
    ['reads it', { use: ({ role, prod }) => prod.grants.read(role) }, true],
    ['attaches its policy', { use: ({ role, prod }) => role.addManagedPolicy(prod.callerPolicy) }, true],
    [
      'invokes it with others',
      {
        use: ({ role, prod }) => new CombinedCallerPolicy(prod.stack, 'All', { aliases: [prod] }).attachTo(role),
      },
      true,
    ],
    ['is in the group by its ARN', { isByArn: true, use: ({ role, prod }) => prod.grants.invoke(role) }, false],
    [
      'reviews and calls nothing',
      { use: ({ role, registry }) => role.addManagedPolicy(registry.reviewerPolicy) },
      false,
    ],
    [
      'calls a model',
      {
        use: ({ role }) =>
          role.addToPolicy(new PolicyStatement({ actions: ['bedrock:InvokeModel'], resources: ['*'] })),
      },
      false,
    ],
    [
      'calls what another registry releases',
      {
        use: ({ role, prod }) => {
          const registry = new PromptRegistry(prod.stack, 'Other', { parameterPrefix: '/prompts/other' });
          promptIn(prod.stack, { registry, promptName: 'other' }).addAlias('PROD').grants.invoke(role);
        },
      },
      false,
    ],
  ])('draws a warning where it makes a circle, and only there: %s', (_, props, isWarned) => {
    const stack = stackWith(props);
    expect([isCircle(stack), warnings(stack)]).toEqual([isWarned, isWarned ? ['/Prompts/Pipeline/Resource'] : []]);
  });
});
