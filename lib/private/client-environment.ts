import { Annotations, Lazy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Alias, type IFunction, Version } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ALIAS_VARIABLE, PREFIX_VARIABLE, PRICES_VARIABLE } from '../../core/contract/client-environment';
import type { GrantableAlias } from '../grantable-alias';
import { aliasPrices } from './alias-prices';
import { appMemory } from './app-memory';
import type { GrantProblem } from './changeable-role';
import { constructError } from './construct-error';

/** A Lambda function of this app: grants know it by its role only. */
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
  const prices = aliasPrices(alias)?.json;
  return {
    [PREFIX_VARIABLE]: parameterPrefix(alias),
    [ALIAS_VARIABLE]: alias.aliasName,
    ...(prices !== undefined && { [PRICES_VARIABLE]: prices }),
  };
}

/** Why a grant could not tell a function where its prompts are; undefined for what is no function. */
export function environmentProblem(grantee: IGrantable): GrantProblem | undefined {
  if (isEdgeFunction(grantee)) {
    return {
      found: 'a function of Lambda@Edge, which has no environment',
      fix: 'grant to its role (grants.invoke(fn.role)), and give its client parameterPrefix, alias and Region in code',
    };
  }
  const fn = functionOf(grantee);
  if (fn === undefined || ownsEnvironment(fn)) return undefined;
  return {
    found: 'a function that this app does not define, whose environment CDK cannot set',
    fix: 'grant to its role (grants.invoke(fn.role)), and give its client parameterPrefix and alias where it is defined',
  };
}

/** The function itself: that of a version, an alias or a `SingletonFunction`, whose environment is the function's. */
function functionOf(grantee: IGrantable): IFunction | undefined {
  const { lambda, functionArn, permissionsNode } = (grantee ?? {}) as Partial<IFunction> & { lambda?: IFunction };
  if (lambda !== undefined) return functionOf(lambda);
  if (functionArn === undefined || permissionsNode === undefined) return undefined;
  return permissionsNode.scope?.node.tryFindChild(permissionsNode.id) as IFunction | undefined;
}

/** The functions that take the environment: those within a construct of the app that passes their role for its own. */
function environmentOwners(grantee: IGrantable): (IFunction & EnvironmentOwner)[] {
  const fn = functionOf(grantee);
  if (fn !== undefined) return ownsEnvironment(fn) ? [fn] : [];
  if (!Construct.isConstruct(grantee)) return [];
  const within = (grantee.node.findAll() as Partial<IFunction>[])
    .filter((construct) => ownsEnvironment(construct) && construct.role === grantee.grantPrincipal)
    .map((construct) => functionOf(construct as IFunction));
  return [...new Set(within)].filter((found) => found !== undefined && ownsEnvironment(found)) as (IFunction &
    EnvironmentOwner)[];
}

function ownsEnvironment(fn: object): fn is EnvironmentOwner {
  return 'addEnvironment' in fn && typeof fn.addEnvironment === 'function';
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html */
function isEdgeFunction(grantee: IGrantable): boolean {
  // Loading the class would load CloudFront.
  const { PROPERTY_INJECTION_ID: kind } = (grantee?.constructor ?? {}) as { PROPERTY_INJECTION_ID?: string };
  return kind === 'aws-cdk-lib.aws-cloudfront.experimental.EdgeFunction';
}

/**
 * A version keeps the environment that it was published with. `currentVersion` is another one when the environment
 * changes, a `Version` with an id of its own is not.
 */
function warnOfFixedVersion(grantee: IGrantable, fn: IFunction, alias: GrantableAlias): void {
  const version = grantee instanceof Alias ? grantee.version : grantee;
  if (!(version instanceof Version) || fn.node.tryFindChild('CurrentVersion') === version) return;
  Annotations.of(version).addWarningV2(
    'cdk-prompt-registry:environmentOfVersion',
    `this version keeps the environment that it was published with, and does not get that of ${alias.parameterName} where it is there already: use the function's currentVersion, or give its client parameterPrefix and alias in code`,
  );
}

/** Tells a function where its prompts are; the alias only as long as there is one name that can be meant. */
export function setClientEnvironment(grantee: IGrantable, alias: GrantableAlias): void {
  for (const owner of environmentOwners(grantee)) {
    warnOfFixedVersion(grantee, owner, alias);
    setEnvironment(owner, alias);
  }
}

function setEnvironment(owner: EnvironmentOwner, alias: GrantableAlias): void {
  const prefix = parameterPrefix(alias);
  const present = granted(owner);
  const { first, aliasNames } = present;
  if (first === undefined) {
    present.first = { parameterPrefix: prefix, parameterName: alias.parameterName };
    aliasNames.add(alias.aliasName);
    owner.addEnvironment(PREFIX_VARIABLE, prefix);
    const prices = aliasPrices(alias)?.json;
    if (prices !== undefined) owner.addEnvironment(PRICES_VARIABLE, prices);
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
