import { Duration, type IResource, RemovalPolicy, Resource } from 'aws-cdk-lib';
import type { IManagedPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import { GATES_VARIABLE, LEDGER_BUCKET_VARIABLE, PROPAGATION_VARIABLE } from '../core/contract/handler-environment';
import { HANDLER_ROLES, type HandlerName } from '../core/contract/handler-name';
import { checkParameterPrefix } from '../core/contract/names';
import { formatGatesByAlias } from '../core/release/gate';
import type { Gate } from './gate';
import type { ModelCatalog } from './model-catalog';
import { watchAliasNames } from './private/alias-names';
import { checkedBedrockNamePrefix } from './private/bedrock-name';
import { refuseCustomizedRoles } from './private/changeable-role';
import { claimInEnvironment } from './private/claimed-name';
import { atConstruct, constructError } from './private/construct-error';
import { warnOfFirstReleaseUnmeasured } from './private/first-release-unmeasured';
import { freezeLogicalId } from './private/frozen-logical-id';
import { watchCatalog } from './private/known-models';
import { LedgerBucket } from './private/ledger-bucket';
import { refuseNestedStack } from './private/nested-stack';
import { askingGroups, registryGates } from './private/registry-gates';
import { LONGEST_PROPAGATION, RegistryHandler } from './private/registry-handler';
import { type HandlerRole, publisherRole, releaserRole, stepReading } from './private/registry-roles';
import { warnOfLedgerThatStays } from './private/removal-policies';
import { warnOfReviewerCircle } from './private/reviewer-circle';
import { type ReviewerGroup, reviewerGroups } from './private/reviewer-groups';
import { ReviewerPolicy } from './private/reviewer-policy';
import { RolloutController } from './private/rollout-controller';
import { watchWhoAsks } from './private/session-names';

/** ARNs of a registry's functions. */
export interface PromptRegistryHandlers {
  /** Publishes versions: behind `Custom::PromptVersion`. */
  readonly version: string;

  /** Plans releases: behind `Custom::PromptReleasePlan`. */
  readonly plan: string;

  /** Records releases and their reasons: behind `Custom::PromptAlias` and `Custom::ReleaseReason`. */
  readonly alias: string;
}

/** How a registry looks after the rollouts of its aliases. */
export interface PromptRegistryRollouts {
  /**
   * Topic that gets a message on each step and halt, when a step stays for three of its bakes, and every day while nobody
   * settles a rollout. Prompts, aliases, versions and figures stand in it; no text of a prompt and no key of a user. An alarm
   * writes to it when the controller does not come, or cannot look after all rollouts, for five minutes. CloudWatch has to
   * be allowed to do so where the topic is imported or encrypted.
   *
   * @default - nobody is told
   */
  readonly topic?: ITopic;
}

/** A prompt registry: one per environment, that is per account, Region and parameter prefix. */
export interface IPromptRegistry extends IResource {
  /** What the names of all alias parameters begin with, such as `/prompts/prod`. */
  readonly parameterPrefix: string;

  /** ARNs of the functions that do the work. */
  readonly handlers: PromptRegistryHandlers;

  /** Name of the role that publishes versions. */
  readonly publisherRoleName: string;

  /** Name of the role that plans and records releases. */
  readonly releaserRoleName: string;

  /**
   * Name of the bucket that holds release records and archived versions.
   *
   * @default - not known: the registry was imported without it
   */
  readonly ledgerBucketName?: string;

  /**
   * Gates of aliases by their names, as far as this app knows them.
   *
   * @default - not known: the registry was imported without them
   */
  readonly gates?: { readonly [aliasName: string]: Gate[] };

  /**
   * Names of the groups of reviewers, as far as this app knows them.
   *
   * @default - not known: the registry was imported without them
   */
  readonly reviewerGroups?: string[];

  /**
   * What the names of the registry's prompts in Bedrock begin with, as far as this app knows it.
   *
   * @default - nothing
   */
  readonly bedrockNamePrefix?: string;

  /**
   * What happens to the registry's prompts when they leave their stack, where they do not say.
   *
   * @default - they are retained
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The models that prompts may name.
   *
   * @default - not known: any model passes the synthesis
   */
  readonly models?: ModelCatalog;

  /**
   * ARN of the function that moves rollouts between their steps. Who may invoke it may halt every rollout of the registry.
   *
   * @default - none: no alias has a rollout; or not known: the registry was imported without it
   */
  readonly rolloutControllerArn?: string | undefined;

  /**
   * Name of the role of that function, which writes steps of rollouts and how far they got.
   *
   * @default - none, or not known, as with `rolloutControllerArn`
   */
  readonly rolloutControllerRoleName?: string | undefined;

  /**
   * What must exist before the handlers may be called.
   *
   * @default - nothing: the registry was deployed before
   */
  readonly handlersReady?: IDependable;
}

/** A registry that another app deployed. */
export interface PromptRegistryAttributes {
  /** What the names of all alias parameters begin with, such as `/prompts/prod`. */
  readonly parameterPrefix: string;

  /** ARNs of the functions that do the work. */
  readonly handlers: PromptRegistryHandlers;

  /** Name of the role that publishes versions. */
  readonly publisherRoleName: string;

  /** Name of the role that plans and records releases. */
  readonly releaserRoleName: string;

  /**
   * Name of the bucket that holds release records and archived versions. A `PromptAuditTrail` needs it.
   *
   * @default - not known
   */
  readonly ledgerBucketName?: string;

  /**
   * Gates of the registry as its own app declares them, so that what cannot work fails the synthesis here. They are in
   * force whether they are named here or not, and naming others changes nothing.
   *
   * @default - not known
   */
  readonly gates?: { readonly [aliasName: string]: Gate[] };

  /**
   * Names of the registry's groups of reviewers. Who is in them, its own app says.
   *
   * @default - not known
   */
  readonly reviewerGroups?: string[];

  /**
   * What the names in Bedrock of prompts that this app defines begin with.
   *
   * @default - nothing
   */
  readonly bedrockNamePrefix?: string;

  /**
   * ARN of the function that moves rollouts between their steps: `rolloutControllerArn` of the registry in its own app,
   * which has it where its `rollouts` are set.
   *
   * @default - not known: no alias of this app can have a rollout
   */
  readonly rolloutControllerArn?: string;

  /**
   * Name of the role of that function, likewise. `PromptChangeNotifications` takes its writes for somebody else's without.
   *
   * @default - not known
   */
  readonly rolloutControllerRoleName?: string | undefined;

  /**
   * The models that exist: prompts of this app are held to them at synth.
   *
   * @default - not known: any model passes the synthesis
   */
  readonly models?: ModelCatalog;
}

/** Settings of a `PromptRegistry`. */
export interface PromptRegistryProps {
  /**
   * What the names of all alias parameters begin with: 1 to 13 levels, each after a slash, not below `/aws` or `/ssm`.
   *
   * Every logical id and policy name of the registry is made of it: changing it makes a new registry.
   *
   * @default '/prompts'
   */
  readonly parameterPrefix?: string;

  /**
   * What the names of the prompts in Bedrock begin with, such as `test-`: letters and digits, each followed by at most one
   * `_` or `-`.
   *
   * For several environments in one account and Region: Bedrock keeps prompts apart by name only. `promptName` stays the
   * same in all of them, and is what code, parameters, policies and the ledger use. Changing it renames prompts in
   * Bedrock, and nothing else.
   *
   * @default - nothing: prompts have their `promptName` in Bedrock
   */
  readonly bedrockNamePrefix?: string;

  /**
   * What happens to prompts and log groups when they leave their stack. `RemovalPolicy.DESTROY` is for environments that
   * are thrown away: after `cdk destroy` the same stack can be deployed again. Synthesis warns of it.
   *
   * The ledger's bucket stays all the same: its policy lets nobody delete a record, CloudFormation included. The next
   * deployment makes another one.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long a release waits between widening the callers' policies and moving the alias: whole seconds, at most 120.
   *
   * IAM needs seconds to spread a change; a caller that reads the alias before its policy has spread gets a 403.
   *
   * @default Duration.seconds(15)
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
   */
  readonly policyPropagation?: Duration;

  /**
   * Customer managed key that encrypts the ledger bucket, which holds the text of archived versions.
   *
   * Set it where prompts have an `encryptionKey` of their own; the handlers' roles get what they need.
   *
   * @default - a key of Amazon S3
   */
  readonly encryptionKey?: IKey;

  /**
   * Who may sign reviews, by the names of groups: roles of this account, or ARNs of them in which `*` stands for anything.
   *
   * IAM lets the session of such a role sign as a member of the group, and in its own name only: a person is the name of the
   * session. At most 10 groups, named with lower-case letters, digits and `-`.
   *
   * @default - nobody
   */
  readonly reviewers?: { readonly [group: string]: (IRole | string)[] };

  /**
   * Whether EventBridge hears of what comes into the ledger's bucket. A `PromptEvaluator` of another stack needs it; one of
   * this app asks for it by itself.
   *
   * @default false
   */
  readonly ledgerEvents?: boolean;

  /**
   * What must agree before an alias moves forward: by the alias's name, `*` for all that are not named. An exact name wins
   * over `*`, so that `STAGING: []` has no gate. They hold for every prompt that joins the registry.
   *
   * @default - no gates
   */
  readonly gates?: { readonly [aliasName: string]: Gate[] };

  /**
   * How rollouts of aliases are looked after. Set it, `{}` at least, for a registry that other apps join whose aliases
   * have a rollout.
   *
   * @default - the function for it is made with the first alias of this app that has a rollout, and tells nobody
   */
  readonly rollouts?: PromptRegistryRollouts;

  /**
   * The models that exist. A prompt whose model ended, is misspelt or cannot be called in its Region then fails the
   * synthesis, and one whose model will end draws a warning. Nothing of it is deployed.
   *
   * @default - not known: any model passes the synthesis
   */
  readonly models?: ModelCatalog;
}

/**
 * Defines what prompts and aliases need once per environment: the ledger and the three handlers with their roles.
 *
 * Keep it in a stack of its own with its prompts, so that no other resource's failure blocks a release.
 *
 * @example
 * const registry = new PromptRegistry(this, 'Registry', { parameterPrefix: '/prompts/prod' });
 */
export class PromptRegistry extends Resource implements IPromptRegistry {
  /** Refers to a registry of another app, so that this app's prompts join it. Same account and Region only. */
  public static fromAttributes(scope: Construct, id: string, attributes: PromptRegistryAttributes): IPromptRegistry {
    return new ImportedPromptRegistry(scope, id, attributes);
  }

  public readonly parameterPrefix: string;
  public readonly handlers: PromptRegistryHandlers;
  public readonly publisherRoleName: string;
  public readonly releaserRoleName: string;
  public readonly bedrockNamePrefix?: string;
  public readonly removalPolicy?: RemovalPolicy;
  public readonly models?: ModelCatalog;
  public readonly handlersReady: IDependable = this;

  /** The bucket that holds release records and archived versions. It outlives the stack. */
  public readonly ledgerBucket: IBucket;

  public readonly ledgerBucketName: string;
  public readonly gates: { readonly [aliasName: string]: Gate[] };
  public readonly reviewerGroups: string[];

  private readonly ledger: LedgerBucket;
  private readonly groups: ReviewerGroup[];
  private readonly releaser: HandlerRole;
  private controller: RolloutController | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PromptRegistryProps = {},
  ) {
    super(scope, id);
    refuseNestedStack(this, 'a registry');
    refuseCustomizedRoles(this);
    this.parameterPrefix = props.parameterPrefix ?? '/prompts';
    atConstruct(this, () => checkParameterPrefix(this.parameterPrefix));
    this.bedrockNamePrefix = checkedBedrockNamePrefix(this, props.bedrockNamePrefix);
    this.removalPolicy = props.removalPolicy;
    this.models = props.models;
    watchCatalog(this);
    claimInEnvironment(this, `registry ${this.parameterPrefix}`, `the registry ${this.parameterPrefix}`);
    const propagation = this.checkedPropagation(props.policyPropagation ?? Duration.seconds(15));

    const groups = reviewerGroups(this, props.reviewers ?? {});
    this.groups = groups;
    warnOfReviewerCircle(this, groups);
    this.reviewerGroups = groups.map(({ name }) => name);
    this.gates = props.gates ?? {};
    const gates = registryGates(this, this.gates, this.reviewerGroups);
    for (const group of askingGroups(gates)) watchWhoAsks(this, group, props.reviewers?.[group] ?? []);
    watchAliasNames(this, gates);
    for (const [aliasName, ofAlias] of Object.entries(gates)) warnOfFirstReleaseUnmeasured(this, aliasName, ofAlias);

    const ledger = new LedgerBucket(this, 'Ledger', this.parameterPrefix, groups, props.encryptionKey);
    this.ledger = ledger;
    if (props.ledgerEvents) ledger.tellEventBridge();
    if (props.removalPolicy === RemovalPolicy.DESTROY) warnOfLedgerThatStays(this);
    this.ledgerBucket = ledger;
    this.ledgerBucketName = ledger.bucketName;
    const versionLogs = this.logGroup('prompt-version');
    const planLogs = this.logGroup('prompt-release-plan');
    const aliasLogs = this.logGroup('prompt-alias');
    const publisher = publisherRole(this, this.parameterPrefix, ledger, [versionLogs]);
    const releaser = releaserRole(this, this.parameterPrefix, ledger, [planLogs, aliasLogs], groups.length > 0);
    ledger.reserve('versions', publisher);
    ledger.reserve('tags', publisher);
    ledger.reserve('ledger', releaser);
    ledger.reserve('reasons', releaser);
    this.publisherRoleName = publisher.roleName;
    this.releaserRoleName = releaser.roleName;
    this.releaser = releaser;
    if (props.rollouts) this._controlRollouts([]);

    const environment = { [LEDGER_BUCKET_VARIABLE]: ledger.bucketName };
    const judging = Object.keys(gates).length > 0 ? { [GATES_VARIABLE]: formatGatesByAlias(gates) } : undefined;
    const handler = (name: HandlerName, role: IRole, logGroup: ILogGroup, own: Record<string, string> = {}) =>
      new RegistryHandler(this, HANDLER_ROLES[name], {
        parameterPrefix: this.parameterPrefix,
        handler: name,
        role,
        logGroup,
        environment: { ...environment, ...own },
      }).serviceToken;
    this.handlers = {
      version: handler('prompt-version', publisher, versionLogs),
      plan: handler('prompt-release-plan', releaser, planLogs, judging),
      alias: handler('prompt-alias', releaser, aliasLogs, {
        [PROPAGATION_VARIABLE]: String(propagation),
        ...judging,
      }),
    };
  }

  /**
   * What every reviewer attaches: the right to sign in their own name, and to read what a review is about. As a member of
   * which group they sign, `reviewers` says.
   */
  public get reviewerPolicy(): IManagedPolicy {
    if (this.reviewerGroups.length === 0) {
      throw constructError(
        this,
        'InvalidReviewers',
        'expected groups of reviewers, found none: set reviewers before you attach their policy',
      );
    }
    const present = this.node.tryFindChild('ReviewerPolicy') as ReviewerPolicy | undefined;
    return present ?? new ReviewerPolicy(this, 'ReviewerPolicy', this.parameterPrefix, this.ledger, this.handlers.plan);
  }

  /**
   * Records and archived versions that are written from now on cannot be deleted before this time is over.
   * @internal
   */
  public _retainLedger(by: Construct, retention: ObjectLockRetention): void {
    this.ledger.retain(by, retention);
  }

  public get rolloutControllerArn(): string | undefined {
    return this.controller?.functionArn;
  }

  public get rolloutControllerRoleName(): string | undefined {
    return this.controller?.roleName;
  }

  /**
   * An alias has a rollout that these alarms guard: the registry has a controller from here on.
   * @internal
   */
  public _controlRollouts(alarmArns: readonly string[]): void {
    if (this.controller === undefined) {
      const { parameterPrefix, ledger, props, removalPolicy } = this;
      this.controller = new RolloutController(this, 'Rollouts', {
        parameterPrefix,
        ledger,
        removalPolicy,
        topic: props.rollouts?.topic,
      });
      this.releaser.allow(stepReading(ledger));
    }
    this.controller.watch(alarmArns);
  }

  /**
   * EventBridge hears of what comes into the ledger's bucket.
   * @internal
   */
  public _tellEventBridge(): void {
    this.ledger.tellEventBridge();
  }

  /**
   * Makes a role of this app a member of a group.
   * @internal
   */
  public _addReviewer(group: string, roleArn: string): void {
    this.groups.find(({ name }) => name === group)?.arns.push(roleArn);
  }

  private logGroup(handler: HandlerName): LogGroup {
    const role = HANDLER_ROLES[handler];
    const logGroup = new LogGroup(this, `${role}Logs`, {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: this.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    freezeLogicalId(logGroup, { parameterPrefix: this.parameterPrefix }, `${role}Logs`);
    return logGroup;
  }

  private checkedPropagation(propagation: Duration): number {
    const seconds = propagation.toSeconds({ integral: false });
    if (!Number.isInteger(seconds) || seconds > LONGEST_PROPAGATION.toSeconds()) {
      throw constructError(
        this,
        'InvalidPolicyPropagation',
        `expected policyPropagation in whole seconds from 0 to ${LONGEST_PROPAGATION.toSeconds()}, found ${seconds} seconds: choose a value in that range`,
      );
    }
    return seconds;
  }
}

class ImportedPromptRegistry extends Resource implements IPromptRegistry {
  public readonly parameterPrefix: string;
  public readonly handlers: PromptRegistryHandlers;
  public readonly publisherRoleName: string;
  public readonly releaserRoleName: string;
  public readonly ledgerBucketName?: string;
  public readonly gates?: { readonly [aliasName: string]: Gate[] };
  public readonly reviewerGroups?: string[];
  public readonly bedrockNamePrefix?: string;
  public readonly rolloutControllerArn?: string;
  public readonly rolloutControllerRoleName?: string | undefined;
  public readonly models?: ModelCatalog;

  constructor(scope: Construct, id: string, attributes: PromptRegistryAttributes) {
    super(scope, id);
    atConstruct(this, () => checkParameterPrefix(attributes.parameterPrefix));
    this.parameterPrefix = attributes.parameterPrefix;
    this.handlers = attributes.handlers;
    this.publisherRoleName = attributes.publisherRoleName;
    this.releaserRoleName = attributes.releaserRoleName;
    this.ledgerBucketName = attributes.ledgerBucketName;
    this.reviewerGroups = attributes.reviewerGroups;
    this.rolloutControllerArn = attributes.rolloutControllerArn;
    this.rolloutControllerRoleName = attributes.rolloutControllerRoleName;
    this.gates = attributes.gates;
    this.bedrockNamePrefix = checkedBedrockNamePrefix(this, attributes.bedrockNamePrefix);
    registryGates(this, attributes.gates ?? {}, attributes.reviewerGroups);
    this.models = attributes.models;
    watchCatalog(this);
  }
}
