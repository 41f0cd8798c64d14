import { type Event, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, clientsFor, startWithClock, trustAccount } from './local-clients';

let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

async function lookup(input: LookupEventsCommandInput = {}): Promise<Event[]> {
  return (await local.cloudtrail.send(new LookupEventsCommand(input))).Events ?? [];
}

const by = (AttributeKey: 'EventName' | 'AccessKeyId' | 'ResourceName' | 'ResourceType', AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});

function contentOf(event: Event | undefined) {
  return JSON.parse(event?.CloudTrailEvent ?? '{}');
}

const put = (Value = 'the-value') =>
  local.ssm.send(new PutParameterCommand({ Name: '/a', Value, Type: 'String', Overwrite: true }));

describe('an event', () => {
  it('tells who called what, newest first, and how it was refused', async () => {
    await local.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trustAccount }));
    const reader = await local.assume('reader');
    await reader.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});

    const [refused, assumed, created] = await lookup();

    expect([assumed?.EventName, created?.EventName]).toEqual(['AssumeRole', 'CreateRole']);
    expect(refused).toMatchObject({ EventName: 'GetParameter', EventSource: 'ssm.amazonaws.com', Username: 'session' });
    expect(contentOf(refused)).toMatchObject({
      ...{ errorCode: 'AccessDeniedException', errorMessage: expect.stringContaining('not authorized') },
      ...{ eventTime: '2026-11-22T12:00:00Z', awsRegion: 'us-east-1', requestParameters: { name: '/a' } },
      ...{ responseElements: null, readOnly: true, managementEvent: true, eventCategory: 'Management' },
      ...{ eventID: refused?.EventId, userAgent: expect.stringContaining('aws-sdk-js'), sourceIPAddress: '127.0.0.1' },
      userIdentity: {
        ...{ type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/session`, accountId: ACCOUNT },
        principalId: expect.stringMatching(/^AROA\w+:session$/),
        accessKeyId: reader.settings.credentials.accessKeyId,
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/reader`, userName: 'reader' },
          attributes: { creationDate: '2026-11-22T12:00:00Z', mfaAuthenticated: 'false' },
        },
      },
    });
  });

  it('hides the value of a parameter, and shows the version that was written', async () => {
    await put();

    const [event] = await lookup(by('EventName', 'PutParameter'));

    expect(contentOf(event)).toMatchObject({
      requestParameters: { name: '/a', type: 'String', overwrite: true, value: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      responseElements: { version: 1, tier: 'Standard' },
      readOnly: false,
      userIdentity: { type: 'IAMUser', userName: 'operator', accessKeyId: local.aws.operator.accessKeyId },
    });
    expect(event?.CloudTrailEvent).not.toContain('the-value');
  });

  it('names a further user, who is another principal than the operator', async () => {
    const alice = clientsFor(local.aws, local.aws.user('alice'));
    await alice.ssm.send(new PutParameterCommand({ Name: '/b', Value: 'x', Type: 'String' }));

    const [event] = await lookup({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'alice' }] });

    expect(event?.EventName).toBe('PutParameter');
    expect(contentOf(event).userIdentity).toMatchObject({ arn: `arn:aws:iam::${ACCOUNT}:user/alice` });
  });

  it('is not made of a call whose key nobody knows', async () => {
    const nobody = clientsFor(local.aws, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
    await nobody.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});

    expect(await lookup()).toEqual([]);
  });
});

