import { Annotations, Aws, Duration, Lazy, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events';
import { type CfnRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IFunction, Function as LambdaFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../core/contract/handler-environment';
import { NO_VERSION } from '../core/contract/no-version';
import {
  EVALUATOR_FOLDERS,
  EVALUATOR_VARIABLE,
  type EvaluatedPromptSettings,
  type EvaluatorSettings,
} from '../core/contract/prompt-evaluator';
import type { SuiteFile } from '../core/evaluation/suite-file';
import { FOLDERS, groupKeys, ledgerPrefix, promptPrefix } from '../core/ledger/layout';
import type { IPrompt } from './i-prompt';
import type { IPromptAlias } from './i-prompt-alias';
import { bundledFunction } from './private/bundled-function';
import { constructError } from './private/construct-error';
import { checkJudges, warnOfRelatedJudges } from './private/evaluator-judges';
import { evaluatorCode, judgeStatements } from './private/evaluator-suites';
import { QueuedFunctionTarget } from './private/function-target';
import { deployedModel } from './private/known-models';
import { OWN_REVIEWS } from './private/ledger-bucket';
import { suiteFromFile } from './private/suite-from-file';
import { PromptAlias } from './prompt-alias';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';

/** A prompt, and what a good answer of it is. */
export interface EvaluatedPrompt {
  /** A prompt of the registry. */
  readonly prompt: IPrompt;

  /** Path of its suite, such as `prompts/financial-analysis.eval.yaml`. */
  readonly suite: string;

  /**
   * The alias that new versions come to first, such as `STAGING`. Its callers may call the models of new versions, and the
   * evaluator is one of them.
   */
  readonly candidate: IPromptAlias;

  /** The alias whose releases are judged by the evaluator's reviews, such as `PROD`. */
  readonly live: IPromptAlias;
}

/** Settings of a `PromptEvaluator`. */
export interface PromptEvaluatorProps {
  /** The registry of the prompts. */
  readonly registry: IPromptRegistry;

  /** The prompts to measure, each with its suite. At least one. */
  readonly suites: EvaluatedPrompt[];

  /** The group of `reviewers` that it signs for: the `by` of a `Gate.evaluation()`. */
  readonly group: string;

  /**
   * How often what is live is measured again, against its own last run: whole days, or hours. Such a run is not signed.
   *
   * @default - only when a version is published or what is live moves
   */
  readonly every?: Duration;

  /**
   * Topic that is told when something became worse, or could not be measured. Messages hold ids of cases and counts, no text.
   *
   * @default - nobody is told
   */
  readonly topic?: ITopic;

  /**
   * Queue that gets the events which could not be worked at: the function failed three times, as with a topic that is gone, or
   * was busy with other suites for six hours. The policy of an imported queue has to be written by hand.
   *
   * @default - none: such an event is lost, and what it was about stays unmeasured without a message
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Tokens that it may spend in any minute, read and written together, so that the rest of a model's quota is left to
   * production.
   *
   * @default 50000
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/quotas.html
   */
  readonly tokensPerMinute?: number;

  /** How long answers and runs are kept. They hold what models said. @default Duration.days(90) */
  readonly keepRuns?: Duration;

  /**
   * The role that it works with, for a registry of another app: a role that Lambda may assume, and that the registry lists
   * in `reviewers`.
   *
   * @default - a role of its own, which joins the group of a registry of this app
   */
  readonly role?: Role;
}

/** Of aliases that are known by their names nobody knows here what they ask for. */
function guardrailOf(...aliases: readonly IPromptAlias[]): Pick<EvaluatedPromptSettings, 'guardrail'> {
  const known = aliases.flatMap((alias) => (alias instanceof PromptAlias ? (alias._guardrail?.named ?? []) : []));
  const guardrail = known.find((named) => named !== NO_VERSION);
  return guardrail === undefined ? {} : { guardrail };
}

/** IAM takes 64 characters, of which the Region has some: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ROLE_NAME_LENGTH = 48;
/** Lambda takes 4,096 bytes of variables; two others are there as well. */
const LARGEST_SETTINGS = 3_500;
/** What tokens in the settings may become: ARNs and names of buckets, ids of roles. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;
const TOKEN_LENGTH = 100;

/**
 * Defines a function that asks a suite's questions: each published version beside what is live, and what is live once a day.
 *
 * It starts by itself, goes on past Lambda's 15 minutes, and keeps each answer as soon as it is there. What it finds about a
 * version it signs as a member of `group`, for a `Gate.evaluation()` to judge; it moves nothing. Its role is a caller of both
 * aliases that may also render versions which are not released yet.
 *
 * It costs a function that waits for models (at most one runs at a time), a bucket, up to four rules, and the tokens of
 * every run. Where a pipeline runs `prompt-registry evaluate --sign` anyway, you do not need it.
 *
 * @example
 * new PromptEvaluator(this, 'Quality', {
 *   registry,
 *   group: 'measured',
 *   suites: [{ prompt, suite: 'prompts/financial-analysis.eval.yaml', candidate: staging, live: prod }],
 *   every: Duration.days(1),
 *   topic,
 * });
 */
export class PromptEvaluator extends Construct {
  /** The function. */
  public readonly function: IFunction;

  /** The role that it works with and signs as. */
  public readonly role: Role;

  /** Its answers and runs: what models said. */
  public readonly bucket: IBucket;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PromptEvaluatorProps,
  ) {
    super(scope, id);
    const { registry, every, topic, deadLetterQueue } = props;
    this.check();
    const suites = props.suites.map(({ suite }) => suiteFromFile(this, suite));
    const ledger = this.ledgerBucket();
    this.bucket = this.ownBucket();
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_YEAR });
    this.role = props.role ?? this.ownRole();
    const statements = [
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
      ...this.ownBucketStatements(),
      ...this.ledgerStatements(ledger),
      ...this.promptStatements(),
      ...judgeStatements(this, suites),
    ];
    for (const statement of statements) this.role.addToPolicy(statement);
    for (const { candidate, live } of props.suites) {
      candidate.grants.invoke(this.role);
      live.grants.invoke(this.role);
    }
    ledger.encryptionKey?.grantEncryptDecrypt(this.role);
    topic?.grantPublish(this.role);
    const handler = new LambdaFunction(this, 'Function', {
      ...bundledFunction('prompt-evaluator', registry.parameterPrefix, evaluatorCode(this, suites)),
      logGroup,
      role: this.role,
      memorySize: 512,
      timeout: Duration.minutes(15),
      // It hands on to itself, as often as a suite is long: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
      recursiveLoop: RecursiveLoop.ALLOW,
      // Two at once would spend two minutes' tokens in one; what is turned away is queued and comes later:
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
      reservedConcurrentExecutions: 1,
      ...(deadLetterQueue && { onFailure: new SqsDestination(deadLetterQueue) }),
      environment: {
        [PARAMETER_PREFIX_VARIABLE]: registry.parameterPrefix,
        [LEDGER_BUCKET_VARIABLE]: ledger.bucketName,
        [EVALUATOR_VARIABLE]: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.settings(suites)) }),
      },
    });
    this.function = handler;
    this.rule('Changed', { description: 'a version was published, or what is live moved' }, handler).addEventPattern({
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [ledger.bucketName] }, object: { key: this.watchedKeys() } },
    });
    this.rule('Next', { description: 'an invocation handed on' }, handler).addEventPattern({
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: [{ prefix: EVALUATOR_FOLDERS.next }] } },
    });
    // What the stack publishes while the rules are made would be missed. Of an operation that fails nothing is left to measure.
    this.rule('Deployed', { description: 'the stack was deployed' }, handler).addEventPattern({
      source: ['aws.cloudformation'],
      detailType: ['CloudFormation Stack Status Change'],
      detail: { 'stack-id': [Aws.STACK_ID], 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } },
    });
    if (every) this.rule('Every', { description: 'what is live', schedule: Schedule.rate(every) }, handler);
    this.node.addValidation({ validate: () => this.problems(suites) });
    checkJudges(this, suites);
  }

  private check(): void {
    const { registry, suites, group, tokensPerMinute = 50_000, every, keepRuns } = this.props;
    if (suites.length === 0) throw this.invalid('at least one prompt in suites', 'none', 'name one');
    if (registry.reviewerGroups && !registry.reviewerGroups.includes(group)) {
      const found = registry.reviewerGroups.join(', ') || 'none';
      throw this.invalid(`the group ${group} in reviewers of the registry`, found, `add \`${group}: []\` to reviewers`);
    }
    if (!(Number.isSafeInteger(tokensPerMinute) && tokensPerMinute >= 1)) {
      throw this.invalid('tokensPerMinute of 1 or more', `${tokensPerMinute}`, 'choose a part of the model’s quota');
    }
    if (every && every.toMinutes({ integral: false }) < 60) {
      throw this.invalid('every of an hour or more', every.toHumanString(), 'measure less often');
    }
    if (keepRuns && keepRuns.toDays({ integral: false }) < 2) {
      throw this.invalid('keepRuns of two days or more', keepRuns.toHumanString(), 'keep what a run is compared with');
    }
    for (const suite of suites) this.checkAliases(suite);
  }

  private checkAliases({ prompt, candidate, live }: EvaluatedPrompt): void {
    for (const alias of [candidate, live]) {
      const own = `${this.props.registry.parameterPrefix}/${prompt.promptName}/${alias.aliasName}`;
      if (alias.parameterName !== own) {
        throw this.invalid(`an alias of ${prompt.promptName}, such as ${own}`, alias.parameterName, 'pass its own');
      }
    }
    if (candidate.aliasName === live.aliasName) {
      throw this.invalid(`two aliases of ${prompt.promptName}`, `${live.aliasName} twice`, 'compare STAGING with PROD');
    }
  }

  private settings(suites: readonly SuiteFile[]): EvaluatorSettings {
    const { group, tokensPerMinute = 50_000, topic } = this.props;
    return {
      schema: 1,
      bucket: this.bucket.bucketName,
      group,
      roleId: (this.role.node.defaultChild as CfnRole).attrRoleId,
      tokensPerMinute,
      topic: topic?.topicArn ?? null,
      prompts: this.props.suites.map(({ prompt, candidate, live }, index) => ({
        prompt: prompt.promptName,
        promptArn: prompt.promptArn,
        candidate: candidate.aliasName,
        live: live.aliasName,
        suite: suites[index]?.digest ?? '',
        ...guardrailOf(live, candidate),
      })),
    };
  }

  private ledgerBucket(): IBucket {
    const { registry } = this.props;
    if (registry instanceof PromptRegistry) {
      registry._tellEventBridge();
      return registry.ledgerBucket;
    }
    if (registry.ledgerBucketName === undefined) {
      throw constructError(
        this,
        'UnknownLedgerBucket',
        `expected to know the ledger bucket of the registry ${registry.parameterPrefix}, found that it was imported without: add ledgerBucketName to PromptRegistry.fromAttributes()`,
      );
    }
    Annotations.of(this).addInfo(
      `the registry ${registry.parameterPrefix} must have ledgerEvents: true in its own app, else nothing starts this evaluator when a version is published`,
    );
    return Bucket.fromBucketName(this, 'Ledger', registry.ledgerBucketName);
  }

  /**
   * Its name is made here, as the ledger's policy names it and must not wait for it: the role waits for the policies of
   * aliases, and these for the ledger.
   */
  private ownRole(): Role {
    const { registry, group } = this.props;
    if (!(registry instanceof PromptRegistry)) {
      throw this.invalid(
        'a role that the registry knows',
        `the registry ${registry.parameterPrefix} of another app, whose groups this one cannot join`,
        'pass role, and list it in reviewers of the registry',
      );
    }
    const name = Names.uniqueResourceName(this, { maxLength: ROLE_NAME_LENGTH, separator: '-' });
    const roleName = `${name}-${Aws.REGION}`;
    const resource = { service: 'iam', region: '', resource: 'role', resourceName: roleName };
    registry._addReviewer(group, Stack.of(this).formatArn(resource));
    return new Role(this, 'Role', {
      roleName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `cdk-prompt-registry ${registry.parameterPrefix}: evaluator`,
    });
  }

  /** Without versions and without a lock: what models said is kept as long as somebody compares with it. */
  private ownBucket(): Bucket {
    const bucket = new Bucket(this, 'Runs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ id: 'Runs', expiration: this.props.keepRuns ?? Duration.days(90) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // `eventBridgeEnabled` of CDK would add a function of its own for what CloudFormation can do by itself:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-eventbridgeconfiguration.html
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    return bucket;
  }

  private ownBucketStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: Object.values(EVALUATOR_FOLDERS).map((folder) => this.bucket.arnForObjects(`${folder}*`)),
      }),
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    ];
  }

  private ledgerStatements(ledger: IBucket): PolicyStatement[] {
    const { suites, group } = this.props;
    const reviews = OWN_REVIEWS.replace(`${FOLDERS.reviews}*/`, groupKeys(group).replace(/\*$/, ''));
    const read = suites.flatMap(({ prompt: { promptId }, candidate, live }) => [
      promptPrefix('versions', promptId),
      ledgerPrefix(promptId, candidate.aliasName),
      ledgerPrefix(promptId, live.aliasName),
    ]);
    return [
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [ledger.bucketArn] }),
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [...read.map((prefix) => ledger.arnForObjects(`${prefix}*`)), ledger.arnForObjects(reviews)],
      }),
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [ledger.arnForObjects(reviews)] }),
    ];
  }

  /** Versions by number, and never the draft, whose ARN is the prompt's own. */
  private promptStatements(): PolicyStatement[] {
    const resources = this.props.suites.map(({ prompt }) => `${prompt.promptArn}:*`);
    return [new PolicyStatement({ actions: ['bedrock:RenderPrompt'], resources })];
  }

  private watchedKeys(): { prefix: string }[] {
    return this.props.suites.flatMap(({ prompt: { promptId }, live }) => [
      { prefix: promptPrefix('versions', promptId) },
      { prefix: ledgerPrefix(promptId, live.aliasName) },
    ]);
  }

  private rule(id: string, props: RuleProps, handler: IFunction): Rule {
    const { registry, deadLetterQueue } = this.props;
    const target = new QueuedFunctionTarget(handler, deadLetterQueue);
    const description = `cdk-prompt-registry ${registry.parameterPrefix}: ${props.description}`;
    return new Rule(this, id, { ...props, description, targets: [target] });
  }

  private problems(suites: readonly SuiteFile[]): string[] {
    this.props.suites.forEach(({ prompt }, index) => {
      const model = deployedModel(prompt);
      const { suite } = suites[index] ?? {};
      if (suite && typeof model === 'string') warnOfRelatedJudges(this, suite, { label: prompt.promptName, model });
    });
    const size = JSON.stringify(this.settings(suites)).replace(TOKEN, ' '.repeat(TOKEN_LENGTH)).length;
    return size > LARGEST_SETTINGS
      ? [`expected settings of at most ${LARGEST_SETTINGS} bytes, found up to ${size}: make several evaluators`]
      : [];
  }

  private invalid(expected: string, found: string, fix: string): Error {
    return constructError(this, 'InvalidEvaluator', `expected ${expected}, found ${found}: ${fix}`);
  }
}
