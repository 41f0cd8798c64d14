import { Annotations, ArnFormat, CustomResource, type IResource, Resource, Stack, Token } from 'aws-cdk-lib';
import { type IManagedPolicy, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct, IConstruct } from 'constructs';
import {
  aliasParameterId,
  callerPolicyName,
  checkAliasName,
  checkParameterPrefix,
  checkPromptName,
  parameterName,
} from '../core/names';
import { AliasTarget } from './alias-target';
import { CallerPolicy } from './private/caller-policy';
import type { CallerAccess } from './private/caller-statements';
import { claimInEnvironment, claimInStack } from './private/claimed-name';
import { clientEnvironment } from './private/client-environment';
import { atConstruct, constructError } from './private/construct-error';
import { type FrozenIdentity, freezeLogicalId } from './private/frozen-logical-id';
import { aliasesOf, rememberAlias } from './private/prompt-aliases';
import { dependOnPermissions } from './private/prompt-permissions';
import { HANDLERS } from './private/registry-handler';
import { addPlan, releaseBarrier } from './private/release-barrier';
import { ReleasePlan } from './private/release-plan';
import { releaseReason } from './private/release-reason';
import { sameStackToken } from './private/same-stack-token';
import { takeTurns } from './private/taking-turns';
import type { IPrompt } from './prompt';
import { PromptAliasGrants } from './prompt-alias-grants';

/** An alias: a named pointer to one version of a prompt. */
export interface IPromptAlias extends IResource {
  /** Name of the alias, such as `PROD`. */
  readonly aliasName: string;

  /** Name of the prompt in Bedrock. */
  readonly promptName: string;

  /** Name of the SSM parameter whose value is the ARN of the version, or `none`: `/prompts/prod/financial-analysis/PROD`. */
  readonly parameterName: string;

  /** The managed policy that allows to run the alias. */
  readonly callerPolicy: IManagedPolicy;

  /** The managed policy that allows to read the alias. It exists once it is asked for where the alias is defined. */
  readonly readerPolicy: IManagedPolicy;

  /** Grants on this alias. */
  readonly grants: PromptAliasGrants;

  /**
   * Environment variables that `PromptClient.fromEnvironment()` reads, for containers and whatever else is not a Lambda
   * function, which gets them with a grant.
   */
  readonly clientEnvironment: { [name: string]: string };
}

/** The names that find an alias. */
export interface PromptAliasNames {
  /** The registry's `parameterPrefix`. */
  readonly parameterPrefix: string;

  /** Name of the prompt in Bedrock. */
  readonly promptName: string;

  /** Name of the alias. */
  readonly aliasName: string;
}

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
}

/** Settings of a `PromptAlias`. */
export interface PromptAliasProps extends PromptAliasOptions {
  /** The prompt, of the same stack. */
  readonly prompt: IPrompt;

  /** Name of the alias: a letter, then at most 31 letters, digits, `_` and `-`. */
  readonly aliasName: string;
}

