import { Aws, Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IRuleTarget, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
  TOPIC_VARIABLE,
} from '../../core/contract/handler-environment';
import { bundledFunction } from './bundled-function';
import { freezeLogicalId } from './frozen-logical-id';
import type { LedgerBucket } from './ledger-bucket';
import { controllerRole } from './registry-roles';

export interface RolloutControllerProps {
  readonly parameterPrefix: string;
  readonly ledger: LedgerBucket;
  readonly topic?: ITopic | undefined;
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/** A rule's pattern has at most 2,048 characters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_ALARMS = 10;

/** Minutes without a whole run, after which it is missed: long before readers give it up, which takes half an hour at least. */
const MISSED_AFTER = 5;

/**
 * The function that moves rollouts between the steps that a stack update allowed: once a minute, and when an alarm goes off.
 *
 * There is never more than one: two that overlap could put an old value over a halt. So an account whose limit leaves no
 * room for a reserved one refuses it, and CloudFormation says so.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export class RolloutController extends Construct {
  public readonly functionArn: string;
  public readonly roleName: string;
  private readonly alarms: string[] = [];
  private readonly target: IRuleTarget;
  private readonly parameterPrefix: string;

  constructor(scope: Construct, id: string, { parameterPrefix, ledger, topic, removalPolicy }: RolloutControllerProps) {
    super(scope, id);
    this.parameterPrefix = parameterPrefix;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const role = controllerRole(this, parameterPrefix, ledger, logGroup);
    ledger.reserve('rollouts', role);
    this.roleName = role.roleName;
    const controller = new LambdaFunction(this, 'Function', {
      ...bundledFunction('prompt-rollout', parameterPrefix),
      role,
      logGroup,
      memorySize: 256,
      timeout: Duration.seconds(60),
      reservedConcurrentExecutions: 1,
      // The next minute comes anyway, and knows more.
      maxEventAge: Duration.seconds(60),
      retryAttempts: 0,
      environment: {
        [PARAMETER_PREFIX_VARIABLE]: parameterPrefix,
        [LEDGER_BUCKET_VARIABLE]: ledger.bucketName,
        ...(topic && { [TOPIC_VARIABLE]: topic.topicArn }),
      },
    });
    topic?.grantPublish(role);
    const identity = { parameterPrefix };
    freezeLogicalId(logGroup, identity, 'ControllerLogs');
    freezeLogicalId(controller, identity, 'Controller');
    freezeLogicalId(
      controller.node.findChild('EventInvokeConfig').node.defaultChild ?? controller,
      identity,
      'ControllerInvocation',
    );
    this.functionArn = controller.functionArn;
    this.target = new FunctionTarget(controller, { maxEventAge: Duration.seconds(60), retryAttempts: 0 });
    new Rule(this, 'EveryMinute', {
      description: `${parameterPrefix}: its rollouts`,
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [this.target],
    });
    if (topic) this.missIt(controller, topic);
  }

  /** An alarm beyond the tenth is seen with the next minute. */
  public watch(alarmArns: readonly string[]): void {
    if (this.alarms.length === 0 && alarmArns.length > 0) this.wakeOnAlarms();
    for (const arn of alarmArns) if (!this.alarms.includes(arn)) this.alarms.push(arn);
  }

  private wakeOnAlarms(): void {
    new Rule(this, 'Alarms', {
      description: `${this.parameterPrefix}: an alarm that guards a rollout goes off`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: Lazy.list({ produce: () => this.alarms.slice(0, MOST_ALARMS) }),
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [this.target],
    });
  }

  /**
   * One that is gone, throttled, denied, or fails cannot say so itself. Lambda counts no run that was throttled, and may
   * write no `Errors` where there was none: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  private missIt(controller: LambdaFunction, topic: ITopic): void {
    const alarm = new Alarm(this, 'Missing', {
      alarmDescription: `${this.parameterPrefix}: for ${MISSED_AFTER} minutes the controller of its rollouts did not come, or not to all of them. Three bakes after it last came, half an hour at least, everybody gets the stable version. See its log, and prompt-registry rollout status. Right after the first deployment this only says that it has not come yet`,
      metric: new MathExpression({
        expression: 'runs - FILL(failures, 0)',
        label: 'runs that looked after every rollout',
        usingMetrics: { runs: controller.metricInvocations(), failures: controller.metricErrors() },
        period: Duration.minutes(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: MISSED_AFTER,
      treatMissingData: TreatMissingData.BREACHING,
    });
    const action = new SnsAction(topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    // Only a topic without any policy lets CloudWatch publish of itself; what else publishes to it may have given it one.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
}