describe('the event history', () => {
  it('finds the AssumeRole that issued a key by the key, and what the key did by AccessKeyId', async () => {
    await local.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trustAccount }));
    const { credentials } = (await local.assume('reader')).settings;
    const other = await local.assume('reader');
    await clientsFor(local.aws, credentials)
      .ssm.send(new GetParameterCommand({ Name: '/a' }))
      .catch(() => {});

    const issued = await lookup(by('ResourceName', credentials.accessKeyId));
    const done = await lookup(by('AccessKeyId', credentials.accessKeyId));

    expect(issued.map(({ EventName }) => EventName)).toEqual(['AssumeRole']);
    expect(contentOf(issued[0])).toMatchObject({
      ...{ readOnly: true, userIdentity: { userName: 'operator' } },
      responseElements: {
        credentials: {
          accessKeyId: credentials.accessKeyId,
          sessionToken: expect.any(String),
          expiration: 'Nov 22, 2026, 1:00:00 PM',
        },
      },
    });
    const shown = Object.keys(contentOf(issued[0]).responseElements.credentials);
    expect(shown.sort()).toEqual(['accessKeyId', 'expiration', 'sessionToken']);
    expect(issued[0]?.Resources?.map(({ ResourceType }) => ResourceType)).toEqual([
      ...['AWS::IAM::AccessKey', 'AWS::STS::AssumedRole', 'AWS::STS::AssumedRole', 'AWS::STS::AssumedRole'],
      'AWS::IAM::Role',
    ]);
    expect(done.map(({ EventName }) => EventName)).toEqual(['GetParameter']);
    expect(await lookup(by('AccessKeyId', other.settings.credentials.accessKeyId))).toEqual([]);
  });

  it('shows no data events, and only those', async () => {
    const Bucket = 'bucket';
    await local.s3.send(new CreateBucketCommand({ Bucket }));
    await local.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    await local.s3.send(new ListObjectsV2Command({ Bucket }));
    await local.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }] } }));

    expect((await lookup()).map(({ EventName }) => EventName)).toEqual(['CreateBucket']);
    expect((await lookup(by('ResourceName', Bucket))).map(({ EventName }) => EventName)).toEqual(['CreateBucket']);
  });

  it('keeps to a span of time, and pages, undisturbed by newer events', async () => {
    const start = local.clock.time;
    await put();
    local.pass(1000);
    await put();
    await put();
    local.pass(1000);
    await put();

    const StartTime = new Date(start.getTime() + 1000);
    const span = { StartTime, EndTime: StartTime, ...by('EventName', 'PutParameter'), MaxResults: 1 };
    const first = await local.cloudtrail.send(new LookupEventsCommand(span));
    await put();
    const second = await local.cloudtrail.send(new LookupEventsCommand({ ...span, NextToken: first.NextToken }));

    expect([first.Events?.length, second.Events?.length]).toEqual([1, 1]);
    expect(second.Events?.[0]?.EventId).not.toBe(first.Events?.[0]?.EventId);
    expect(second.NextToken).toBeUndefined();
    const other = { ...span, ...by('EventName', 'GetParameter'), NextToken: first.NextToken };
    await expect(lookup(other)).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  it('goes back 90 days', async () => {
    await put();
    local.pass(90 * 86_400_000);
    expect(await lookup(by('EventName', 'PutParameter'))).toHaveLength(1);
    local.pass(1000);
    expect(await lookup(by('EventName', 'PutParameter'))).toEqual([]);
  });

  it.each([
    ['more than 50 at once', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    [
      'a span that ends before it starts',
      { StartTime: new Date(2), EndTime: new Date(1) },
      'InvalidTimeRangeException',
    ],
    [
      'two attributes',
      { LookupAttributes: [...by('EventName', 'a').LookupAttributes, ...by('AccessKeyId', 'b').LookupAttributes] },
      'InvalidLookupAttributesException',
    ],
  ])('refuses %s', async (_, input, name) => {
    await expect(lookup(input)).rejects.toMatchObject({ name });
  });
});

describe('as AWS has it', () => {
  beforeEach(async () => {
    await local.aws.stop();
    local = await startWithClock({ cloudTrail: { lookupsPerSecond: 2, deliveryDelayMs: 300_000 } });
  });

  it('the third lookup within a second is throttled', async () => {
    await lookup();
    await lookup();
    await expect(lookup()).rejects.toMatchObject({ name: 'ThrottlingException' });
    local.pass(1000);
    await expect(lookup()).resolves.toEqual([]);
  });

  it('an event is shown minutes after it happened', async () => {
    await put();
    expect(await lookup(by('EventName', 'PutParameter'))).toEqual([]);
    local.pass(300_000);
    expect(await lookup(by('EventName', 'PutParameter'))).toHaveLength(1);
  });
});
