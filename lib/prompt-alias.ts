import { ArnFormat, Resource, Stack } from 'aws-cdk-lib';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { aliasParameterId, parameterName } from '../core/contract/names';
import type { AliasGuardrail } from './alias-guardrail';
import { AliasTarget } from './alias-target';
import type { Gate } from './gate';
import type { IPromptAlias } from './i-prompt-alias';
import { aliasGating } from './private/alias-gating';
import { AliasParameter } from './private/alias-parameter';
import { rememberPrices } from './private/alias-prices';
import { aliasRollout } from './private/alias-rollout';
import type { BoundGuardrail } from './private/bound-guardrail';
import { type AliasAccess, CallerPolicy } from './private/caller-policy';
import { refuseCustomizedRoles } from './private/changeable-role';
import { claimInEnvironment, claimInStack } from './private/claimed-name';
import { clientEnvironment } from './private/client-environment';
import { atConstruct, constructError } from './private/construct-error';
import { GuardrailParameter } from './private/guardrail-parameter';
import { ImportedPromptAlias } from './private/imported-prompt-alias';
import { checkLiteral } from './private/literal-name';
import { refuseNestedStack } from './private/nested-stack';
import { rememberAlias } from './private/prompt-aliases';
import { addPlan, releaseBarrier } from './private/release-barrier';
import { ReleasePlan } from './private/release-plan';
import { releaseReason } from './private/release-reason';
import { ReleaseRecord } from './private/release-record';
import { warnOfRetention } from './private/removal-policies';
import { refuseReservedName } from './private/reserved-alias-names';
import { RolloutParameters } from './private/rollout-parameters';
import { sameStackToken } from './private/same-stack-token';
import { checkCallableVersions, checkVersionBudget } from './private/version-budget';
import { PromptAliasGrants } from './prompt-alias-grants';
import type { PromptAliasNames } from './prompt-alias-names';
import type { ReleasablePrompt } from './releasable-prompt';
import type { Rollout } from './rollout';

/** Settings of an alias. */
export interface PromptAliasOptions {
  /** How the alias gets its target. @default AliasTarget.currentVersion() */
  readonly target?: AliasTarget;

  /**
   * How many versions callers may use: the target and those it pointed to just before. 2 to 5.
   *
   * With more than the default, a caller that read the alias a while ago keeps working over several releases. Each counts
   * towards Bedrock's limit of 10 versions per prompt.
   *
   * @default 2
   */
  readonly callableVersions?: number;

  /**
   * Gates of this alias, besides those that the registry has for its name. They add and take nothing away.
   *
   * @default - only those of the registry
   */
  readonly gates?: Gate[];

  /**
   * The guardrail that callers must name in each call of a model. IAM denies the others; `PromptClient` names it by itself.
   *
   * To set, change or remove it under running callers, deploy `AliasGuardrail.changeOver()` in between.
   *
   * @default - callers name any or none
   */
  readonly guardrail?: AliasGuardrail;

  /**
   * How the alias gives a new version to a share of its callers first. Its parameter then takes `3..4` besides: stay on 3 and
   * roll 4 out; `4` settles that, `3` ends it. A plain number moves the alias at once, as ever.
   *
   * Needs `target: AliasTarget.parameter()` and at least 3 `callableVersions`.
   *
   * @default - every release moves all callers at once
   */
  readonly rollout?: Rollout;
}

/** Settings of a `PromptAlias`. */
export interface PromptAliasProps extends PromptAliasOptions {
  /** The prompt, of the same stack. */
  readonly prompt: ReleasablePrompt;

  /** Name of the alias: a letter, then at most 31 letters, digits, `_` and `-`. */
  readonly aliasName: string;
}

/**
 * Defines an alias of a prompt.
 *
 * A release is a stack update in a fixed order: plan, callers' policy, record in the ledger, parameter. No alias of a
 * stack moves before every plan of the stack agreed.
 */
export class PromptAlias extends Resource implements IPromptAlias {
  /**
   * Refers to an alias that another stack or app defines in this account and Region, by its names alone.
   *
   * `grants.invoke` always works; `grants.read` needs the reader's policy to exist, see `readerPolicy`.
   */
  public static fromAliasName(scope: Construct, id: string, names: PromptAliasNames): IPromptAlias {
    return new ImportedPromptAlias(scope, id, names);
  }

  public readonly aliasName: string;
  public readonly promptName: string;
  public readonly parameterName: string;
  public readonly callerPolicy: IManagedPolicy;
  public readonly grants: PromptAliasGrants;

  /** ARN of the function that halts its rollouts. @default - it has none */
  public readonly rolloutControllerArn?: string;

  /** Number of the version that the alias points to, as a string, or `none`. For use in its own stack. */
  public readonly version: string;

  /**
   * How many versions its callers may use.
   * @internal
   */
  public readonly _callableVersions: number;

  /**
   * What its callers must name.
   * @internal
   */
  public readonly _guardrail: BoundGuardrail | undefined;

  private readonly prompt: ReleasablePrompt;
  private readonly plan: ReleasePlan;
  private readonly record: ReleaseRecord;

