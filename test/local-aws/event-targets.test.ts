import * as s3 from '@aws-sdk/client-s3';
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deployer, type LocalAws, startLocalAws } from '../../packages/local-aws';

/** A function that keeps what it got as objects of the second bucket. */
const SOURCE = `
const { S3Client, PutObjectCommand } = require(process.env.SDK);
exports.handler = async (event) => {
  const client = new S3Client({ forcePathStyle: true });
  await client.send(new PutObjectCommand({ Bucket: process.env.SEEN, Key: event.id, Body: JSON.stringify(event) }));
};`;

let aws: LocalAws;
let deployer: Deployer;
let client: S3Client;

beforeAll(async () => {
  aws = await startLocalAws();
  deployer = new Deployer(aws);
  const { endpoint, region, operator: credentials } = aws;
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new s3.CreateBucketCommand({ Bucket: 'code' }));
  const { strToU8, zipSync } = await import('fflate');
  const Body = zipSync({ 'index.js': strToU8(SOURCE) });
  await client.send(new s3.PutObjectCommand({ Bucket: 'code', Key: 'f.zip', Body }));
  await deploy({});
}, 60_000);
afterAll(() => aws.stop());

interface Parts {
  readonly rule?: object;
  readonly permission?: object;
  readonly notifications?: object | null;
}

/** A stack of a watched bucket, a function and a rule between them. */
function deploy({ rule = {}, permission = {}, notifications = { EventBridgeConfiguration: {} } }: Parts) {
  const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });
  const trust = { ...allow('sts:AssumeRole', ''), Principal: { Service: 'lambda.amazonaws.com' }, Resource: undefined };
  const Resources = {
    Watched: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'watched',
        VersioningConfiguration: { Status: 'Enabled' },
        ...(notifications && { NotificationConfiguration: notifications }),
      },
    },
    Seen: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'seen' } },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
        Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [allow('s3:PutObject', 'arn:aws:s3:::seen/*')] } }],
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ FunctionName: 'watcher', Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 20 },
        ...{ Code: { S3Bucket: 'code', S3Key: 'f.zip' }, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        Environment: { Variables: { SEEN: 'seen', SDK: require.resolve('@aws-sdk/client-s3') } },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'made',
        EventPattern: {
          ...{ source: ['aws.s3'], 'detail-type': ['Object Created'] },
          detail: { bucket: { name: ['watched'] }, object: { key: [{ prefix: 'versions/' }] } },
        },
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
        ...rule,
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        ...{ FunctionName: 'watcher', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' },
        SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
        ...permission,
      },
      DependsOn: ['Function'],
    },
  };
  return deployer.deployTemplate('Targets', JSON.stringify({ Resources }));
}

const put = (Key: string, Body = 'x') => client.send(new s3.PutObjectCommand({ Bucket: 'watched', Key, Body }));

/** The events that reached the function since the last time. */
async function seen(): Promise<Record<string, unknown>[]> {
  await aws.idle();
  const { Contents = [] } = await client.send(new s3.ListObjectsV2Command({ Bucket: 'seen' }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: 'seen', Key }));
      await client.send(new s3.DeleteObjectCommand({ Bucket: 'seen', Key }));
      return JSON.parse((await Body?.transformToString()) ?? '');
    }),
  );
}
beforeEach(async () => {
  await seen();
});

describe('an object', () => {
  it('that a rule looks for starts its function, with the event that S3 sends', async () => {
    await put('versions/1', 'four');
    await put('ledger/1');
    const [event, ...others] = await seen();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      ...{ version: '0', 'detail-type': 'Object Created', source: 'aws.s3', account: aws.account, region: aws.region },
      resources: ['arn:aws:s3:::watched'],
      detail: {
        bucket: { name: 'watched' },
        object: {
          key: 'versions/1',
          size: 4,
          etag: expect.stringMatching(/^[0-9a-f]{32}$/),
          'version-id': expect.any(String),
        },
        ...{ requester: aws.account, reason: 'PutObject' },
      },
    });
  });

  it('that was not written starts nothing', async () => {
    const again = { Bucket: 'watched', Key: 'versions/1', Body: 'x', IfNoneMatch: '*' };
    await expect(client.send(new s3.PutObjectCommand(again))).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await seen()).toEqual([]);
  });

  it('that is deleted is an event of its own', async () => {
    await deploy({ rule: { EventPattern: { source: ['aws.s3'], 'detail-type': ['Object Deleted'] } } });
    await put('versions/3');
    await client.send(new s3.DeleteObjectCommand({ Bucket: 'watched', Key: 'versions/3' }));
    const Objects = [{ Key: 'versions/1' }];
    await client.send(new s3.DeleteObjectsCommand({ Bucket: 'watched', Delete: { Objects } }));
    const events = await seen();
    expect(events.map(({ detail }) => (detail as { object: { key: string } }).object.key).sort()).toEqual([
      'versions/1',
      'versions/3',
    ]);
    expect(events[0]?.detail).toMatchObject({ 'deletion-type': 'Delete Marker Created' });
  });

  it('of a bucket that tells nobody starts nothing', async () => {
    await deploy({ notifications: null });
    await put('versions/4');
    expect(await seen()).toEqual([]);
    const get = new GetBucketNotificationConfigurationCommand({ Bucket: 'watched' });
    expect(await client.send(get)).not.toHaveProperty('EventBridgeConfiguration');
  });

  it('does not start a function whose policy names another rule', async () => {
    const SourceArn = `arn:aws:events:${aws.region}:${aws.account}:rule/other`;
    expect((await deploy({ permission: { SourceArn } })).failures).toEqual([]);
    await put('versions/5');
    expect(await seen()).toEqual([]);
    expect(aws.undelivered.at(-1)).toMatchObject({
      ruleName: 'made',
      reason: expect.stringContaining('not authorized'),
    });
  });
});

