import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { GetObjectLockConfigurationCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StackBench } from './stack-bench';

let bench: StackBench;
beforeEach(async () => {
  bench = await StackBench.start();
});
afterEach(() => bench.aws.stop());

const logs = {
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'logs-bucket', ObjectLockEnabled: true } },
  BucketPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Bucket' },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: ['s3:GetBucketAcl', 's3:PutObject'].map((Action) => ({
          ...{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action },
          Resource: Action === 's3:PutObject' ? 'arn:aws:s3:::logs-bucket/*' : 'arn:aws:s3:::logs-bucket',
        })),
      },
    },
  },
};
const management = { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] };
const prompts = {
  FieldSelectors: [
    { Field: 'eventCategory', Equals: ['Data'] },
    { Field: 'resources.type', Equals: ['AWS::Bedrock::PromptVersion'] },
  ],
};
const trail = (properties: object = {}, DependsOn: string[] | undefined = ['BucketPolicy']) => ({
  ...logs,
  Trail: {
    Type: 'AWS::CloudTrail::Trail',
    DependsOn,
    Properties: {
      ...{ S3BucketName: { Ref: 'Bucket' }, IsLogging: true, EnableLogFileValidation: true, IsMultiRegionTrail: true },
      ...{ AdvancedEventSelectors: [management], ...properties },
    },
  },
});
const Outputs = { Arn: { Value: { 'Fn::GetAtt': ['Trail', 'Arn'] } }, Name: { Value: { Ref: 'Trail' } } };

async function shown() {
  const client = bench.client(CloudTrailClient);
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({}));
  const TrailName = trailList[0]?.Name ?? '';
  const { AdvancedEventSelectors } = await client.send(new GetEventSelectorsCommand({ TrailName }));
  const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name: TrailName }));
  return { trailList, AdvancedEventSelectors, IsLogging };
}

it('a stack makes a trail that logs, changes it in place, and takes it away', async () => {
  const stack = await bench.deploy(trail(), { Template: { Outputs } });
  const first = await shown();
  const output = (key: string) => stack.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect(first).toMatchObject({ IsLogging: true, AdvancedEventSelectors: [management] });
  expect(first.trailList).toMatchObject([
    { LogFileValidationEnabled: true, Name: output('Name'), TrailARN: output('Arn') },
  ]);

  const changed = await bench.deploy(trail({ AdvancedEventSelectors: [management, prompts], IsLogging: false }));
  expect(changed.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await shown()).toMatchObject({ IsLogging: false, AdvancedEventSelectors: [management, prompts] });

  const without = await bench.deploy(logs);
  expect(without.StackStatus).toBe('UPDATE_COMPLETE');
  expect((await bench.client(CloudTrailClient).send(new DescribeTrailsCommand({}))).trailList).toEqual([]);
});

it('a trail that is made before its bucket’s policy fails, and so do selectors that CloudTrail refuses', async () => {
  const early = { ...trail({}, []), BucketPolicy: { ...logs.BucketPolicy, DependsOn: ['Trail'] } };
  expect((await bench.deploy(early)).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(JSON.stringify(await bench.events())).toContain('Incorrect S3 bucket policy is detected');

  bench.stackName = 'Other';
  const bad = JSON.parse(JSON.stringify(prompts).replace('PromptVersion', 'Prompt'));
  expect((await bench.deploy(trail({ AdvancedEventSelectors: [bad] }))).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(JSON.stringify(await bench.events())).toContain('resources.type field value is not valid');
});

it('a default retention comes to a lock-enabled bucket in place, with the objects that it holds', async () => {
  await bench.deploy(logs);
  const s3 = bench.client(S3Client);
  await s3.send(new PutObjectCommand({ Bucket: 'logs-bucket', Key: 'old', Body: 'x' }));
  const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } };
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule };
  const Bucket = { ...logs.Bucket, Properties: { ...logs.Bucket.Properties, ObjectLockConfiguration } };
  const stack = await bench.deploy({ ...logs, Bucket });
  await s3.send(new PutObjectCommand({ Bucket: 'logs-bucket', Key: 'new', Body: 'x' }));

  expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
  const found = await s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'logs-bucket' }));
  expect(found.ObjectLockConfiguration).toEqual(ObjectLockConfiguration);
  const modes = ['old', 'new'].map(async (Key) => {
    return (await s3.send(new HeadObjectCommand({ Bucket: 'logs-bucket', Key }))).ObjectLockMode;
  });
  expect(await Promise.all(modes)).toEqual([undefined, 'GOVERNANCE']);
});
