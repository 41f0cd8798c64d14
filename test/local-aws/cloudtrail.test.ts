import { type Event, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWithClock, trustAccount } from './local-clients';

let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

async function lookup(input: LookupEventsCommandInput = {}): Promise<Event[]> {
  return (await local.cloudtrail.send(new LookupEventsCommand(input))).Events ?? [];
}

function contentOf(event: Event | undefined) {
  return JSON.parse(event?.CloudTrailEvent ?? '{}');
}

it('tells who called what, newest first, and how it was refused', async () => {
  await local.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trustAccount }));
  const reader = await local.assume('reader');
  await reader.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});

  const [, refused, assumed, created] = await lookup();

  expect([assumed?.EventName, created?.EventName]).toEqual(['AssumeRole', 'CreateRole']);
  expect(refused).toMatchObject({ EventName: 'GetParameter', EventSource: 'ssm.amazonaws.com', Username: 'session' });
  expect(contentOf(refused)).toMatchObject({
    ...{ errorCode: 'AccessDeniedException', errorMessage: expect.stringContaining('not authorized') },
    ...{ eventTime: local.clock.time.toISOString(), awsRegion: 'us-east-1', requestParameters: { name: '/a' } },
    userIdentity: {
      ...{ type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/reader/session' },
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/reader' } },
    },
  });
});

it('hides the value of a parameter', async () => {
  await local.ssm.send(new PutParameterCommand({ Name: '/a', Value: 'the-value', Type: 'String' }));

  const [event] = await lookup({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'PutParameter' }] });

  expect(contentOf(event).requestParameters).toEqual({
    ...{ name: '/a', type: 'String', value: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
  });
  expect(event?.CloudTrailEvent).not.toContain('the-value');
});

it('shows no data events', async () => {
  await local.s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await local.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'x' }));

  expect((await lookup()).map(({ EventName }) => EventName)).toEqual(['LookupEvents', 'CreateBucket']);
});

it('keeps to a span of time, and pages', async () => {
  const get = () => local.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});
  const start = local.clock.time;
  await get();
  local.pass(1000);
  await get();
  await get();
  local.pass(1000);
  await get();

  const StartTime = new Date(start.getTime() + 1000);
  const first = await local.cloudtrail.send(new LookupEventsCommand({ StartTime, EndTime: StartTime, MaxResults: 1 }));
  const { NextToken } = first;
  const second = await lookup({ StartTime, EndTime: StartTime, MaxResults: 1, NextToken });

  expect(first.Events).toHaveLength(1);
  expect(second).toHaveLength(1);
  expect(second[0]?.EventId).not.toBe(first.Events?.[0]?.EventId);
});
