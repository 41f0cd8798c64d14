import { Stack } from 'aws-cdk-lib';
import { type IGrantable, type IManagedPolicy, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { IPromptAlias } from './i-prompt-alias';
import { combinedStatements } from './private/caller-policy';
import { changeableRole, customized, refuseCustomizedRoles } from './private/changeable-role';
import { environmentProblem, setClientEnvironment } from './private/client-environment';
import { constructError } from './private/construct-error';
import { limitManagedPolicies } from './private/managed-policy-limit';
import { policyParts } from './private/policy-room';
import { rememberGuardrail, warnOfSharedModels } from './private/shared-models';
import { PromptAlias } from './prompt-alias';

/** Settings of a `CombinedCallerPolicy`. */
export interface CombinedCallerPolicyProps {
  /**
   * The aliases that callers may run: at least one, all of this stack.
   *
   * Add new ones at the end. In another order aliases may change from one of the policies to another, and their callers
   * are refused for the seconds in which IAM spreads that.
   */
  readonly aliases: IPromptAlias[];

  /**
   * Name of the first policy, for roles that other apps define; the next ones end in `-2`, `-3` and so on. Roles are not
   * bound to a Region, so two Regions of one account need two names.
   *
   * @default - names that CloudFormation makes
   */
  readonly managedPolicyName?: string;
}

/**
 * Defines what callers of several aliases attach, in as few managed policies as hold it: a role takes 10, and
 * `alias.grants.invoke` uses one per alias.
 *
 * The policies live in the stack of the aliases, because no alias may move before its callers may use the new version.
 * One policy takes 4 aliases with the default of 2 callable versions, as long as their names are usual ones, so a role
 * takes 40.
 *
 * @example
 * const callers = new CombinedCallerPolicy(this, 'Support', { aliases: [triage, answer, summary] });
 * callers.attachTo(supportFunction);
 */
export class CombinedCallerPolicy extends Construct {
  /** The policies, for roles that `attachTo` cannot change. All of them belong on the role. */
  public readonly managedPolicies: IManagedPolicy[];

  private readonly aliases: PromptAlias[];

  constructor(scope: Construct, id: string, props: CombinedCallerPolicyProps) {
    super(scope, id);
    refuseCustomizedRoles(this);
    this.aliases = this.ownAliases(props.aliases);
    warnOfSharedModels(this, this.aliases);
    const parts = policyParts(this.aliases.map((alias) => alias._access()));
    this.managedPolicies = parts.map(({ aliases, below }, index) => {
      const suffix = index === 0 ? '' : `-${index + 1}`;
      const policy = new ManagedPolicy(this, `Policy${suffix}`, {
        managedPolicyName: props.managedPolicyName && `${props.managedPolicyName}${suffix}`,
        // Create-only: it must not hold anything that may change.
        description: 'invoke several aliases of a prompt registry',
        statements: combinedStatements(aliases, below),
      });
      for (const { releaseAfter } of aliases) {
        releaseAfter(policy);
      }
      return policy;
    });
  }

  /**
   * Allows to run all the aliases: get and render their callable versions, call their models, read their parameters.
   *
   * A Lambda function also gets the environment that `PromptClient.fromEnvironment()` reads.
   *
   * @param grantee a role of this account, or something that has one, such as a Lambda function
   */
  public attachTo(grantee: IGrantable): void {
    const names = this.aliases.map(({ parameterName }) => parameterName).join(', ');
    const fix = 'where the role is defined, attach the managedPolicies';
    const role = changeableRole(
      this,
      grantee,
      `invoke on ${names}`,
      fix,
      (found) => customized(found) ?? environmentProblem(grantee),
    );
    for (const policy of this.managedPolicies) {
      role.addManagedPolicy(policy);
    }
    limitManagedPolicies(role);
    for (const alias of this.aliases) {
      rememberGuardrail(role, alias);
      setClientEnvironment(grantee, alias);
    }
  }

  private ownAliases(aliases: IPromptAlias[]): PromptAlias[] {
    if (aliases.length === 0) {
      throw constructError(
        this,
        'NoAliases',
        'expected at least one alias, found none: list those that callers may run',
      );
    }
    const own = aliases.map((alias) => {
      if (alias instanceof PromptAlias && Stack.of(alias) === Stack.of(this)) {
        return alias;
      }
      throw constructError(
        this,
        'AliasInOtherStack',
        `expected aliases that are defined in ${Stack.of(this).node.path}, found ${alias.node.path}: define the policy in the stack of the aliases, and attach it to roles of other stacks; for aliases of several stacks define one in each`,
      );
    });
    return [...new Set(own)];
  }
}
