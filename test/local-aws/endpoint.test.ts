import * as bedrock from '@aws-sdk/client-bedrock';
import * as agent from '@aws-sdk/client-bedrock-agent';
import * as runtime from '@aws-sdk/client-bedrock-runtime';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

function settings(region = aws.region) {
  return { endpoint: aws.endpoint, region, credentials: aws.operator, maxAttempts: 1, forcePathStyle: true };
}

describe('an operation that a service lacks answers 501 by name', () => {
  const bucket = { Bucket: 'some-bucket' };
  const prompt = { modelId: 'some.model', body: '{}' };
  const lacking: [string, () => Promise<unknown>][] = [
    ['iam CreateUser', () => new iam.IAMClient(settings()).send(new iam.CreateUserCommand({ UserName: 'u' }))],
    ['sts GetSessionToken', () => new sts.STSClient(settings()).send(new sts.GetSessionTokenCommand({}))],
    ['ssm ListDocuments', () => new ssm.SSMClient(settings()).send(new ssm.ListDocumentsCommand())],
    ['s3 GetBucketCors', () => new s3.S3Client(settings()).send(new s3.GetBucketCorsCommand(bucket))],
    [
      's3 CreateMultipartUpload',
      () => new s3.S3Client(settings()).send(new s3.CreateMultipartUploadCommand({ ...bucket, Key: 'a' })),
    ],
    [
      'cloudtrail ListChannels',
      () => new cloudtrail.CloudTrailClient(settings()).send(new cloudtrail.ListChannelsCommand()),
    ],
    [
      'cloudformation ListStackSets',
      () => new cloudformation.CloudFormationClient(settings()).send(new cloudformation.ListStackSetsCommand()),
    ],
    ['lambda ListLayers', () => new lambda.LambdaClient(settings()).send(new lambda.ListLayersCommand())],
    ['bedrock-agent ListFlows', () => new agent.BedrockAgentClient(settings()).send(new agent.ListFlowsCommand())],
    ['bedrock ListGuardrails', () => new bedrock.BedrockClient(settings()).send(new bedrock.ListGuardrailsCommand())],
    [
      'bedrock-runtime InvokeModel',
      () => new runtime.BedrockRuntimeClient(settings()).send(new runtime.InvokeModelCommand(prompt)),
    ],
  ];

  it.each(lacking)('%s', async (name, send) => {
    await expect(send()).rejects.toMatchObject({
      name: 'NotImplemented',
      message: `local-aws does not implement ${name}`,
      $metadata: { httpStatusCode: 501 },
    });
  });

  it('a member that would change what happens, too', async () => {
    const put = new s3.PutObjectCommand({ Bucket: 'some-bucket', Key: 'a', Body: 'x', StorageClass: 'GLACIER' });
    await expect(new s3.S3Client(settings()).send(put)).rejects.toMatchObject({
      message: 'local-aws does not implement s3 PutObject: StorageClass',
    });
  });
});

it('does not hang up on connections that SDKs keep for their next call', async () => {
  const { headers } = await fetch(aws.endpoint);

  expect(headers.get('connection')).toBe('keep-alive');
  expect(headers.get('keep-alive'), 'seconds after which it would').toBeNull();
});

it('serves one Region, and says so in another', async () => {
  const elsewhere = new ssm.SSMClient(settings('eu-west-1')).send(new ssm.GetParameterCommand({ Name: '/a' }));

  await expect(elsewhere).rejects.toMatchObject({
    name: 'InvalidSignatureException',
    message: "Credential should be scoped to a valid Region, not 'eu-west-1'; this endpoint is us-east-1",
  });
  await new iam.IAMClient(settings('eu-west-1')).send(
    new iam.GetPolicyCommand({ PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  );
});

it('gives an environment that leads every SDK here and keeps the user’s own profile out', () => {
  expect(aws.environment()).toMatchObject({
    ...{
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    ...{ AWS_ACCESS_KEY_ID: aws.operator.accessKeyId, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
  });
  expect(Object.values(aws.environment())).not.toContain('');
  expect(new URL(aws.endpoint).hostname).toBe('127.0.0.1');
});

it('lets faults be made on purpose, and records every call with how it ended', async () => {
  const { AwsError } = await import('../../packages/local-aws/aws-error');
  aws.interceptors.push(({ operation, input }) => {
    if (operation === 'GetParameter' && input.Name === '/broken') {
      throw new AwsError('ThrottlingException', 400, 'Rate exceeded');
    }
  });

  const get = new ssm.SSMClient(settings()).send(new ssm.GetParameterCommand({ Name: '/broken' }));

  await expect(get).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(aws.calls.at(-1)).toMatchObject({ operation: 'GetParameter', status: 400, errorCode: 'ThrottlingException' });
});

it('lets faults come once a call is done, of which then nobody hears', async () => {
  const { AwsError } = await import('../../packages/local-aws/aws-error');
  const client = new ssm.SSMClient({ ...settings(), maxAttempts: 1 });
  const put = (Name: string, more: object = {}) =>
    client.send(new ssm.PutParameterCommand({ Name, Value: 'new', Type: 'String', ...more }));
  const done: unknown[] = [];
  aws.interceptors.push(async ({ operation, input }) => {
    if (operation !== 'PutParameter') return undefined;
    return () => {
      done.push(input.Name);
      if (input.Name === '/lost') throw new AwsError('InternalServerError', 500, 'lost');
    };
  });

  await expect(put('/lost')).rejects.toMatchObject({ name: 'InternalServerError' });
  expect(aws.calls.at(-1)).toMatchObject({ operation: 'PutParameter', status: 500 });
  await expect(put('/lost')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  await put('/kept');
  aws.interceptors.pop();
  expect(done).toEqual(['/lost', '/kept']);
  const { Parameter } = await client.send(new ssm.GetParameterCommand({ Name: '/lost' }));
  expect(Parameter?.Value).toBe('new');
});
