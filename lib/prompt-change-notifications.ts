import { Annotations, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import {
  EventField,
  type EventPattern,
  type IRuleTarget,
  Rule,
  type RuleTargetConfig,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { aws_iam } from 'aws-cdk-lib/interfaces';
import { Construct, type IConstruct } from 'constructs';
import {
  aliasMoved,
  aliasTouched,
  ledgerTouched,
  promptChanged,
  reviewWritten,
  trailChanged,
  type WatchedBucket,
} from './private/change-patterns';
import { constructError } from './private/construct-error';
import { checkPatternSize } from './private/pattern-size';
import { ReviewMessages } from './private/review-messages';
import { checkSameEnvironment } from './private/same-environment';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';

/** Settings of `PromptChangeNotifications`. */
export interface PromptChangeNotificationsProps {
  /** The registry to watch, of this account and Region. */
  readonly registry: IPromptRegistry;

  /**
   * Topic that gets a line of text for each event: what, on which prompt, who, when, the event's id in CloudTrail.
   *
   * Its policy lets EventBridge publish for these rules; an imported topic's has to be written by hand. A topic with a
   * customer managed key needs a key policy that allows `events.amazonaws.com` `kms:GenerateDataKey*` and `kms:Decrypt`,
   * *without* `aws:SourceArn`, `aws:SourceAccount` or `aws:SourceOrgID`, with which nothing would be delivered; the key
   * `alias/aws/sns` cannot be used.
   *
   * @default - none: then there are `targets`
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
   */
  readonly topic?: ITopic;

  /**
   * Further targets of every rule, at most 5 together with the topic. Each gets the event itself, or what its own input
   * makes of it.
   *
   * @default - none
   */
  readonly targets?: IRuleTarget[];

  /**
   * ARN of the trail whose changes are reported.
   *
   * @default - every trail of the account and Region
   */
  readonly trailArn?: string;

  /**
   * The roles with which CloudFormation deploys the registry's and the prompts' stacks: what it does with another role
   * is somebody else's.
   *
   * @default - the execution roles that the synthesizers of this stack and the registry's name (those of `cdk bootstrap`);
   * whatever CloudFormation does, if they name none
   */
  readonly executionRoles?: aws_iam.IRoleRef[];

  /**
   * Further roles that may change prompts and versions unreported, such as the publisher of another registry of this
   * account and Region. They are reported like everybody else when they touch this registry's aliases or ledger.
   *
   * @default - none
   */
  readonly promptEditors?: aws_iam.IRoleRef[];

  /**
   * Queue that gets what the topic did not take for a day.
   *
   * @default - none: such an event is lost here, though not in the trail
   */
  readonly deadLetterQueue?: IQueue;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_TARGETS = 5;
const PUBLISHER = new ServicePrincipal('events.amazonaws.com');

/**
 * Defines rules on EventBridge's default bus that tell of releases, and of what nobody should do:
 *
 * - an alias parameter was written or removed by its stack: a release, a rollback, also the way back of a failed
 *   deployment, and the first deployment of the alias;
 * - a prompt or version was made, changed, tagged or deleted by anyone but the registry's publisher and CloudFormation.
 *   All prompts of the account and Region are watched, the registry's or not;
 * - an alias parameter was written, deleted, labelled or tagged by anyone but CloudFormation and the controller of
 *   rollouts. A registry of another app needs its `rolloutControllerRoleName`, or is reported every minute of a rollout;
 * - somebody wrote a review, where the registry has reviewers: who asked, approved, rejected or commented, as which group, of
 *   which prompt, alias and content. A function says it, which may read reviews. Nobody approves by a link: the message names
 *   the command that shows the rest;
 * - an object of the ledger or a setting of its bucket was written or deleted by anyone but the registry's roles and
 *   CloudFormation: a delete marker, a retention, a policy;
 * - the trail was stopped, deleted, or changed in what it logs, by anybody, a deployment included.
 *
 * **Nothing is reported without a trail**: EventBridge hears of calls from CloudTrail, and only of those that a trail of the
 * account logs. Releases, prompts, aliases and the trail need its write-only management events, *objects of the ledger*
 * its S3 data events of the ledger bucket, as `PromptAuditTrail` logs them. Denied calls are not reported.
 *
 * Identity comes from fields that a caller cannot choose: the ARN of the session's issuer, not the name of the session, and
 * `invokedBy`, which AWS sets when CloudFormation makes the call. A stack of somebody who may deploy with the same
 * execution role looks like the registry's own: give that role to nobody else where this matters. The message of a
 * release names that role, not the person; `prompt-registry audit log` finds the person.
 *
 * Anybody who may delete rules, the topic or its subscriptions can silence all this; the trail still has it.
 *
 * @example
 * new PromptChangeNotifications(this, 'Notifications', { registry, topic });
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class PromptChangeNotifications extends Construct {
  private readonly rules: Rule[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PromptChangeNotificationsProps,
  ) {
    super(scope, id);
    this.checkTargets();
    // Events stay in their account and Region.
    checkSameEnvironment(this, props.registry, 'notifications');
    const { parameterPrefix, publisherRoleName, releaserRoleName } = props.registry;
    const stack = { executionRoleArns: this.executionRoleArns() };
    const publisher = this.roleArn(publisherRoleName);
    const editors = (props.promptEditors ?? []).map(({ roleRef }) => roleRef.roleArn);
    const prompts = Stack.of(this).formatArn({ service: 'bedrock', resource: 'prompt', resourceName: '' });

    this.rule('Release', aliasMoved(parameterPrefix, stack), {
      description: `${parameterPrefix}: an alias was moved by its stack`,
      text: `Release: the stack of the prompt registry ${parameterPrefix} called ${CALL} on the alias ${PARAMETER}. ${CIRCUMSTANCES}`,
    });
    this.rule('PromptChange', promptChanged(prompts, [publisher, ...editors], stack), {
      description: `${parameterPrefix}: a prompt was changed by anyone but the registry`,
      text: `Prompt changed by somebody else than the prompt registry ${parameterPrefix}: ${CALL} on the prompt ${PROMPT}. ${CIRCUMSTANCES}`,
    });
    this.rule('AliasChange', (controller) => aliasTouched(parameterPrefix, controller, stack), {
      description: `${parameterPrefix}: an alias was touched by anyone but its stack`,
      text: `Alias touched by somebody else than the stack of the prompt registry ${parameterPrefix}: ${CALL} on the alias ${PARAMETER}. ${CIRCUMSTANCES}`,
    });
    const bucket = this.ledgerBucket();
    const writers = [publisher, this.roleArn(releaserRoleName)];
    const hasReviewers = (props.registry.reviewerGroups ?? []).length > 0;
    this.rule('LedgerChange', (controller) => ledgerTouched(bucket, [...writers, ...controller], stack, hasReviewers), {
      description: `${parameterPrefix}: the ledger was touched by anyone but the registry`,
      // The writer of an object chooses its key, which may look like the rest of this text: it comes last.
      text: `Ledger touched by somebody else than the prompt registry ${parameterPrefix}: ${CALL} on the bucket ${of('requestParameters.bucketName')}. ${CIRCUMSTANCES} Object: ${of('requestParameters.key')}`,
    });
    if (hasReviewers) this.reviewRule(bucket);
    this.rule('TrailChange', trailChanged(this.trail()), {
      description: `${parameterPrefix}: the trail was stopped, deleted or changed`,
      text: `Trail stopped, deleted or changed, on which the audit of the prompt registry ${parameterPrefix} stands: ${CALL} on the trail ${of('requestParameters.name')}${of('requestParameters.trailName')}. ${CIRCUMSTANCES}`,
    });
    this.allowRules();
  }

  private rule(id: string, pattern: EventPattern | PatternBut, { description, text }: Report): void {
    const { topic, targets = [], deadLetterQueue } = this.props;
    const ofTopic = topic ? [new TopicTarget(topic, text, deadLetterQueue)] : [];
    const eventPattern = typeof pattern === 'function' ? this.butController(id, pattern) : this.checked(id, pattern);
    this.rules.push(new Rule(this, id, { description, eventPattern, targets: [...ofTopic, ...targets] }));
  }

  /** An alias may get its rollout, and the registry its controller, after this construct. */
  private butController(id: string, patternBut: PatternBut): EventPattern {
    const pattern = this.checked(id, patternBut([]));
    const userIdentity = Lazy.any({
      produce: () => this.checked(id, patternBut(this.controllers())).detail?.userIdentity,
    });
    return { ...pattern, detail: { ...pattern.detail, userIdentity } };
  }

  private checked(id: string, pattern: EventPattern): EventPattern {
    checkPatternSize(this, pattern, `list fewer promptEditors or executionRoles (rule ${id})`);
    return pattern;
  }

  /** It writes once a minute how far a rollout got, and the bucket's policy and its own let it write nothing else. */
  private controllers(): string[] {
    const { rolloutControllerRoleName: name } = this.props.registry;
    return name === undefined ? [] : [this.roleArn(name)];
  }

  /** Its text is a function's: what a review is stands in its body. */
  private reviewRule(bucket: WatchedBucket): void {
    const { topic, targets = [], deadLetterQueue, registry } = this.props;
    const { parameterPrefix } = registry;
    const encryptionKey = registry instanceof PromptRegistry ? registry.ledgerBucket.encryptionKey : undefined;
    const words =
      topic &&
      new ReviewMessages(this, 'ReviewMessages', { parameterPrefix, bucket, encryptionKey, topic, deadLetterQueue });
    new Rule(this, 'Review', {
      description: `${parameterPrefix}: somebody asked, approved, rejected or commented`,
      eventPattern: reviewWritten(bucket),
      targets: [...(words ? [words.target] : []), ...targets],
    });
  }

  /** Each resource's policy names the rules, so that no other rule and no other account publishes through EventBridge. */
  private allowRules(): void {
    const { topic, deadLetterQueue } = this.props;
    const statement = (resource: IConstruct, action: string, arn: string) =>
      new PolicyStatement({
        actions: [action],
        principals: [PUBLISHER],
        resources: [arn],
        conditions: {
          ArnLike: { 'aws:SourceArn': this.sourcesFor(resource) },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      });
    const results = [
      topic?.addToResourcePolicy(statement(topic, 'sns:Publish', topic.topicArn)),
      topic &&
        deadLetterQueue?.addToResourcePolicy(statement(deadLetterQueue, 'sqs:SendMessage', deadLetterQueue.queueArn)),
    ];
    if (results.some((result) => result?.statementAdded === false)) {
      Annotations.of(this).addWarningV2(
        'cdk-prompt-registry:importedNotificationTarget',
        'the policy of an imported topic or queue cannot be written here: allow events.amazonaws.com to publish to it, or no notification arrives',
      );
    }
  }

  /** Another stack's policy cannot name rules that in turn name its topic: each stack would need the other first. */
  private sourcesFor(resource: IConstruct): string[] {
    const stack = Stack.of(this);
    return Stack.of(resource) === stack
      ? this.rules.map(({ ruleArn }) => ruleArn)
      : [stack.formatArn({ service: 'events', resource: 'rule', resourceName: '*' })];
  }

  private executionRoleArns(): string[] {
    const { executionRoles, registry } = this.props;
    if (executionRoles !== undefined) {
      return executionRoles.map(({ roleRef }) => roleRef.roleArn);
    }
    const named = [Stack.of(this), Stack.of(registry)].flatMap((stack) => executionRoleArn(stack) ?? []);
    return [...new Set(named)].map((arn) => (arn.includes('${') ? Fn.sub(arn) : arn));
  }

  private roleArn(roleName: string): string {
    return Stack.of(this).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: roleName });
  }

  private ledgerBucket(): { readonly bucketName: string; readonly bucketArn: string } {
    const { ledgerBucketName, parameterPrefix } = this.props.registry;
    if (ledgerBucketName === undefined) {
      throw constructError(
        this,
        'UnknownLedgerBucket',
        `expected to know the ledger bucket of the registry ${parameterPrefix}, found that it was imported without: add ledgerBucketName to PromptRegistry.fromAttributes()`,
      );
    }
    const bucketArn = Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: ledgerBucketName });
    return { bucketName: ledgerBucketName, bucketArn };
  }

  private trail(): { readonly name: string; readonly arn: string } | undefined {
    const { trailArn } = this.props;
    if (trailArn === undefined) {
      return undefined;
    }
    if (!Token.isUnresolved(trailArn) && !/^arn:[^:]+:cloudtrail:[^:]+:\d{12}:trail\/[^/]+$/.test(trailArn)) {
      throw constructError(
        this,
        'InvalidTrailArn',
        `expected the ARN of a trail as trailArn, found '${trailArn}': pass the trailArn of a PromptAuditTrail, or leave it out to watch every trail`,
      );
    }
    // CloudTrail's operations take either of them.
    return { arn: trailArn, name: Fn.select(1, Fn.split('/', trailArn)) };
  }

  private checkTargets(): void {
    const { topic, targets = [], deadLetterQueue } = this.props;
    const count = targets.length + (topic ? 1 : 0);
    if (count < 1 || count > MOST_TARGETS) {
      throw constructError(
        this,
        'InvalidNotifications',
        `expected 1 to ${MOST_TARGETS} receivers (a topic and targets), found ${count}: ${count < 1 ? 'pass a topic or targets' : 'let one of them pass events on'}`,
      );
    }
    if (deadLetterQueue && !topic) {
      throw constructError(
        this,
        'InvalidNotifications',
        'expected a topic with the deadLetterQueue, found targets only: give each target a queue of its own',
      );
    }
  }
}

