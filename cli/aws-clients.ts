import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Pace } from './pace';

/** Reads per second that Bedrock allows, for each operation and a whole account: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
const BEDROCK_READS_PER_SECOND = 10;

export interface AwsClients {
  readonly bedrock: BedrockAgentClient;
  readonly cloudFormation: CloudFormationClient;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
}

export interface AwsChoice {
  readonly region?: string;
  readonly profile?: string;
}

/** Clients as the AWS CLI would have them: options first, then the environment, then the profile's settings. */
export function awsClients({ region, profile }: AwsChoice, env: NodeJS.ProcessEnv = process.env): AwsClients {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL } = env;
  // The AWS CLI lets --profile win over keys in the environment; the SDK would warn and do the same.
  if (profile) for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete env[name];
  const common = {
    ...((region || AWS_REGION || AWS_DEFAULT_REGION) && { region: region || AWS_REGION || AWS_DEFAULT_REGION }),
    ...(profile && { profile }),
    maxAttempts: 5,
  };
  const bedrock = new BedrockAgentClient(common);
  const paces = new Map<string, Pace>();
  bedrock.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const pace = paces.get(commandName) ?? new Pace(BEDROCK_READS_PER_SECOND);
        paces.set(commandName, pace);
        await pace.next();
        return next(args);
      },
    // After the retry middleware, so that each try takes its turn.
    { step: 'finalizeRequest', priority: 'low', name: 'pace' },
  );
  return {
    bedrock,
    cloudFormation: new CloudFormationClient(common),
    iam: new IAMClient(common),
    s3: new S3Client({ ...common, forcePathStyle: Boolean(AWS_ENDPOINT_URL) }),
    ssm: new SSMClient(common),
  };
}
