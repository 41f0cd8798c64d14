import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { FewAtOnce } from './few-at-once';
import { Pace } from './pace';

/** Reads per second that Bedrock allows, for each operation and a whole account: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
const BEDROCK_READS_PER_SECOND = 10;
/** Of Parameter Store without higher throughput: https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const PARAMETER_READS_PER_SECOND = 40;
/** S3 takes thousands; the SDK opens 50 connections and warns on standard error where many more wait. */
const OBJECTS_AT_ONCE = 48;
/** `LookupEvents` per second, of a whole account and Region: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const LOOKUPS_PER_SECOND = 2;
/** `FilterLogEvents`, of a whole account and Region: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LOG_PAGES_PER_SECOND = 5;

export interface AwsClients {
  readonly bedrock: BedrockAgentClient;
  readonly cloudFormation: CloudFormationClient;
  /** Of the clients' own Region, or of another one: what the global endpoint of STS does is recorded in us-east-1. */
  cloudTrail(region?: string): CloudTrailClient;
  readonly cloudWatch: CloudWatchClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  /** What AWS's services wrote. */
  logs(): CloudWatchLogsClient;
  /** Models and inference profiles, of the clients' own Region or of another one. */
  models(region?: string): BedrockClient;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
}

export interface AwsChoice {
  readonly region?: string;
  readonly profile?: string;
}

/** So that each try takes its turn. */
const AFTER_RETRY = { step: 'finalizeRequest', priority: 'low', name: 'pace' } as const;

/** Clients as the AWS CLI would have them: options first, then the environment, then the profile's settings. */
export function awsClients({ region, profile }: AwsChoice, env: NodeJS.ProcessEnv = process.env): AwsClients {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL } = env;
  // The AWS CLI lets --profile win over keys in the environment; the SDK would warn and do the same.
  if (profile) {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete env[name];
    // Errors name it.
    env.AWS_PROFILE = profile;
  }
  const common = {
    ...((region || AWS_REGION || AWS_DEFAULT_REGION) && { region: region || AWS_REGION || AWS_DEFAULT_REGION }),
    ...(profile && { profile }),
    maxAttempts: 5,
  };
  const bedrock = new BedrockAgentClient(common);
  const paces = new Map<string, Pace>();
  const turn = (commandName: string, perSecond: number) => {
    const pace = paces.get(commandName) ?? new Pace(perSecond);
    paces.set(commandName, pace);
    return pace.next();
  };
  bedrock.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        await turn(commandName, BEDROCK_READS_PER_SECOND);
        return next(args);
      },
    AFTER_RETRY,
  );
  const ssm = new SSMClient(common);
  ssm.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        await turn(commandName, PARAMETER_READS_PER_SECOND);
        return next(args);
      },
    AFTER_RETRY,
  );
  // A trail's bucket is often the organisation's, elsewhere.
  const s3 = new S3Client({ ...common, forcePathStyle: Boolean(AWS_ENDPOINT_URL), followRegionRedirects: true });
  const objects = new FewAtOnce(OBJECTS_AT_ONCE);
  s3.middlewareStack.add((next) => (args) => objects.run(() => next(args)), {
    step: 'initialize',
    name: 'few-at-once',
  });
  const cloudTrail = (elsewhere?: string) => {
    // Others of the account look up as well: `adaptive` slows down with them.
    const settings = { ...common, ...(elsewhere && { region: elsewhere }), retryMode: 'adaptive', maxAttempts: 12 };
    const client = new CloudTrailClient(settings);
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          await turn(`${elsewhere} ${commandName}`, LOOKUPS_PER_SECOND);
          return next(args);
        },
      AFTER_RETRY,
    );
    return client;
  };
  const logs = () => {
    const client = new CloudWatchLogsClient({ ...common, retryMode: 'adaptive', maxAttempts: 12 });
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          await turn(commandName, LOG_PAGES_PER_SECOND);
          return next(args);
        },
      AFTER_RETRY,
    );
    return client;
  };
  return {
    bedrock,
    cloudFormation: new CloudFormationClient(common),
    cloudTrail,
    cloudWatch: new CloudWatchClient(common),
    iam: new IAMClient(common),
    lambda: new LambdaClient(common),
    logs,
    models: (elsewhere) => new BedrockClient({ ...common, ...(elsewhere && { region: elsewhere }) }),
    s3,
    ssm,
    sts: new STSClient(common),
  };
}
