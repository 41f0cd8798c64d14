import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from '../../packages/local-aws';

export type Clients = ReturnType<typeof clientsOf>;

type Credentials = LocalAws['operator'];

/** What one principal sends its requests with; one attempt each, so that a test sees every refusal. @param systemClockOffset how far AWS's clock is ahead of the machine's */
export function clientsOf(aws: LocalAws, credentials: Credentials = aws.operator, systemClockOffset = 0) {
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials, systemClockOffset, maxAttempts: 1 };
  return {
    bedrock: new BedrockAgentClient(settings),
    runtime: new BedrockRuntimeClient(settings),
    iam: new IAMClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    ssm: new SSMClient(settings),
    sts: new STSClient(settings),
  };
}

/** A session of the role, assumed by the operator. */
export async function assumeRole(aws: LocalAws, roleName: string): Promise<Clients> {
  const RoleArn = `arn:aws:iam::${aws.account}:role/${roleName}`;
  const { sts } = clientsOf(aws);
  const { Credentials: issued } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = issued ?? {};
  return clientsOf(aws, { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
}

export type Verdict = 'allowed' | 'refused';

/** Whether IAM let the request pass; anything else that went wrong is thrown. */
export async function verdictOf(sent: Promise<unknown>): Promise<Verdict> {
  try {
    await sent;
    return 'allowed';
  } catch (error) {
    if (/^AccessDenied(Exception)?$/.test((error as Error).name)) {
      return 'refused';
    }
    throw error;
  }
}
