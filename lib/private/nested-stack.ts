import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/**
 * Throws in a nested stack. A release is an update of the stack that holds the alias, by its parameters: those of a nested
 * stack are set by its parent's template alone, and CloudFormation refuses to update it directly.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
 */
export function refuseNestedStack(scope: IConstruct, what: string): void {
  const stack = Stack.of(scope);
  if (stack.nestedStackParent === undefined) return;
  throw constructError(
    scope,
    'InNestedStack',
    `expected ${what} in a stack that is deployed by itself, found the nested stack ${stack.node.path}, whose parameters no release can set: define it in a stack of its own, and refer to its aliases with PromptAlias.fromAliasName()`,
  );
}