it('a notification to something else than EventBridge answers 501 by name', async () => {
  const QueueConfigurations = [
    { QueueArn: 'arn:aws:sqs:us-east-1:111122223333:q', Events: ['s3:ObjectCreated:*' as const] },
  ];
  const NotificationConfiguration = { QueueConfigurations };
  const command = new PutBucketNotificationConfigurationCommand({ Bucket: 'watched', NotificationConfiguration });
  await expect(client.send(command)).rejects.toThrow('QueueConfigurations');
});

describe('a rate', () => {
  const DAY = 86_400_000;

  it('starts its function each time that it comes due, counted from the rule', async () => {
    const deployed = await deploy({ rule: { EventPattern: undefined, ScheduleExpression: 'rate(1 day)' } });
    expect(deployed.failures).toEqual([]);
    aws.passTime(DAY - 60_000);
    expect(await seen()).toEqual([]);
    aws.passTime(60_000);
    const [event, ...others] = await seen();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      ...{ 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} },
      resources: [`arn:aws:events:${aws.region}:${aws.account}:rule/made`],
    });
    aws.passTime(3 * DAY);
    expect(await seen()).toHaveLength(3);
  });

  it('does nothing while its rule is off, and does not make up for it', async () => {
    await deploy({ rule: { EventPattern: undefined, ScheduleExpression: 'rate(1 day)', State: 'DISABLED' } });
    aws.passTime(2 * DAY);
    expect(await seen()).toEqual([]);
    await deploy({ rule: { EventPattern: undefined, ScheduleExpression: 'rate(1 day)' } });
    expect(await seen()).toEqual([]);
    aws.passTime(DAY);
    expect(await seen()).toHaveLength(1);
  });

  it('comes by itself where minutes are short', async () => {
    const fast = await startLocalAws({ schedules: { minuteMs: 5 } });
    try {
      const Resources = {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            ScheduleExpression: 'rate(1 minute)',
            Targets: [{ Id: 'Target0', Arn: `arn:aws:sns:${fast.region}:${fast.account}:none` }],
          },
        },
      };
      await new Deployer(fast).deployTemplate('Fast', JSON.stringify({ Resources }));
      while (fast.undelivered.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      await fast.stop();
    }
  });

  it('comes once for all that came due in days that were skipped', async () => {
    const skipping = await startLocalAws();
    try {
      const rule = (ScheduleExpression: string) => ({
        Type: 'AWS::Events::Rule',
        Properties: {
          ...{ Name: ScheduleExpression.replace(/\W/g, '-'), ScheduleExpression },
          Targets: [{ Id: 'Target0', Arn: `arn:aws:sns:${skipping.region}:${skipping.account}:none` }],
        },
      });
      const Resources = { Minute: rule('rate(1 minute)'), Day: rule('rate(1 day)') };
      await new Deployer(skipping).deployTemplate('Skipping', JSON.stringify({ Resources }));
      let before = 0;
      const sent = async () => {
        await skipping.idle();
        const since = skipping.undelivered.slice(before);
        before += since.length;
        return since.map(({ ruleName }) => ruleName);
      };
      skipping.skip(DAY / 2);
      expect(await sent()).toEqual(['rate-1-minute-']);
      skipping.skip(3 * DAY);
      expect((await sent()).sort()).toEqual(['rate-1-day-', 'rate-1-minute-']);
      skipping.skip(60_000);
      expect(await sent()).toEqual(['rate-1-minute-']);
    } finally {
      await skipping.stop();
    }
  });
});

describe('a stack', () => {
  it('tells EventBridge of each status', async () => {
    const source = ['aws.cloudformation'];
    const detail = { 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } };
    await deploy({ rule: { EventPattern: { source, detail } } });
    const [event, ...others] = await seen();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      'detail-type': 'CloudFormation Stack Status Change',
      resources: [expect.stringContaining(':stack/Targets/')],
      detail: { 'stack-id': expect.stringContaining(':stack/Targets/'), 'client-request-token': expect.any(String) },
    });
  });
});