/** Of Bedrock's 10 versions per prompt, one is the newest and one makes room for the next. */
const MOST_PROTECTED = 8;
const COMFORTABLY_PROTECTED = 6;

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

  /** Number of the version that the alias points to, as a string, or `none`. For use in its own stack. */
  public readonly version: string;

  private readonly prompt: IPrompt;
  private readonly identity: FrozenIdentity;
  private readonly plan: ReleasePlan;
  private readonly record: CustomResource;

  constructor(scope: Construct, id: string, props: PromptAliasProps) {
    super(scope, id);
    const { prompt, aliasName } = props;
    const { registry, promptName } = prompt;
    const callableVersions = this.checkedCallableVersions(props.callableVersions ?? 2);
    this.prompt = prompt;
    this.aliasName = aliasName;
    this.promptName = promptName;
    this.identity = { parameterPrefix: registry.parameterPrefix, promptName, aliasName };
    this.checkStack();
    this.parameterName = this.claimedParameterName();
    this.grants = PromptAliasGrants.fromAlias(this);

    const target = (props.target ?? AliasTarget.currentVersion())._bind(this, prompt, aliasName);
    rememberAlias(prompt, { aliasName, callableVersions, ...(target.pinned && { pinned: target.target }) });
    this.checkVersionLimit();

    this.plan = new ReleasePlan(this, 'ReleasePlan', { prompt, aliasName, target, callableVersions });
    const barrier = releaseBarrier(this);
    addPlan(barrier, this.plan);
    const callerPolicy = this.policy('CallerPolicy', 'invoke');
    this.callerPolicy = callerPolicy;

    this.record = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::PromptAlias',
      serviceToken: registry.aliasHandlerArn,
      serviceTimeout: HANDLERS['prompt-alias'].serviceTimeout,
      properties: {
        Schema: '1',
        PromptId: prompt.promptId,
        PromptName: promptName,
        AliasName: aliasName,
        Version: this.plan.getAtt('Version'),
        VersionArn: this.plan.getAtt('TargetArn'),
        ContentDigest: this.plan.getAtt('ContentDigest'),
        ModelId: this.plan.getAtt('ModelId'),
        WithdrawnVersions: this.plan.getAtt('WithdrawnVersions'),
        Revision: this.plan.getAtt('Revision'),
        PlannedAt: this.plan.getAtt('PlannedAt'),
        Direction: this.plan.getAtt('Direction'),
      },
    });
    freezeLogicalId(this.record, this.identity, 'Alias');
    dependOnPermissions(this.record, registry, 'Releaser');
    takeTurns(this.record, 'alias');
    this.record.node.addDependency(barrier, callerPolicy, releaseReason(this, registry));

    const pointer = new CfnParameter(this, 'Parameter', {
      name: this.parameterName,
      type: 'String',
      value: this.record.getAttString('VersionArn'),
      allowedPattern: '^(none|arn:[a-z0-9-]+:bedrock:[a-z0-9-]+:[0-9]{12}:prompt/[0-9A-Z]{10}:[1-9][0-9]{0,4})$',
      description: `Version of ${promptName} that ${aliasName} points to`,
    });
    freezeLogicalId(pointer, this.identity, 'Parameter');

    this.version = sameStackToken(
      this,
      'the version',
      this.record.getAttString('Version'),
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
   * ARNs of the versions that callers may use, in fixed slots.
   * @internal
   */
  public _callableArns(): string[] {
    return this.plan.slots().map(({ version }) => version);
  }

  /**
   * What a policy of several aliases takes from this one.
   * @internal
   */
  public _callerAccess(): CallerAccess {
    const { promptArn, encryptionKey } = this.prompt;
    return {
      slots: this.plan.slots(),
      parameterArn: parameterArn(this, this.parameterName),
      promptArn,
      keyArn: encryptionKey?.keyRef.keyArn,
    };
  }

  /**
   * What decides how long that is.
   * @internal
   */
  public _callerSize(): { callable: number; parameterName: string; key?: string } {
    const { slots, keyArn } = this._callerAccess();
    return { callable: slots.length, parameterName: this.parameterName, key: keyArn };
  }

  /**
   * The alias moves only once this is done.
   * @internal
   */
  public _releaseAfter(policy: IConstruct): void {
    this.record.node.addDependency(policy);
  }

  private policy(id: string, access: 'invoke' | 'read'): CallerPolicy {
    return new CallerPolicy(this, id, {
      prompt: this.prompt,
      aliasName: this.aliasName,
      parameterArn: parameterArn(this, this.parameterName),
      plan: this.plan,
      access,
    });
  }

  private claimedParameterName(): string {
    const { prompt, aliasName, promptName } = this;
    checkLiteral(this, 'aliasName', aliasName);
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

  private checkedCallableVersions(count: number): number {
    if (!Number.isInteger(count) || count < 2 || count > 5) {
      throw constructError(
        this,
        'InvalidCallableVersions',
        `expected 2 to 5 callableVersions, found ${count}: choose a whole number in that range`,
      );
    }
    return count;
  }

  private checkVersionLimit(): void {
    const aliases = aliasesOf(this.prompt);
    const held = aliases.reduce((sum, { callableVersions }) => sum + callableVersions, 0);
    const found = `${aliases.length} aliases (${aliases.map(({ aliasName }) => aliasName).join(', ')}) that hold up to ${held} versions of ${this.promptName}`;
    if (held > MOST_PROTECTED) {
      throw constructError(
        this,
        'TooManyAliases',
        `expected aliases that hold at most ${MOST_PROTECTED} of the 10 versions that Bedrock keeps per prompt, found ${found}: remove an alias, lower callableVersions, or make a second prompt`,
      );
    }
    if (held > COMFORTABLY_PROTECTED) {
      Annotations.of(this.prompt).addWarningV2(
        'cdk-prompt-registry:manyAliases',
        `${found}: of the 10 versions that Bedrock keeps per prompt, ${10 - held} are left for new ones`,
      );
    }
  }
}

class ImportedPromptAlias extends Resource implements IPromptAlias {
  public readonly aliasName: string;
  public readonly promptName: string;
  public readonly parameterName: string;
  public readonly callerPolicy: IManagedPolicy;
  public readonly readerPolicy: IManagedPolicy;
  public readonly grants: PromptAliasGrants;

  constructor(scope: Construct, id: string, names: PromptAliasNames) {
    super(scope, id);
    for (const [key, value] of Object.entries(names)) {
      checkLiteral(this, key, value);
    }
    atConstruct(this, () => {
      checkParameterPrefix(names.parameterPrefix);
      checkPromptName(names.promptName);
      checkAliasName(names.aliasName);
    });
    this.aliasName = names.aliasName;
    this.promptName = names.promptName;
    this.parameterName = parameterName(names.parameterPrefix, names.promptName, names.aliasName);
    const policy = (policyId: string, access: 'invoke' | 'read') =>
      ManagedPolicy.fromManagedPolicyName(
        this,
        policyId,
        callerPolicyName({ ...names, region: Stack.of(this).region, access }),
      );
    this.callerPolicy = policy('CallerPolicy', 'invoke');
    this.readerPolicy = policy('ReaderPolicy', 'read');
    this.grants = PromptAliasGrants.fromAlias(this);
  }

  public get clientEnvironment(): { [name: string]: string } {
    return clientEnvironment(this);
  }
}

function checkLiteral(scope: Construct, name: string, value: string): void {
  if (Token.isUnresolved(value)) {
    throw constructError(
      scope,
      'UnresolvedName',
      `expected a ${name} that is known at synth, found a token: policy names and logical ids are made of it, so write it out`,
    );
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
