import { createHash } from 'node:crypto';
import { ArnFormat, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, type MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../core/contract/handler-environment';
import {
  CHANGED_CONTENT_METRIC,
  LANGFUSE_ENDPOINT_VARIABLE,
  type LangfuseEndpointSettings,
  type LangfuseKeySettings,
} from '../core/contract/langfuse-endpoint';
import { PROMPT_METRICS } from '../core/contract/prompt-metrics';
import type { ServedAlias } from '../core/langfuse/served-alias';
import { FOLDERS } from '../core/ledger/layout';
import type { IPromptAlias } from './i-prompt-alias';
import { LangfuseFront } from './langfuse-front';
import { bundledFunction } from './private/bundled-function';
import { constructError } from './private/construct-error';
import { invalid, servedAliases } from './private/served-aliases';
import { type IPromptRegistry, PromptRegistry } from './prompt-registry';

/** Settings of a `LangfuseEndpoint`. */
export interface LangfuseEndpointProps {
  /** The registry of the aliases. */
  readonly registry: IPromptRegistry;

  /** What can be read; nothing else is visible. At least one. */
  readonly aliases: IPromptAlias[];

  /**
   * Labels, and the alias of each prompt that they mean.
   *
   * @default - each alias by its name in small letters; PROD is `production` as well
   */
  readonly labels?: { readonly [label: string]: IPromptAlias | IPromptAlias[] };

  /**
   * Names that clients use, which may hold slashes, blanks and dots, and the name in Bedrock of the prompt each means.
   *
   * @default - the name in Bedrock
   */
  readonly names?: { readonly [name: string]: string };

  /** What stands between clients and the function. @default LangfuseFront.httpApi() */
  readonly front?: LangfuseFront;

  /**
   * How many requests the function serves at once. What it does not serve is answered 503.
   *
   * The time to live of pointers follows from it, so that all instances together ask SSM at most 20 times a second.
   *
   * @default 20
   */
  readonly reservedConcurrency?: number;

  /** Requests a second and at once, of each key at each instance; more are answered 429. @default [50, 100] */
  readonly keyThrottle?: [number, number];

  /** How long the secret of before a rotation is taken along with the new one. @default Duration.hours(1) */
  readonly rotationGrace?: Duration;

  /**
   * What stands before the model's id in a prompt's `config`: LiteLLM knows models of Bedrock as `bedrock/…`.
   *
   * @default - nothing
   */
  readonly modelPrefix?: string;
}

/** What a key may do. */
export interface LangfuseKeyOptions {
  /** The aliases that it reads, of those of the endpoint. */
  readonly read: IPromptAlias[];

  /** Whether it may read the newest published version as `latest`, which nobody has released. @default false */
  readonly latest?: boolean;
}

/** SSM answers 40 calls a second; half of it is for everybody else: https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const SSM_CALLS = 20;
const NAMES_A_CALL = 10;
const SHORTEST_TTL = 5;
const LONGEST_TTL = 60;
/** Lambda takes 4,096 bytes of variables; three others are there as well. */
const LARGEST_SETTINGS = 3_500;
/** An ARN of a secret, which is a token at synth. */
const ARN_LENGTH = 140;

/**
 * Defines an endpoint that unmodified clients of Langfuse read prompts from: its SDKs, `langfuse-cli`, and whatever takes
 * `LANGFUSE_BASE_URL`.
 *
 * Labels are aliases. A key reads; what would release, publish or delete is refused with 403 and the command to run
 * instead. Text comes from the registry's archive, checked against its digest. A client learns of a release when its own
 * cache ends (60 seconds by default) and `ttl` has passed; it cannot be made to forget what it holds, and a client's own
 * `fallback` hides every refusal.
 *
 * It costs a function, an HTTP API, an alarm and a secret for each key. Where only your own code reads prompts, use `PromptClient`.
 *
 * @example
 * const endpoint = new LangfuseEndpoint(this, 'Langfuse', { registry, aliases: [prod, staging] });
 * const key = endpoint.addKey('Promptfoo', { read: [staging] });
 */
export class LangfuseEndpoint extends Construct {
  /** The function, for a load balancer's target group where `front` is `LangfuseFront.target()`. */
  public readonly function: IFunction;

  /** How long a pointer holds before SSM is asked again. */
  public readonly ttl: Duration;

  /**
   * Rings when an archived version is not what was published; it is never served. Add an action, such as a topic:
   * without one it is seen in the console only.
   */
  public readonly changedContentAlarm: Alarm;

  private readonly served: readonly ServedAlias[];
  private readonly keys: LangfuseKeySettings[] = [];
  private readonly handler: LambdaFunction;
  private readonly address?: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LangfuseEndpointProps,
  ) {
    super(scope, id);
    const { registry, aliases, labels = {}, names = {}, reservedConcurrency = 20 } = props;
    if (aliases.length === 0) throw invalid(this, 'at least one alias', 'none', 'list what clients may read');
    for (const { parameterName } of aliases)
      if (!parameterName.startsWith(`${registry.parameterPrefix}/`))
        throw invalid(this, `aliases of ${registry.parameterPrefix}`, parameterName, 'make one endpoint a registry');
    this.served = servedAliases(this, { aliases, labels, names });
    this.ttl = this.timeToLive(reservedConcurrency);

    const bucket = this.ledgerBucket();
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_YEAR });
    this.handler = new LambdaFunction(this, 'Function', {
      ...bundledFunction('langfuse-endpoint', registry.parameterPrefix),
      logGroup,
      role: new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: `cdk-prompt-registry ${registry.parameterPrefix}: Langfuse endpoint`,
        inlinePolicies: { logs: logPolicy(logGroup) },
      }),
      memorySize: 512,
      timeout: Duration.seconds(10),
      reservedConcurrentExecutions: reservedConcurrency,
      environment: {
        [PARAMETER_PREFIX_VARIABLE]: registry.parameterPrefix,
        [LEDGER_BUCKET_VARIABLE]: bucket.bucketName,
        [LANGFUSE_ENDPOINT_VARIABLE]: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.settings()) }),
      },
    });
    this.function = this.handler;
    this.grantReading(bucket);
    this.changedContentAlarm = new Alarm(this, 'ChangedContent', {
      metric: this.metricChangedContent({ period: Duration.minutes(1) }),
      alarmDescription: `An archived version of ${registry.parameterPrefix} is not what was published: somebody wrote to the ledger bucket by hand`,
      threshold: 0,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.address = (props.front ?? LangfuseFront.httpApi())._bind(this, this.handler);
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * What clients take as `LANGFUSE_BASE_URL`. Throws where `front` is `LangfuseFront.target()`: then it is your load
   * balancer's.
   */
  public get url(): string {
    if (this.address === undefined)
      throw invalid(this, 'a front of its own', 'LangfuseFront.target()', "use your load balancer's address");
    return this.address;
  }

  /**
   * Defines a pair of keys: a secret `{ "publicKey": "pk-lf-…", "secretKey": "…" }`. Rotate it by putting another
   * `secretKey`; the public key stays.
   *
   * @param name 1 to 32 letters and digits, the first a letter; the pair's identity
   */
  public addKey(name: string, options: LangfuseKeyOptions): ISecret {
    const { aliases, registry } = this.props;
    if (!/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(name))
      throw invalid(this, 'a key name of 1 to 32 letters and digits', `'${name}'`, 'rename it');
    const read = options.read.map((alias) => aliases.indexOf(alias));
    const foreign = options.read.find((alias) => !aliases.includes(alias));
    if (foreign || read.length === 0)
      throw invalid(
        this,
        `aliases of this endpoint for ${name}`,
        foreign?.parameterName ?? 'none',
        'add them to aliases',
      );
    const identity = createHash('sha256').update(`${registry.parameterPrefix} ${this.node.path} ${name}`).digest('hex');
    const publicKey = `pk-lf-${identity.slice(0, 32)}`;
    const secret = new Secret(this, `${name}Key`, {
      description: `Keys of ${name} for the prompts of ${registry.parameterPrefix}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ publicKey }),
        generateStringKey: 'secretKey',
        passwordLength: 48,
        excludePunctuation: true,
      },
    });
    secret.grantRead(this.handler);
    this.keys.push({ name, publicKey, secretArn: secret.secretArn, read, ...(options.latest && { latest: true }) });
    return secret;
  }

  /** Counts requests for a version whose archived object is not what was published; such an object is never served. */
  public metricChangedContent(options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: PROMPT_METRICS.namespace,
      metricName: CHANGED_CONTENT_METRIC,
      dimensionsMap: { Registry: this.props.registry.parameterPrefix },
      statistic: 'Sum',
      ...options,
    });
  }

  private settings(): LangfuseEndpointSettings {
    const { keyThrottle = [50, 100], rotationGrace = Duration.hours(1), modelPrefix = '' } = this.props;
    const stack = this.served[0]?.stack ?? '';
    return {
      schema: 1,
      stack,
      aliases: this.served.map((served) => {
        const { name, prompt, alias, labels, callable } = served;
        const encoded = [name, prompt, alias, labels, callable] as const;
        return served.stack === stack ? encoded : [...encoded, served.stack];
      }),
      keys: this.keys,
      ttl: this.ttl.toMilliseconds(),
      grace: rotationGrace.toMilliseconds(),
      modelPrefix,
      throttle: keyThrottle,
    };
  }

  private timeToLive(reserved: number): Duration {
    const calls = Math.ceil(this.served.length / NAMES_A_CALL);
    const seconds = Math.max(SHORTEST_TTL, Math.ceil((reserved * calls) / SSM_CALLS));
    if (!(Number.isInteger(reserved) && reserved >= 1 && seconds <= LONGEST_TTL))
      throw invalid(
        this,
        `reservedConcurrency × ⌈aliases ÷ ${NAMES_A_CALL}⌉ of at most ${SSM_CALLS * LONGEST_TTL}, so that pointers are at most ${LONGEST_TTL} seconds old and SSM is asked ${SSM_CALLS} times a second`,
        `${reserved} × ${calls}`,
        'reserve less, or make several endpoints',
      );
    return Duration.seconds(seconds);
  }

  private grantReading(bucket: IBucket): void {
    const stack = Stack.of(this);
    const parameters = this.props.aliases.map(({ parameterName }) =>
      stack.formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: parameterName.slice(1),
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    );
    const folders = [FOLDERS.versions, FOLDERS.ledger];
    const statements = [
      new PolicyStatement({ actions: ['ssm:GetParameters'], resources: parameters }),
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': folders.map((folder) => `${folder}*`) } },
      }),
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: folders.map((folder) => bucket.arnForObjects(`${folder}*`)),
      }),
    ];
    for (const statement of statements) this.handler.addToRolePolicy(statement);
    bucket.encryptionKey?.grantDecrypt(this.handler);
  }

  private ledgerBucket(): IBucket {
    const { registry } = this.props;
    if (registry instanceof PromptRegistry) return registry.ledgerBucket;
    if (registry.ledgerBucketName === undefined)
      throw constructError(
        this,
        'UnknownLedgerBucket',
        `expected to know the ledger bucket of the registry ${registry.parameterPrefix}, found that it was imported without: add ledgerBucketName to PromptRegistry.fromAttributes()`,
      );
    return Bucket.fromBucketName(this, 'Ledger', registry.ledgerBucketName);
  }

  private problems(): string[] {
    if (this.keys.length === 0) return ['expected at least one key, found none: call addKey()'];
    const keys = this.keys.map((key) => ({ ...key, secretArn: ' '.repeat(ARN_LENGTH) }));
    const size = Buffer.byteLength(JSON.stringify({ ...this.settings(), keys }));
    const found = `${size} for ${this.served.length} aliases and ${keys.length} keys`;
    return size > LARGEST_SETTINGS
      ? [`expected settings of at most ${LARGEST_SETTINGS} bytes, found ${found}: make several endpoints`]
      : [];
  }
}

function logPolicy({ logGroupArn }: ILogGroup): PolicyDocument {
  const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  return new PolicyDocument({ statements: [new PolicyStatement({ actions, resources: [logGroupArn] })] });
}
