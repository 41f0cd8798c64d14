import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  type AdvancedEventSelector,
  CreateTrailCommand,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACCOUNT, policy, startWithClock } from './local-clients';

const Bucket = 'trail-bucket';
const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
let local: Awaited<ReturnType<typeof startWithClock>>;

const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
const source = { 'aws:SourceArn': ARN };
const aclCheck = {
  ...{ ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
  Condition: { StringEquals: source },
};
const write = (more: object = {}, folder = `AWSLogs/${ACCOUNT}`) => ({
  ...{ ...service, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/${folder}/*` },
  Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', ...source, ...more } },
});
const setPolicy = (...statements: object[]) =>
  local.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));

const create = (more: Partial<CreateTrailCommandInput> = {}) =>
  local.cloudtrail.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: Bucket, ...more }));
const start = () => local.cloudtrail.send(new StartLoggingCommand({ Name: 'audit' }));
const status = () => local.cloudtrail.send(new GetTrailStatusCommand({ Name: 'audit' }));
const select = (...AdvancedEventSelectors: AdvancedEventSelector[]) =>
  local.cloudtrail.send(new PutEventSelectorsCommand({ TrailName: 'audit', AdvancedEventSelectors }));
const fields = (...selectors: [field: string, operator: string, ...values: string[]][]): AdvancedEventSelector => ({
  FieldSelectors: selectors.map(([Field, operator, ...values]) => ({ Field, [operator]: values })),
});
const put = (Key: string, bucket = 'ledger') => local.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));

async function content(key: string) {
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key: key }));
  return gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
}
async function delivered(): Promise<{ eventName: string; [field: string]: unknown }[]> {
  const keys = await local.aws.deliverTrails();
  return (await Promise.all(keys.map(content))).flatMap((text) => JSON.parse(text).Records);
}
const names = async () => (await delivered()).map(({ eventName }) => eventName);

beforeEach(async () => {
  local = await startWithClock();
  await local.s3.send(new CreateBucketCommand({ Bucket }));
  await local.s3.send(new CreateBucketCommand({ Bucket: 'ledger' }));
  await setPolicy(aclCheck, write());
});
afterEach(() => local.aws.stop());

describe('a trail', () => {
  it('is refused a bucket whose policy does not let CloudTrail write', async () => {
    const refused = {
      name: 'InsufficientS3BucketPolicyException',
      message: `Incorrect S3 bucket policy is detected for bucket: ${Bucket}`,
    };
    for (const statements of [[aclCheck], [write()], [aclCheck, write({ 'aws:SourceArn': `${ARN}-other` })]]) {
      await setPolicy(...statements);
      await expect(create()).rejects.toMatchObject(refused);
    }
    await setPolicy(aclCheck, write());
    await expect(create({ S3KeyPrefix: 'elsewhere' })).rejects.toMatchObject(refused);
    await local.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await expect(create()).rejects.toMatchObject(refused);
    await expect(create({ S3BucketName: 'nowhere' })).rejects.toMatchObject({ name: 'S3BucketDoesNotExistException' });
  });

  it('is made, shown, changed, tagged and deleted', async () => {
    const TagsList = [{ Key: 'team', Value: 'risk' }];
    const made = await create({ IsMultiRegionTrail: true, EnableLogFileValidation: true, KmsKeyId: KEY, TagsList });
    expect(made).toMatchObject({ TrailARN: ARN, KmsKeyId: KEY, LogFileValidationEnabled: true });
    await expect(create()).rejects.toMatchObject({ name: 'TrailAlreadyExistsException' });

    await local.cloudtrail.send(new UpdateTrailCommand({ Name: ARN, EnableLogFileValidation: false, KmsKeyId: '' }));
    const { trailList: [shown] = [] } = await local.cloudtrail.send(new DescribeTrailsCommand());
    const { ResourceTagList } = await local.cloudtrail.send(new ListTagsCommand({ ResourceIdList: [ARN] }));

    expect(shown).toMatchObject({ Name: 'audit', HomeRegion: 'us-east-1', HasCustomEventSelectors: false });
    expect([shown?.KmsKeyId, shown?.LogFileValidationEnabled]).toEqual([undefined, false]);
    expect(ResourceTagList).toEqual([{ ResourceId: ARN, TagsList }]);
    await local.cloudtrail.send(new DeleteTrailCommand({ Name: 'audit' }));
    await expect(status()).rejects.toMatchObject({ name: 'TrailNotFoundException' });
  });

  it.each([
    ['a name with a blank', { Name: 'my trail' }, 'InvalidTrailNameException'],
    ['what is no key', { KmsKeyId: 'key' }, 'InvalidKmsKeyIdException'],
    [
      'all Regions without global events',
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    ['an organization', { IsOrganizationTrail: true }, 'NotImplemented'],
    ['a log group', { CloudWatchLogsLogGroupArn: 'arn:aws:logs:…' }, 'NotImplemented'],
  ])('is refused %s', async (_, more, name) => {
    await expect(create(more)).rejects.toMatchObject({ name });
  });
});

describe('delivery', () => {
  it('writes what was logged since the last time under the key that AWS gives it, as CloudTrail itself', async () => {
    await create({ KmsKeyId: KEY });
    await local.ssm.send(new PutParameterCommand({ Name: '/before', Value: 'x', Type: 'String' }));
    await start();
    await local.ssm.send(new PutParameterCommand({ Name: '/after', Value: 'x', Type: 'String' }));
    await put('a data event');

    const [key = '', ...others] = await local.aws.deliverTrails();
    const { Records } = JSON.parse(await content(key));
    const { ContentEncoding, ...head } = await local.s3.send(new GetObjectCommand({ Bucket, Key: key }));

    expect(others).toEqual([]);
    expect(key).toMatch(
      new RegExp(
        `^AWSLogs/${ACCOUNT}/CloudTrail/us-east-1/2026/11/22/${ACCOUNT}_CloudTrail_us-east-1_20261122T1200Z_[A-Za-z0-9]{16}\\.json\\.gz$`,
      ),
    );
    expect(Records).toMatchObject([
      { eventName: 'StartLogging' },
      { eventName: 'PutParameter', requestParameters: { name: '/after' } },
    ]);
    expect({ ContentEncoding, ...head }).toMatchObject({
      ...{ ContentEncoding: 'gzip', ContentType: 'application/json' },
      ...{ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY },
    });
    expect(local.aws.history.entries.findLast(({ record }) => record.eventName === 'PutObject')?.record).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      requestParameters: { key, 'x-amz-acl': 'bucket-owner-full-control' },
    });
    expect(await local.aws.deliverTrails()).toEqual([]);
  });

  it('goes into a bucket with a default retention, where log files cannot be deleted', async () => {
    const locked = { Bucket: 'locked-bucket', ObjectLockEnabledForBucket: true };
    await local.s3.send(new CreateBucketCommand(locked));
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE' as const, Days: 365 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await local.s3.send(new PutObjectLockConfigurationCommand({ Bucket: locked.Bucket, ObjectLockConfiguration }));
    const Policy = policy(aclCheck, write()).replaceAll(Bucket, locked.Bucket);
    await local.s3.send(new PutBucketPolicyCommand({ Bucket: locked.Bucket, Policy }));
    await create({ S3BucketName: locked.Bucket });
    await start();
    const [Key = ''] = await local.aws.deliverTrails();

    const target = { Bucket: locked.Bucket, Key };
    const { VersionId, ObjectLockMode } = await local.s3.send(new HeadObjectCommand(target));
    expect(ObjectLockMode).toBe('COMPLIANCE');
    await expect(local.s3.send(new DeleteObjectCommand({ ...target, VersionId }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('happens by itself where a period is set', async () => {
    await local.aws.stop();
    local = await startWithClock({ cloudTrail: { deliveryPeriodMs: 5 } });
    await local.s3.send(new CreateBucketCommand({ Bucket }));
    await setPolicy(aclCheck, write());
    await create();
    await start();
    await vi.waitFor(async () => expect((await status()).LatestDeliveryTime).toEqual(local.clock.time));
  });

  it('keeps what could not be written, says so, and tries again', async () => {
    await create();
    await start();
    await setPolicy(aclCheck);
    expect(await names()).toEqual([]);
    expect((await status()).LatestDeliveryError).toBe('AccessDenied');

    await setPolicy(aclCheck, write());
    expect(await names()).toEqual(['StartLogging', 'PutBucketPolicy', 'GetTrailStatus', 'PutBucketPolicy']);
    expect(await status()).toMatchObject({ IsLogging: true, LatestDeliveryTime: local.clock.time });
  });

  it('logs nothing while the trail is stopped, but that it was stopped', async () => {
    await create();
    await start();
    await local.cloudtrail.send(new StopLoggingCommand({ Name: 'audit' }));
    await local.ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
    await start();
    expect(await names()).toEqual(['StartLogging', 'StopLogging', 'StartLogging']);
  });

  it('logs the very request that narrows what it takes, and EventBridge hears of one that deletes it', async () => {
    const heard: string[] = [];
    await create();
    await start();
    await delivered();
    await select(fields(['eventCategory', 'Equals', 'Data'], ['resources.type', 'Equals', 'AWS::S3::Object']));
    expect(await names()).toEqual(['PutEventSelectors']);
    await select(fields(['eventCategory', 'Equals', 'Management']));
    local.aws.trails.listen(({ eventName }) => heard.push(eventName));
    await local.cloudtrail.send(new DeleteTrailCommand({ Name: 'audit' }));
    await local.ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
    expect(heard).toEqual(['DeleteTrail']);
  });

  it('chains digests over the log files by hash', async () => {
    await create({ EnableLogFileValidation: true });
    await start();
    const [file = ''] = await local.aws.deliverTrails();
    const [first = ''] = await local.aws.deliverDigests();
    local.pass(3_600_000);
    const [second = ''] = await local.aws.deliverDigests();

    const sha256 = async (key: string) =>
      createHash('sha256')
        .update(await content(key))
        .digest('hex');
    expect(first).toBe(
      `AWSLogs/${ACCOUNT}/CloudTrail-Digest/us-east-1/2026/11/22/${ACCOUNT}_CloudTrail-Digest_us-east-1_audit_us-east-1_20261122T120000Z.json.gz`,
    );
    expect(JSON.parse(await content(first))).toMatchObject({
      logFiles: [{ s3Object: file, hashValue: await sha256(file) }],
      previousDigestS3Object: null,
    });
    expect(JSON.parse(await content(second))).toMatchObject({
      ...{ digestStartTime: '2026-11-22T12:00:00Z', digestEndTime: '2026-11-22T13:00:00Z', logFiles: [] },
      ...{ previousDigestS3Object: first, previousDigestHashValue: await sha256(first) },
    });
  });
});

describe('advanced selectors', () => {
  const data = (type: string, ...more: Parameters<typeof fields>) =>
    fields(['eventCategory', 'Equals', 'Data'], ['resources.type', 'Equals', type], ...more);
  const ledger = 'arn:aws:s3:::ledger/';

  beforeEach(async () => {
    await create();
    await start();
    await delivered();
  });

  it('take data events of one bucket only, and replace the management events', async () => {
    await select(data('AWS::S3::Object', ['resources.ARN', 'StartsWith', ledger]));
    await delivered();
    await put('a');
    await put('b', Bucket);
    await local.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});

    expect(await delivered()).toMatchObject([{ eventName: 'PutObject', requestParameters: { key: 'a' } }]);
    const { AdvancedEventSelectors, EventSelectors } = await local.cloudtrail.send(
      new GetEventSelectorsCommand({ TrailName: 'audit' }),
    );
    expect([AdvancedEventSelectors?.length, EventSelectors]).toEqual([1, undefined]);
  });

  it.each<[string, AdvancedEventSelector, string[]]>([
    [
      'writing management events',
      fields(['eventCategory', 'Equals', 'Management'], ['readOnly', 'Equals', 'false']),
      [],
    ],
    ['management events', fields(['eventCategory', 'Equals', 'Management']), ['GetParameter']],
    [
      'writes to S3',
      data('AWS::S3::Object', ['readOnly', 'Equals', 'false']),
      ['PutObject a', 'PutObject a2', 'PutObject b'],
    ],
    ['one name', data('AWS::S3::Object', ['eventName', 'Equals', 'GetObject']), ['GetObject a']],
    ['names by their beginning', data('AWS::S3::Object', ['eventName', 'StartsWith', 'Get', 'Head']), ['GetObject a']],
    ['all names but', data('AWS::S3::Object', ['eventName', 'NotEquals', 'PutObject']), ['GetObject a']],
    ['an ARN’s end', data('AWS::S3::Object', ['resources.ARN', 'EndsWith', '/b']), ['PutObject b']],
    [
      'no ARN that starts so',
      data('AWS::S3::Object', ['resources.ARN', 'NotStartsWith', `${ledger}a`]),
      ['PutObject b'],
    ],
    ['no ARN that ends so', data('AWS::S3::Object', ['resources.ARN', 'NotEndsWith', 'a', 'b']), ['PutObject a2']],
    [
      'exact ARNs',
      data('AWS::S3::Object', ['resources.ARN', 'Equals', `${ledger}a2`, `${ledger}b`]),
      ['PutObject a2', 'PutObject b'],
    ],
    ['prompts', data('AWS::Bedrock::PromptVersion'), []],
  ])('take %s', async (_, selector, expected) => {
    await select(selector);
    await delivered();
    await put('a');
    await put('a2');
    await local.s3.send(new GetObjectCommand({ Bucket: 'ledger', Key: 'a' }));
    await put('b');
    await local.ssm.send(new GetParameterCommand({ Name: '/a' })).catch(() => {});

    const taken = (await delivered()).map(({ eventName, requestParameters }) => {
      const { key } = requestParameters as { key?: string };
      return key === undefined ? eventName : `${eventName} ${key}`;
    });
    // A trail that takes writes to all buckets takes its own too, as in AWS.
    expect(taken.filter((name) => !name.includes('AWSLogs/'))).toEqual(expected);
  });

  it.each<[string, AdvancedEventSelector, string]>([
    [
      'AWS::Bedrock::Prompt, which CloudTrail does not know',
      data('AWS::Bedrock::Prompt'),
      'resources.type field value is not valid',
    ],
    [
      'data events without a type',
      fields(['eventCategory', 'Equals', 'Data']),
      'resources.type field value is not valid',
    ],
    ['no category', fields(['eventName', 'Equals', 'PutObject']), 'eventCategory'],
    ['a beginning of a category', fields(['eventCategory', 'StartsWith', 'Da']), 'eventCategory'],
    [
      'names of management events',
      fields(['eventCategory', 'Equals', 'Management'], ['eventName', 'Equals', 'X']),
      'eventName',
    ],
    ['a readOnly that is neither', data('AWS::S3::Object', ['readOnly', 'Equals', 'maybe']), 'readOnly'],
    [
      'a type that is only not another',
      fields(['eventCategory', 'Equals', 'Data'], ['resources.type', 'NotEquals', 'X']),
      'resources.type',
    ],
  ])('refuse %s', async (_, selector, message) => {
    await expect(select(selector)).rejects.toMatchObject({
      name: 'InvalidEventSelectorsException',
      message: expect.stringContaining(message),
    });
  });

  it('are the only ones that there are: basic ones are refused by name', async () => {
    const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true }];
    await expect(
      local.cloudtrail.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors })),
    ).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('basic EventSelectors') });
  });
});
