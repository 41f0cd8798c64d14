import { apiGateway } from './apigateway/apigateway';
import { FunctionIntegration } from './apigateway/function-integration';
import { HttpApis } from './apigateway/http-apis';
import { bedrock } from './bedrock/bedrock';
import { type BedrockAgentOptions, bedrockAgent } from './bedrock/bedrock-agent';
import { bedrockRuntime } from './bedrock/bedrock-runtime';
import { InvocationLogging, type LoggedPrompts } from './bedrock/invocation-logging';
import { ModelCatalog } from './bedrock/model-catalog';
import { PromptStore } from './bedrock/prompt-store';
import { type ModelFunction, type ModelScript, ModelScripts, type ScriptedModels } from './bedrock/scripted-models';
import type { CallRecord, EndedCall } from './call';
import type { Adversary, AdversaryOptions } from './cloudformation/adversary';
import { cloudFormation } from './cloudformation/cloudformation';
import { CloudFormationEngine } from './cloudformation/engine';
import { executionCredentials } from './cloudformation/execution-credentials';
import { type CloudTrailOptions, cloudtrail } from './cloudtrail/cloudtrail';
import { EventHistory } from './cloudtrail/event-history';
import { TrailBucket } from './cloudtrail/trail-bucket';
import { TrailDelivery } from './cloudtrail/trail-delivery';
import { Trails } from './cloudtrail/trails';
import { alarmNotifications } from './cloudwatch/alarm-notifications';
import { Alarms } from './cloudwatch/alarms';
import { cloudWatch } from './cloudwatch/cloudwatch';
import { embeddedMetrics } from './cloudwatch/embedded-metrics';
import { MetricStore } from './cloudwatch/metric-store';
import { type Environment, environmentFor, withoutNeedless } from './environment';
import { EventRules, type Undelivered } from './eventbridge/event-rules';
import { eventBridge } from './eventbridge/eventbridge';
import { ruleDelivery } from './eventbridge/rule-delivery';
import { ScheduleClock, type ScheduleOptions } from './eventbridge/schedule-clock';
import { Authorizer } from './iam/authorizer';
import { iam } from './iam/iam';
import { IamState } from './iam/iam-state';
import type { Credentials } from './iam/principal';
import { lambda } from './lambda/lambda';
import { LambdaEvents, type LambdaEventsOptions } from './lambda/lambda-events';
import { LambdaFunctions } from './lambda/lambda-functions';
import { loggedMetrics } from './lambda/logged-metrics';
import { LogGroups } from './logs/log-groups';
import { logs } from './logs/logs';
import { checkOptions, portRefused } from './option-checks';
import { Outstanding } from './outstanding';
import { Pages } from './pages';
import { objectEvents } from './s3/object-events';
import { s3 } from './s3/s3';
import { S3State } from './s3/s3-state';
import { SecretStore } from './secretsmanager/secret-store';
import { secretsManager } from './secretsmanager/secretsmanager';
import { AwsServer, type Interceptor } from './server';
import type { Service } from './service';
import { sns } from './sns/sns';
import { type TopicMessage, Topics } from './sns/topics';
import { type SsmOptions, ssm } from './ssm/ssm';
import { CredentialStore } from './sts/credential-store';
import { ServiceSessions } from './sts/service-sessions';
import { sts } from './sts/sts';
import { WorldClock } from './world-clock';

export { AwsError } from './aws-error';
export type { CatalogModel, ModelCatalog } from './bedrock/model-catalog';
export type {
  ModelAnswer,
  ModelCall,
  ModelFunction,
  ModelScript,
  ModelTurn,
  ScriptedModels,
} from './bedrock/scripted-models';
export type { Environment } from './environment';
export type { CloudAssembly } from './testing/cloud-assembly';
export { type Deployed, Deployer, type DeployerOptions, type DeployOptions } from './testing/deployer';
export type { DeployerEndpoint } from './testing/deployer-endpoint';

export interface LocalAwsOptions {
  /** @default a free one */
  readonly port?: number;
  /** @default 111122223333 */
  readonly account?: string;
  /** The only Region that there is. @default us-east-1 */
  readonly region?: string;
  /** How long a change of IAM takes to be in force, in milliseconds. @default 0 */
  readonly iamDelayMs?: number;
  /** Where `NAME.log` of each Lambda function goes. @default nowhere */
  readonly logDirectory?: string;
  /** What CloudFormation does where AWS leaves it open. @default kind */
  readonly cloudFormation?: AdversaryOptions | Adversary;
  readonly lambda?: LambdaEventsOptions;
  readonly bedrock?: BedrockAgentOptions;
  /** What models answer, by the id that is called. @default an echo of what the model would have got */
  readonly models?: ScriptedModels;
  /** Decides which answers of `models` are flaky and which calls are refused. @default 0 */
  readonly modelSeed?: number;
  readonly schedules?: ScheduleOptions;
  readonly cloudTrail?: CloudTrailOptions;
  readonly ssm?: SsmOptions;
  readonly httpApi?: {
    /** Whether functions get the path decoded, which AWS does not document. @default as it was sent */
    readonly decodesPaths?: boolean;
  };
  /** Run before each call is served; more can be pushed to `interceptors` later. */
  readonly interceptors?: readonly Interceptor[];
  /** The clock of all services. @default the machine's */
  readonly now?: () => Date;
  /** How far the clock of a client may be from `now`, in milliseconds. @default 5 minutes, S3's 15 */
  readonly clockSkewMs?: number;
}

