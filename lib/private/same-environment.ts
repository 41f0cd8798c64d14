import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { IPromptRegistry } from '../prompt-registry';
import { constructError } from './construct-error';

/** Throws `OtherEnvironment` for what has to stand in the registry's account and Region and does not. */
export function checkSameEnvironment(scope: Construct, registry: IPromptRegistry, what: string): void {
  for (const part of ['account', 'region'] as const) {
    const [mine, its] = [Stack.of(scope)[part], registry.env[part]];
    if (!Token.isUnresolved(mine) && !Token.isUnresolved(its) && mine !== its) {
      throw constructError(
        scope,
        'OtherEnvironment',
        `expected the ${part} of the registry ${registry.parameterPrefix}, ${its}, found ${mine}: define the ${what} in a stack of the registry's account and Region`,
      );
    }
  }
}
