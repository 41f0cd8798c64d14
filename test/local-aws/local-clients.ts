import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';
import type { Credentials } from '../../packages/local-aws/iam/principal';

export const ACCOUNT = '111122223333';

export function statement(Effect: string, Action: string | string[], Resource: string | string[], more: object = {}) {
  return { Effect, Action, Resource, ...more };
}

export function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const trustAccount = policy({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
});

/** An endpoint with a clock that tests move, and the SDK's own clients for anybody who may come. */
export async function startWithClock(options: LocalAwsOptions = {}) {
  const clock = { time: new Date('2026-11-22T12:00:00Z') };
  const aws = await startLocalAws({ ...options, now: () => clock.time, clockSkewMs: Number.POSITIVE_INFINITY });
  const pass = (ms: number) => {
    clock.time = new Date(clock.time.getTime() + ms);
  };
  const operator = clientsFor(aws, aws.operator);
  const assume = async (roleName: string) => {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${roleName}`;
    const { Credentials: issued } = await operator.sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = issued ?? {};
    return clientsFor(aws, {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    });
  };
  return { aws, clock, pass, assume, ...operator };
}

export function clientsFor(aws: LocalAws, credentials: Credentials) {
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
  return {
    settings,
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
    sts: new STSClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    cloudtrail: new CloudTrailClient(settings),
  };
}
