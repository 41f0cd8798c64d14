import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { appMemory } from './app-memory';
import { constructError } from './construct-error';

const claims = appMemory('claims', () => new Map<string, { what: string; path: string }>());

/**
 * Takes a name in an environment (account, Region), or fails saying who has it.
 *
 * Names compare without regard to case: IAM does so for policy names, and the ids of stack parameters are folded.
 * A stack without a concrete account may be deployed anywhere, so there only the stack itself is compared.
 */
export function claimInEnvironment(scope: IConstruct, name: string, what: string): void {
  claim(scope, environmentOf(scope), name, what);
}

/** Account and Region of a construct where synthesis knows both, else the stack that it is deployed with. */
export function environmentOf(scope: IConstruct): string {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent !== undefined) stack = stack.nestedStackParent;
  const concrete = !Token.isUnresolved(stack.account) && !Token.isUnresolved(stack.region);
  return concrete ? `${stack.account}/${stack.region}` : stack.node.path;
}

/** Takes a name in the stack of `scope`, or fails saying who has it. */
export function claimInStack(scope: IConstruct, name: string, what: string): void {
  claim(scope, `stack ${Stack.of(scope).node.path}`, name, what);
}

function claim(scope: IConstruct, space: string, name: string, what: string): void {
  const taken = claims(scope.node.root);
  const key = `${space} ${name.toLowerCase()}`;
  const owner = taken.get(key);
  if (owner !== undefined) {
    throw constructError(
      scope,
      'NameTaken',
      `expected a name of its own for ${what}, found that ${owner.what} at ${owner.path} uses '${name}' already: rename one of the two, or remove it`,
    );
  }
  taken.set(key, { what, path: scope.node.path });
}