  constructor(scope: Construct, id: string, props: PromptAliasProps) {
    super(scope, id);
    const { prompt, aliasName } = props;
    const { registry, promptName } = prompt;
    const callableVersions = checkCallableVersions(this, props.callableVersions ?? 2);
    this._callableVersions = callableVersions;
    this.prompt = prompt;
    this.aliasName = aliasName;
    this.promptName = promptName;
    refuseNestedStack(this, `alias ${aliasName}`);
    this.checkStack();
    refuseCustomizedRoles(this);
    this.parameterName = this.claimedParameterName();
    this._guardrail = props.guardrail?._bind(this);
    this.grants = PromptAliasGrants.fromAlias(this);
    rememberPrices(this, registry);

    const rollsOut = props.rollout !== undefined;
    const target = (props.target ?? AliasTarget.currentVersion())._bind(this, prompt, aliasName, rollsOut);
    rememberAlias(prompt, { aliasName, callableVersions, ...(target.pinned && { pinned: target.target }) });
    checkVersionBudget(this, prompt);

    const rollout =
      props.rollout && aliasRollout(this, { rollout: props.rollout, registry, aliasName, target, callableVersions });
    if (rollsOut) this.rolloutControllerArn = registry.rolloutControllerArn;
    const isPublished = prompt.currentVersion !== undefined;
    const gating = aliasGating(this, { registry, prompt, aliasName, target, own: props.gates ?? [], isPublished });
    this.plan = new ReleasePlan(this, 'ReleasePlan', { prompt, aliasName, target, callableVersions, gating, rollout });
    const barrier = releaseBarrier(this);
    addPlan(barrier, this.plan);
    this.callerPolicy = this.policy('CallerPolicy', 'invoke');
    this.record = new ReleaseRecord(this, 'Resource', {
      prompt,
      aliasName,
      plan: this.plan,
      gating,
      guardrail: this._guardrail?.named,
      rollout,
    });
    this.record.node.addDependency(barrier, this.callerPolicy, releaseReason(this, registry));
    const identity = { parameterPrefix: registry.parameterPrefix, promptName, aliasName };
    const parameter = { identity, parameterName: this.parameterName, record: this.record };
    const pointer = new AliasParameter(this, 'Parameter', parameter);
    if (rollsOut) new RolloutParameters(this, 'Rollout', parameter, pointer);
    if (this._guardrail !== undefined) {
      const { named } = this._guardrail;
      new GuardrailParameter(this, 'Guardrail', {
        identity,
        pointerName: this.parameterName,
        named,
        record: this.record,
      });
    }

    warnOfRetention(this, aliasName, promptName);

    this.version = sameStackToken(
      this,
      'the version',
      this.record.recorded('Version'),
      `read the parameter ${this.parameterName} at run time`,
    );
  }

  public get clientEnvironment(): { [name: string]: string } {
    return clientEnvironment(this);
  }

  public get readerPolicy(): IManagedPolicy {
    const present = this.node.tryFindChild('ReaderPolicy') as CallerPolicy | undefined;
    if (present !== undefined) {
      return present;
    }
    const policy = this.policy('ReaderPolicy', 'read');
    this.record.node.addDependency(policy);
    return policy;
  }

  /**
   * What a guard or a policy of several aliases takes from this one.
   * @internal
   */
  public _access(): AliasAccess {
    const { promptArn, encryptionKey } = this.prompt;
    return {
      slots: this.plan.slots(),
      parameterName: this.parameterName,
      parameterArn: parameterArn(this, this.parameterName),
      promptArn,
      keyArn: encryptionKey?.keyRef.keyArn,
      guardrail: this._guardrail,
      releaseAfter: (policy) => this.record.node.addDependency(policy),
    };
  }

  private policy(id: string, access: 'invoke' | 'read'): CallerPolicy {
    const { promptName, aliasName } = this;
    const { parameterPrefix } = this.prompt.registry;
    return new CallerPolicy(this, id, {
      identity: { parameterPrefix, promptName, aliasName },
      alias: this._access(),
      access,
    });
  }

  private claimedParameterName(): string {
    const { prompt, aliasName, promptName } = this;
    checkLiteral(this, 'aliasName', aliasName);
    refuseReservedName(this, aliasName);
    const name = atConstruct(this, () => parameterName(prompt.registry.parameterPrefix, promptName, aliasName));
    const parameterId = aliasParameterId(promptName, aliasName);
    claimInEnvironment(this, `alias ${name}`, `the alias ${aliasName} of ${promptName}`);
    claimInStack(
      this,
      `parameter ${parameterId}`,
      `the parameter ${parameterId} (alias ${aliasName} of ${promptName})`,
    );
    return name;
  }

  private checkStack(): void {
    if (Stack.of(this) !== Stack.of(this.prompt)) {
      throw constructError(
        this,
        'AliasInOtherStack',
        `expected an alias in the stack of its prompt, ${Stack.of(this.prompt).node.path}, found it in ${Stack.of(this).node.path}: define it with prompt.addAlias(), and refer to it elsewhere with PromptAlias.fromAliasName()`,
      );
    }
  }
}

function parameterArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: name.slice(1),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
