import { Aws, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, type MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../core/contract/handler-environment';
import {
  STACKS,
  USUAL_CALLABLE,
  WATCH_METRICS,
  WATCH_VARIABLE,
  type WatchSettings,
} from '../core/contract/model-lifecycle-watch';
import { PROMPT_METRICS } from '../core/contract/prompt-metrics';
import { FOLDERS } from '../core/ledger/layout';
import { own } from '../core/models/located-model';
import { bundledFunction } from './private/bundled-function';
import { constructError } from './private/construct-error';
import { QueuedFunctionTarget } from './private/function-target';
import { checkSameEnvironment } from './private/same-environment';
import { PromptAlias } from './prompt-alias';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';

/** Settings of a `ModelLifecycleWatch`. */
export interface ModelLifecycleWatchProps {
  /** The registry to watch, of this account and Region. */
  readonly registry: IPromptRegistry;

  /**
   * Topic that gets one message a day while a model that callers use ends within `messageWithin`, is LEGACY and
   * was not called for 10 days, is none that Bedrock has, or could not be judged. Prompts, aliases, versions and days stand in it, and the successor that the lock file of
   * the registry's `models` names; no text of a prompt.
   *
   * @default - metrics and alarms only
   */
  readonly topic?: ITopic;

  /**
   * Queue that gets the event of a day on which the function failed three times, as with a topic that is gone: the metrics
   * may be written then, and nobody has the message. The policy of an imported queue has to be written by hand.
   *
   * @default - none: `unreadAlarm` rings after two days without metrics, and of a message that was not sent nobody hears
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly deadLetterQueue?: IQueue;

  /** From how many days before an end on the topic gets messages. @default Duration.days(30) */
  readonly messageWithin?: Duration;

  /**
   * At most two times before the first end of all: for each there is an alarm.
   *
   * @default [Duration.days(90), Duration.days(30)]
   */
  readonly alarmsWithin?: Duration[];
}

const MOST_ALARMS = 2;
/** Lambda takes 4,096 bytes of variables; two others are there as well. */
const LARGEST_SETTINGS = 3_500;
/** An ARN of a topic, which is a token at synth. */
const TOKEN_LENGTH = 400;

/**
 * Defines a function that looks once a day until when the models of a registry live: those of all versions that callers may
 * use, so also of what a rollback would bring back.
 *
 * It asks Bedrock once for each model, also after a deployment of its stack, writes the metric `DaysToModelEnd` and keeps nothing: a date that Bedrock moves is
 * right on the next day. A model without an announced end has no figure, and one that Bedrock does not tell of has none
 * either: it counts as `ModelsUnread`. An account that does not call a LEGACY model for 15 to 30 days loses it: where
 * CloudWatch has counted no call in account and Region for 10 days, the message says so.
 *
 * It costs a function that runs for seconds, up to three alarms, and a metric for each prompt, alias and model that ends.
 *
 * @example
 * new ModelLifecycleWatch(this, 'Watch', { registry, topic });
 */
export class ModelLifecycleWatch extends Construct {
  /** The function. */
  public readonly function: IFunction;

  /**
   * Ring when the first end comes within a time of `alarmsWithin`, in their order. Add an action, such as a topic: without
   * one they are seen in the console only.
   */
  public readonly endAlarms: Alarm[];

  /** Rings when for two days the watch did not run, or could not judge every model. */
  public readonly unreadAlarm: Alarm;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ModelLifecycleWatchProps,
  ) {
    super(scope, id);
    const { registry, topic, deadLetterQueue, alarmsWithin = [Duration.days(90), Duration.days(30)] } = props;
    this.check(alarmsWithin);
    checkSameEnvironment(this, registry, 'watch');
    const ledger = this.ledgerBucket();
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_YEAR });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `cdk-prompt-registry ${registry.parameterPrefix}: ends of models`,
      inlinePolicies: {
        watch: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
            ...this.readStatements(ledger),
          ],
        }),
      },
    });
    ledger.encryptionKey?.grantDecrypt(role);
    topic?.grantPublish(role);
    this.function = new LambdaFunction(this, 'Function', {
      ...bundledFunction('model-lifecycle-watch', registry.parameterPrefix),
      role,
      logGroup,
      memorySize: 256,
      timeout: Duration.minutes(10),
      ...(deadLetterQueue && { onFailure: new SqsDestination(deadLetterQueue) }),
      environment: {
        [PARAMETER_PREFIX_VARIABLE]: registry.parameterPrefix,
        [LEDGER_BUCKET_VARIABLE]: ledger.bucketName,
        [WATCH_VARIABLE]: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.settings()) }),
      },
    });
    const target = new QueuedFunctionTarget(this.function, deadLetterQueue);
    new Rule(this, 'Daily', {
      description: `${registry.parameterPrefix}: until when its models live`,
      schedule: Schedule.rate(Duration.days(1)),
      targets: [target],
    });
    // Until the first day is over the alarms would know nothing.
    new Rule(this, 'Deployed', {
      description: `${registry.parameterPrefix}: the stack of the watch was deployed`,
      eventPattern: {
        source: [STACKS],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [Aws.STACK_ID], 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } },
      },
      targets: [target],
    });
    this.endAlarms = alarmsWithin.map((within) => this.endAlarm(within.toDays()));
    this.unreadAlarm = new Alarm(this, 'Unread', {
      metric: this.metricUnread(),
      alarmDescription: `${registry.parameterPrefix}: for two days the ends of its models were not looked at, or not all of them`,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.node.addValidation({ validate: () => this.problems() });
  }

  /** Days until the first end of all that callers of the registry use; no value where none is announced. */
  public metricDaysToModelEnd(options: MetricOptions = {}): Metric {
    return this.metric(WATCH_METRICS.days.name, 'Minimum', options);
  }

  /** How many models and aliases could not be judged; each run writes it. */
  public metricUnread(options: MetricOptions = {}): Metric {
    return this.metric(WATCH_METRICS.unread.name, 'Maximum', options);
  }

  private metric(metricName: string, statistic: string, options: MetricOptions): Metric {
    return new Metric({
      namespace: PROMPT_METRICS.namespace,
      metricName,
      dimensionsMap: { Registry: this.props.registry.parameterPrefix },
      period: Duration.days(1),
      statistic,
      ...options,
    });
  }

  private endAlarm(days: number): Alarm {
    return new Alarm(this, `Within${days}Days`, {
      metric: this.metricDaysToModelEnd(),
      alarmDescription: `${this.props.registry.parameterPrefix}: a model that callers use ends in fewer than ${days} days: prompt-registry models list`,
      threshold: days,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // A day that was missed ends no alarm. Two without a figure do: none of the models has an end any more, and the next one
      // that gets one must ring again. That nobody looked for two days is for `unreadAlarm`.
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private check(alarmsWithin: readonly Duration[]): void {
    const { messageWithin = Duration.days(30) } = this.props;
    const days = [messageWithin, ...alarmsWithin].map((time) => time.toDays({ integral: false }));
    const wrong = days.find((one) => !Number.isInteger(one) || one < 1);
    if (wrong !== undefined) throw this.invalid('whole days of 1 or more', `${wrong} days`, 'give days');
    const twice = days.slice(1).find((one, index, all) => all.indexOf(one) !== index);
    if (alarmsWithin.length > MOST_ALARMS || twice !== undefined) {
      const found = twice === undefined ? `${alarmsWithin.length}` : `${twice} days twice`;
      throw this.invalid(`at most ${MOST_ALARMS} different times in alarmsWithin`, found, 'leave one of them out');
    }
  }

  private ledgerBucket(): IBucket {
    const { registry } = this.props;
    if (registry instanceof PromptRegistry) return registry.ledgerBucket;
    if (registry.ledgerBucketName === undefined) {
      throw constructError(
        this,
        'UnknownLedgerBucket',
        `expected to know the ledger bucket of the registry ${registry.parameterPrefix}, found that it was imported without: add ledgerBucketName to PromptRegistry.fromAttributes()`,
      );
    }
    return Bucket.fromBucketName(this, 'Ledger', registry.ledgerBucketName);
  }

  /** Records and lifecycles, and nothing of what prompts say. */
  private readStatements(ledger: IBucket): PolicyStatement[] {
    const stack = Stack.of(this);
    return [
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [ledger.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${FOLDERS.ledger}*` } },
      }),
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [ledger.arnForObjects(`${FOLDERS.ledger}*`)] }),
      // A model is known once a release names it, and so after this policy is made.
      new PolicyStatement({
        actions: ['bedrock:GetFoundationModel'],
        resources: [
          stack.formatArn({ service: 'bedrock', account: '', resource: 'foundation-model', resourceName: '*' }),
        ],
      }),
      // It has no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
      new PolicyStatement({ actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
      new PolicyStatement({
        actions: ['bedrock:GetInferenceProfile'],
        resources: ['inference-profile', 'application-inference-profile'].map((resource) =>
          stack.formatArn({ service: 'bedrock', resource, resourceName: '*' }),
        ),
      }),
    ];
  }

  private settings(): WatchSettings {
    const { topic, messageWithin = Duration.days(30) } = this.props;
    return {
      schema: 1,
      topic: topic?.topicArn ?? null,
      within: messageWithin.toDays(),
      callable: this.unusualAliases(),
      successors: this.successors(),
    };
  }

  /** Those of this app; an alias of another app counts as usual. */
  private unusualAliases(): Record<string, number> {
    const { parameterPrefix } = this.props.registry;
    const aliases = this.node.root.node.findAll().filter((one) => one instanceof PromptAlias);
    return Object.fromEntries(
      aliases
        .filter(({ parameterName }) => parameterName.startsWith(`${parameterPrefix}/`))
        .filter(({ _callableVersions }) => _callableVersions !== USUAL_CALLABLE)
        .map(({ promptName, aliasName, _callableVersions }) => [`${promptName}/${aliasName}`, _callableVersions]),
    );
  }

  /** Of models that go: Lambda has no room for all. */
  private successors(): Record<string, string> {
    const lock = this.props.registry.models?._bind(this);
    const { region } = Stack.of(this);
    const here = lock && !Token.isUnresolved(region) ? own(lock.regions, region) : undefined;
    return Object.fromEntries(
      Object.entries(here?.models ?? {})
        .filter(([, { status, end }]) => status !== 'ACTIVE' || end !== undefined)
        .flatMap(([id, { successor }]) => (successor ? [[id, successor]] : [])),
    );
  }

  private problems(): string[] {
    const size = Buffer.byteLength(JSON.stringify({ ...this.settings(), topic: ' '.repeat(TOKEN_LENGTH) }));
    return size > LARGEST_SETTINGS
      ? [
          `expected settings of at most ${LARGEST_SETTINGS} bytes, found ${size}: name fewer successors in the lock file, or leave callableVersions of some aliases at ${USUAL_CALLABLE}`,
        ]
      : [];
  }

  private invalid(expected: string, found: string, fix: string) {
    return constructError(this, 'InvalidModelLifecycleWatch', `expected ${expected}, found ${found}: ${fix}`);
  }
}
