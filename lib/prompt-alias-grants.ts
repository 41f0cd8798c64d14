import { Stack, Token } from 'aws-cdk-lib';
import { type IGrantable, type IManagedPolicy, type IRole, LazyRole, ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { setClientEnvironment } from './private/client-environment';
import { constructError } from './private/construct-error';
import { limitManagedPolicies } from './private/managed-policy-limit';
import type { IPromptAlias } from './prompt-alias';

/**
 * Grants on an alias. They attach the alias's managed policy, so that a release reaches every caller.
 *
 * A grant that CDK would ignore without a word is an error `GrantIgnored`.
 */
export class PromptAliasGrants {
  /** The grants of an alias. */
  public static fromAlias(alias: IPromptAlias): PromptAliasGrants {
    return new PromptAliasGrants(alias);
  }

  private constructor(private readonly alias: IPromptAlias) {}

  /**
   * Allows to run the alias: get and render its callable versions, call their models, read its parameter.
   *
   * A Lambda function also gets the environment that `PromptClient.fromEnvironment()` reads; a container gets it from
   * `alias.clientEnvironment`. Several aliases of one registry may be granted to one function.
   *
   * @param grantee a role of this account, or something that has one, such as a Lambda function
   */
  public invoke(grantee: IGrantable): void {
    this.attach(grantee, () => this.alias.callerPolicy, 'invoke');
  }

  /**
   * Allows to read the alias: get its callable versions, read its parameter. No model can be called with it.
   *
   * A Lambda function also gets the environment that `PromptClient.fromEnvironment()` reads.
   *
   * @param grantee a role of this account, or something that has one, such as a Lambda function
   */
  public read(grantee: IGrantable): void {
    this.attach(grantee, () => this.alias.readerPolicy, 'read');
  }

  private attach(grantee: IGrantable, policy: () => IManagedPolicy, access: 'invoke' | 'read'): void {
    const principal = grantee.grantPrincipal as Partial<IRole> & IGrantable['grantPrincipal'];
    const problem =
      principal.addManagedPolicy === undefined || principal.node === undefined
        ? 'something that has no role'
        : (this.otherAccount(principal as IRole) ?? this.ignored(principal as IRole, policy));
    if (problem !== undefined) {
      throw constructError(
        this.alias,
        'GrantIgnored',
        `expected a role of this account that CDK may change, to grant ${access} on ${this.alias.parameterName}, found ${problem}${principal.node ? ` (${principal.node.path})` : ''}: where the role is defined, attach the managed policy that is the alias's ${access === 'invoke' ? 'callerPolicy' : 'readerPolicy'}`,
      );
    }
    (principal as IRole).addManagedPolicy(policy());
    limitManagedPolicies(principal as IRole);
    setClientEnvironment(grantee, this.alias);
  }

  private otherAccount(role: IRole): string | undefined {
    const mine = Stack.of(this.alias).account;
    const theirs = role.principalAccount ?? role.env.account;
    const known = !Token.isUnresolved(mine) && !Token.isUnresolved(theirs);
    return known && mine !== theirs ? `a role of account ${theirs}` : undefined;
  }

  private ignored(role: IRole, policy: () => IManagedPolicy): string | undefined {
    if (Role.isRole(role) || role instanceof LazyRole) {
      return undefined;
    }
    // An imported role takes a managed policy only from the policy's side, which takes a policy that this app owns.
    // CDK exports no class to tell the kinds of imported roles apart: the immutable kind ignores everything.
    const { PROPERTY_INJECTION_ID: kind } = role.constructor as { PROPERTY_INJECTION_ID?: string };
    if (kind === 'aws-cdk-lib.aws-iam.ImportedRole') {
      return policy() instanceof ManagedPolicy ? undefined : 'an imported role and an imported alias';
    }
    return 'an imported role that CDK may not change';
  }
}
