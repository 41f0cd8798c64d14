import { Lazy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { ALIAS_VARIABLE, PREFIX_VARIABLE } from '../../core/contract/client-environment';
import type { GrantableAlias } from '../grantable-alias';
import { appMemory } from './app-memory';
import { constructError } from './construct-error';

/** A Lambda function: grants know it by its role only. */
interface EnvironmentOwner {
  addEnvironment(name: string, value: string): unknown;
}

interface Granted {
  /** The alias that came first. */
  first?: { readonly parameterPrefix: string; readonly parameterName: string };
  readonly aliasNames: Set<string>;
}

const granted = appMemory('clientEnvironment', (): Granted => ({ aliasNames: new Set() }));

/** What a runtime client has to know to find this alias and its neighbours. */
export function clientEnvironment(alias: GrantableAlias): { [name: string]: string } {
  return { [PREFIX_VARIABLE]: parameterPrefix(alias), [ALIAS_VARIABLE]: alias.aliasName };
}

/** Tells a function where its prompts are; the alias only as long as there is one name that can be meant. */
export function setClientEnvironment(grantee: IGrantable, alias: GrantableAlias): void {
  const owner = grantee as IGrantable & Partial<EnvironmentOwner>;
  if (typeof owner.addEnvironment !== 'function') {
    return;
  }
  const prefix = parameterPrefix(alias);
  const present = granted(owner);
  const { first, aliasNames } = present;
  if (first === undefined) {
    present.first = { parameterPrefix: prefix, parameterName: alias.parameterName };
    aliasNames.add(alias.aliasName);
    owner.addEnvironment(PREFIX_VARIABLE, prefix);
    owner.addEnvironment(
      ALIAS_VARIABLE,
      // Undefined takes the variable away again.
      Lazy.string({ produce: () => (aliasNames.size === 1 ? [...aliasNames][0] : undefined) }),
    );
    return;
  }
  if (first.parameterPrefix !== prefix) {
    throw constructError(
      alias,
      'ConflictingPrefix',
      `expected aliases of one registry on a function, whose client reads one parameter prefix, found ${first.parameterName} and ${alias.parameterName}: grant one of them to the function's role instead (grants.invoke(fn.role)), and give its client the parameterPrefix in code`,
    );
  }
  aliasNames.add(alias.aliasName);
}

function parameterPrefix({ parameterName, promptName, aliasName }: GrantableAlias): string {
  return parameterName.slice(0, -`/${promptName}/${aliasName}`.length);
}