/** What anyone did but the registry's controller of rollouts, by the ARN of its role; none where it has no controller. */
type PatternBut = (controller: string[]) => EventPattern;

interface Report {
  readonly description: string;
  readonly text: string;
}

/** A field of the event that CloudTrail wrote; nothing where the event lacks it. */
function of(path: string): string {
  return EventField.fromPath(`$.detail.${path}`);
}

const CALL = of('eventName');
const PARAMETER = `${of('requestParameters.name')}${of('requestParameters.names')}${of('requestParameters.resourceId')}`;
const PROMPT = `${of('requestParameters.promptIdentifier')}${of('requestParameters.resourceArn')} ${of('requestParameters.name')}`;
/** One line, because SNS would show a line break in a template's string as two characters. */
const CIRCUMSTANCES = `Who: ${of('userIdentity.type')} ${of('userIdentity.arn')}, from ${of('sourceIPAddress')}. When: ${of('eventTime')}. Event: ${of('eventID')}, account ${of('recipientAccountId')}, ${of('awsRegion')}.`;

/** The topic with a policy of ours: CDK's own target would let EventBridge publish for every rule of every account. */
class TopicTarget implements IRuleTarget {
  constructor(
    private readonly topic: ITopic,
    private readonly text: string,
    private readonly deadLetterQueue?: IQueue,
  ) {}

  public bind(): RuleTargetConfig {
    return {
      arn: this.topic.topicArn,
      input: RuleTargetInput.fromText(this.text),
      targetResource: this.topic,
      ...(this.deadLetterQueue && { deadLetterConfig: { arn: this.deadLetterQueue.queueArn } }),
    };
  }
}

/** What `cdk deploy` hands to CloudFormation; undefined where the synthesizer has no such role. */
function executionRoleArn({ synthesizer }: Stack): string | undefined {
  return (synthesizer as { readonly cloudFormationExecutionRoleArn?: string }).cloudFormationExecutionRoleArn;
}
