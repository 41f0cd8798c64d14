import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/**
 * A value that changes with releases, for use in its own stack only.
 *
 * In another stack it would become an export, and CloudFormation refuses to change an export that is in use: the
 * consumer would block every release.
 */
export function sameStackToken(owner: IConstruct, what: string, value: string, instead: string): string {
  return Lazy.uncachedString({
    produce: (context) => {
      if (Stack.of(context.scope) !== Stack.of(owner)) {
        throw constructError(
          context.scope,
          'VersionCrossesStacks',
          `expected ${what} of ${owner.node.path} to be used in its own stack, found it in ${Stack.of(context.scope).node.path}: ${instead}`,
        );
      }
      return value;
    },
  });
}