export interface LocalAws {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** An administrator. */
  readonly operator: Credentials;
  /** What the AWS CLI, the CDK CLI and SDKs need in their environment to come here, and only here. */
  environment(credentials?: Credentials): Environment;
  /** Keys of a further IAM user, another time others. @default an administrator */
  user(name: string, policies?: readonly object[]): Credentials;
  /** All calls so far, in order, refused ones as well. */
  readonly calls: CallRecord[];
  readonly interceptors: Interceptor[];
  /** All events of CloudTrail, data events too, which `LookupEvents` never shows. */
  readonly history: EventHistory;
  readonly trails: Trails;
  /** Bedrock's models, which can be set: as AWS does, from one moment to the next. */
  readonly modelCatalog: ModelCatalog;
  /** Has all trails write what they logged since the last time into their buckets; gives the new objects' keys. */
  deliverTrails(): Promise<string[]>;
  /** The hourly digest of each trail with log file validation: chained by hash, but not signed. */
  deliverDigests(): Promise<string[]>;
  setIamDelay(ms: number): void;
  /** How many invocations of functions ran at once at most, and how many were throttled. */
  readonly lambdaConcurrency: { readonly highest: number; readonly throttled: number };
  /** What was published to a topic, oldest first. */
  topicMessages(topicArn: string): readonly TopicMessage[];
  /** Gives a model another script from now on, as a model that changed overnight; without one it echoes. */
  setModel(modelId: string, script: ModelFunction | ModelScript | undefined): void;
  /** What Bedrock's invocation logs show from now on of calls that name a prompt, which AWS does not document. */
  logPrompts(as: LoggedPrompts): void;
  /** Lets so much time pass for the `rate()` rules of EventBridge and for alarms, at once; `idle` waits for what they started. */
  passTime(ms: number): void;
  /** What time it is here: for the clocks of clients that come while `setSpeed` is in force. */
  now(): Date;
  /**
   * Has the clock of all services and functions, of schedules and alarms go so much faster than the machine's from now on:
   * with 60 a minute takes a second. Timers of functions do not: what sleeps for a second sleeps for a second. 1 ends it,
   * and nothing goes back. Not with the option `now`.
   */
  setSpeed(speed: number): void;
  /**
   * Has all of these clocks be so much later, at once. Schedules that came due meanwhile start their functions once, as
   * after a sleep of the machine; `idle` waits for these. Not with the option `now`.
   */
  skip(ms: number): void;
  /**
   * Takes what an application logs, as CloudWatch Logs does of a container's output or the agent's: lines in the embedded
   * metric format become metrics. What functions log is taken by itself.
   */
  logged(text: string): void;
  /** What rules of EventBridge and alarms could not hand to their targets. */
  readonly undelivered: readonly Undelivered[];
  /** Resolves once no event of a custom resource is held back and no event of Lambda is queued, runs or waits to be tried again, and all messages of EventBridge have been delivered. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an AWS of one account and Region, empty, in memory, on this machine's loopback address only. What it lacks
 * answers 501 by name. `docs/testing-your-app.md` has an example.
 *
 * @throws Error on a port in use, and on what is no port, account or Region
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  checkOptions(options);
  const { port = 0, account = '111122223333', region = 'us-east-1', iamDelayMs = 0 } = options;
  const clock = new WorldClock();
  const now = options.now ?? clock.now;
  const calls: CallRecord[] = [];
  const interceptors = [...(options.interceptors ?? [])];
  const credentials = new CredentialStore();
  const iamState = new IamState(account, now, iamDelayMs);
  const prompts = new PromptStore();
  const catalog = new ModelCatalog(account);
  const history = new EventHistory(account, () => services);
  const buckets = new S3State();
  const tellObjects = objectEvents(buckets, account, (event) => rules.put(event));
  const ended = (call: EndedCall) => {
    history.add(call);
    tellObjects(call);
  };
  const sessions = new ServiceSessions({ account, region, credentials, roles: iamState, now, ended });
  const outstanding = new Outstanding();
  const authorizer = new Authorizer(iamState);
  const schedules = new ScheduleClock(options.schedules);
  const aheadMs = () => schedules.aheadMs;
  const metrics = new MetricStore();
  const fromLine = (line: string) => embeddedMetrics(line).map((one) => ({ ...one, time: one.time + aheadMs() }));
  const functions = new LambdaFunctions({
    ...{ sessions, now, logDirectory: options.logDirectory },
    ...{ concurrency: options.lambda?.concurrency, clock: () => clock.current },
    logged: loggedMetrics({
      ...{ account, authorizer, outstanding, now, roles: iamState },
      ...{ read: fromLine, add: (datum) => metrics.add(datum) },
    }),
    metrics: { time: () => now().getTime() + aheadMs(), add: (datum) => metrics.add(datum) },
  });
  const events = new LambdaEvents(functions, options.lambda, outstanding);
  const topics = new Topics();
  const deliverToTarget = ruleDelivery({ topics, functions, events, authorizer, now, ended });
  const rules = new EventRules(deliverToTarget, outstanding, schedules, now);
  const alarms = new Alarms({
    ...{ account, region, metrics, now, aheadMs },
    tell: (event) => rules.put(event),
    act: alarmNotifications({ account, region, topics, authorizer, outstanding, now, undelivered: rules.undelivered }),
  });
  const scripts = new ModelScripts(options.models, options.modelSeed);
  const logGroups = new LogGroups();
  const logging = new InvocationLogging({
    ...{ groups: logGroups, authorizer, credentials, roles: iamState },
    endpoint: () => server.endpoint,
  });
  const apis = new HttpApis();
  const integration = new FunctionIntegration({ ...{ account, functions, authorizer, now }, ...options.httpApi });
  const trails = new Trails(account, history);
  trails.listen((record) => rules.apiCallRecorded(record));
  const endpointLater = () => server.endpoint;
  const trailBucket = new TrailBucket({ account, region, endpoint: endpointLater, authorizer, credentials, buckets });
  const delivery = new TrailDelivery(account, trails, trailBucket, now);
  const engine = new CloudFormationEngine({
    ...{ account, region, now, outstanding, adversary: options.cloudFormation },
    tell: (event) => rules.put(event),
    alarmState: (arn) => alarms.list().find(({ settings }) => settings.arn === arn)?.state,
    endpoint: () => server.endpoint,
    credentials: executionCredentials(credentials, iamState, authorizer, sessions, region),
  });

  const { pageSize } = engine.adversary;
  const services: Service[] = [
    sts(credentials, iamState),
    iam(iamState),
    ssm(undefined, options.ssm),
    secretsManager(new SecretStore()),
    apiGateway(apis, integration),
    s3(buckets, pageSize),
    lambda(functions, events, credentials, iamState),
    bedrockAgent(prompts, options.bedrock),
    bedrock(catalog, logging),
    bedrockRuntime(prompts, catalog, scripts, logging, (datum) =>
      metrics.add({ ...datum, time: datum.time + aheadMs() }),
    ),
    cloudFormation(engine),
    cloudtrail(history, trails, trailBucket, { pageSize, ...options.cloudTrail }),
    eventBridge(rules),
    cloudWatch(metrics, alarms, aheadMs),
    sns(topics),
    logs(logGroups),
  ];
  const server = new AwsServer({
    ...{ account, region, authorizer, credentials, services, interceptors, calls, ended, now },
    pages: new Pages(pageSize),
    // The clients' clocks stay behind a faster one.
    clockSkewMs: () => options.clockSkewMs ?? (clock.current ? Number.POSITIVE_INFINITY : undefined),
    sideDoors: [engine.desk.door],
  });
  const endpoint = await server.listen(port).catch((error) => {
    throw portRefused(port, error);
  });
  functions.endpoint = endpoint;
  const administrator = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const user = (name: string, policies: readonly object[] = [administrator]) =>
    credentials.issue({ arn: `arn:aws:iam::${account}:user/${name}`, account, policies });
  const operator = user('operator');

  schedules.onTick(() => alarms.evaluate());
  const period = options.cloudTrail?.deliveryPeriodMs;
  const deliveries = period === undefined ? undefined : setInterval(() => void delivery.deliver(), period);

  const ownClock = () => {
    if (options.now) {
      throw new Error("expected no option now, found one: it is the clock, and not this endpoint's to speed up");
    }
    return clock;
  };

  return {
    ...{ endpoint, account, region, operator, user, calls, interceptors, history, trails, modelCatalog: catalog },
    environment: (who = operator) => withoutNeedless(environmentFor(endpoint, region, who)),
    deliverTrails: () => delivery.deliver(),
    deliverDigests: () => delivery.deliverDigests(),
    setIamDelay: (ms) => iamState.setDelay(ms),
    topicMessages: (topicArn) => topics.topic(topicArn).messages,
    undelivered: rules.undelivered,
    setModel: (modelId, script) => scripts.set(modelId, script),
    logPrompts: (as) => {
      logging.prompts = as;
    },
    passTime: (ms) => {
      schedules.push(ms / 60_000);
      alarms.evaluate();
      rules.runSchedules();
    },
    now,
    setSpeed: (speed) => {
      ownClock().setSpeed(speed);
      functions.tellTime();
      schedules.setSpeed(speed);
    },
    skip: (ms) => {
      ownClock().skip(ms);
      functions.tellTime();
      schedules.skip(ms / 60_000);
      alarms.evaluate();
      rules.runSchedules(1);
    },
    logged: (text) => {
      for (const datum of text.split('\n').flatMap(fromLine)) {
        metrics.add(datum);
      }
    },
    lambdaConcurrency: functions.concurrency,
    idle: () => outstanding.none(),
    stop: async () => {
      clearInterval(deliveries);
      schedules.stop();
      events.stop();
      await apis.stop();
      await functions.stop();
      await server.close();
    },
  };
}
