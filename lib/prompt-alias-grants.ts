import { Grant, type IGrantable, type IManagedPolicy, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { GrantableAlias } from './grantable-alias';
import { changeableRole, customized, isImported } from './private/changeable-role';
import { environmentProblem, setClientEnvironment } from './private/client-environment';
import { constructError } from './private/construct-error';
import { limitManagedPolicies } from './private/managed-policy-limit';
import { rememberGuardrail } from './private/shared-models';

/**
 * Grants on an alias. They attach the alias's managed policy, so that a release reaches every caller.
 *
 * A grant that CDK or AWS would not carry out as a whole is an error `GrantIgnored`.
 */
export class PromptAliasGrants {
  /** The grants of an alias. */
  public static fromAlias(alias: GrantableAlias): PromptAliasGrants {
    return new PromptAliasGrants(alias);
  }

  private constructor(private readonly alias: GrantableAlias) {}

  /**
   * Allows to run the alias: get and render its callable versions, call their models, read its parameter.
   *
   * A Lambda function gets the environment that `PromptClient.fromEnvironment()` reads, also through its version, its
   * alias, or a construct that holds it and has its role as `grantPrincipal`; one that this app does not define cannot, so
   * grant to its role. A container gets it from `alias.clientEnvironment`. Several aliases of one registry may be granted
   * to one function.
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

  /**
   * Allows to halt a rollout: from then on everybody gets the stable version. It needs no right to deploy, and lets nobody
   * give the candidate a larger share.
   *
   * IAM sees which function is invoked and not what for: who may halt this alias's rollout may halt every rollout of the
   * registry. The ledger says that somebody asked, with the reason; CloudTrail says who, where it logs invocations.
   *
   * @param grantee a role of this account, or something that has one
   */
  public halt(grantee: IGrantable): void {
    const { rolloutControllerArn, parameterName } = this.alias;
    if (rolloutControllerArn === undefined) {
      throw constructError(
        this.alias,
        'NoRollout',
        `expected an alias that has a rollout, found ${parameterName} without: set its rollout, or grant where the alias is defined`,
      );
    }
    const fix = `where the role is defined, allow lambda:InvokeFunction on ${rolloutControllerArn}`;
    const role = changeableRole(this.alias, grantee, `halt on ${parameterName}`, fix, customized);
    Grant.addToPrincipal({ grantee: role, actions: ['lambda:InvokeFunction'], resourceArns: [rolloutControllerArn] });
  }

  private attach(grantee: IGrantable, policy: () => IManagedPolicy, access: 'invoke' | 'read'): void {
    const role = changeableRole(
      this.alias,
      grantee,
      `${access} on ${this.alias.parameterName}`,
      `where the role is defined, attach the managed policy that is the alias's ${access === 'invoke' ? 'callerPolicy' : 'readerPolicy'}`,
      (role) =>
        // An imported role takes a managed policy only from the policy's side, which takes a policy that this app owns.
        isImported(role) && !(policy() instanceof ManagedPolicy)
          ? { found: 'an imported role and an imported alias' }
          : (customized(role) ?? environmentProblem(grantee)),
    );
    role.addManagedPolicy(policy());
    limitManagedPolicies(role);
    if (access === 'invoke') rememberGuardrail(role, this.alias);
    setClientEnvironment(grantee, this.alias);
  }
}
