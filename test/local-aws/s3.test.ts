import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { s3 } from '../../packages/local-aws/s3/s3';
import { Bucket as BucketState, S3State } from '../../packages/local-aws/s3/s3-state';
import { policy, startWithClock, statement, trustAccount } from './local-clients';
import { serve } from './serve';

const Bucket = 'ledger-bucket';
let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
  await local.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(() => local.aws.stop());

function put(Key: string, Body: PutObjectCommandInput['Body'] = 'body', more: Partial<PutObjectCommandInput> = {}) {
  return local.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
}

async function text(Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
}

function enableVersioning() {
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  return local.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
}

function failure(name: string, status: number, message?: RegExp) {
  const expected = { name, $metadata: expect.objectContaining({ httpStatusCode: status }) };
  return expect.objectContaining(message ? { ...expected, message: expect.stringMatching(message) } : expected);
}

async function roleWith(...statements: object[]) {
  await local.iam.send(new CreateRoleCommand({ RoleName: 'writer', AssumeRolePolicyDocument: trustAccount }));
  const inline = { RoleName: 'writer', PolicyName: 'p', PolicyDocument: policy(...statements) };
  await local.iam.send(new PutRolePolicyCommand(inline));
  return local.assume('writer');
}

describe('objects', () => {
  it('gives bytes, headers and metadata back as they were put', async () => {
    const bytes = Uint8Array.from([0, 255, 10, 13]);
    const { ETag } = await put('a/ü:1 x.json', bytes, { ContentType: 'application/json', Metadata: { who: 'me' } });

    const found = await local.s3.send(new GetObjectCommand({ Bucket, Key: 'a/ü:1 x.json' }));
    const head = await local.s3.send(new HeadObjectCommand({ Bucket, Key: 'a/ü:1 x.json' }));

    expect(await found.Body?.transformToByteArray()).toEqual(bytes);
    for (const answer of [found, head]) {
      expect(answer).toMatchObject({
        ETag,
        ContentType: 'application/json',
        ContentLength: 4,
        Metadata: { who: 'me' },
      });
      expect(answer.LastModified).toEqual(local.clock.time);
      expect(answer.VersionId).toBeUndefined();
    }
  });

  it('says NoSuchKey, NotFound and NoSuchBucket', async () => {
    await expect(text('none')).rejects.toEqual(failure('NoSuchKey', 404));
    const head = local.s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }));
    await expect(head).rejects.toEqual(failure('NotFound', 404));
    const other = local.s3.send(new GetObjectCommand({ Bucket: 'no-such', Key: 'none' }));
    await expect(other).rejects.toEqual(failure('NoSuchBucket', 404));
    await expect(local.s3.send(new HeadBucketCommand({ Bucket: 'no-such' }))).rejects.toEqual(failure('NotFound', 404));
  });

  it('deletes several at once, and tells of each', async () => {
    await put('a');
    await put('b');

    const Objects = [{ Key: 'a' }, { Key: 'b' }, { Key: 'never-there' }];
    const { Deleted } = await local.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));

    expect(Deleted?.map(({ Key }) => Key)).toEqual(['a', 'b', 'never-there']);
    await local.s3.send(new DeleteBucketCommand({ Bucket }));
  });
});

describe('conditional writes', () => {
  it('writes with If-None-Match: * once', async () => {
    await put('record', 'first', { IfNoneMatch: '*' });

    await expect(put('record', 'second', { IfNoneMatch: '*' })).rejects.toEqual(failure('PreconditionFailed', 412));
    expect(await text('record')).toBe('first');
  });

  it('lets exactly one of many simultaneous writers win', async () => {
    const writes = Array.from({ length: 8 }, (_, i) => put('record', `writer ${i}`, { IfNoneMatch: '*' }));

    const results = await Promise.allSettled(writes);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('succeeds over a delete marker, and the versions below stay', async () => {
    await enableVersioning();
    const { VersionId } = await put('record', 'first', { IfNoneMatch: '*' });
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'record' }));

    await put('record', 'second', { IfNoneMatch: '*' });

    expect(await text('record')).toBe('second');
    expect(await text('record', VersionId)).toBe('first');
  });

  it('overwrites with If-Match only what has that ETag', async () => {
    const { ETag } = await put('record', 'first');

    await put('record', 'second', { IfMatch: ETag });
    await expect(put('record', 'third', { IfMatch: ETag })).rejects.toEqual(failure('PreconditionFailed', 412));
    await expect(put('none', 'x', { IfMatch: ETag })).rejects.toEqual(failure('NoSuchKey', 404));
  });

  it('answers the 409 of racing writes when a test asks for it', async () => {
    local.aws.interceptors.push(({ operation }) => {
      if (operation === 'PutObject') {
        throw new AwsError('ConditionalRequestConflict', 409, 'A conflicting operation occurred');
      }
    });

    await expect(put('record', 'x', { IfNoneMatch: '*' })).rejects.toEqual(failure('ConditionalRequestConflict', 409));
  });
});

describe('versions', () => {
  it('lists them newest first, markers among them, page by page', async () => {
    await enableVersioning();
    await put('a', '1');
    await put('a', '2');
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await put('b', '1');

    const all = await local.s3.send(new ListObjectVersionsCommand({ Bucket }));
    const first = await local.s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    const second = await local.s3.send(new ListObjectVersionsCommand({ Bucket, KeyMarker, VersionIdMarker }));

    expect(all.Versions?.map(({ Key, IsLatest }) => [Key, IsLatest])).toEqual([
      ['a', false],
      ['a', false],
      ['b', true],
    ]);
    expect(all.DeleteMarkers).toMatchObject([{ Key: 'a', IsLatest: true }]);
    expect(first.IsTruncated).toBe(true);
    expect([...(first.Versions ?? []), ...(second.Versions ?? [])]).toEqual(all.Versions);
  });

  it('uncovers an object when its marker is deleted by id', async () => {
    await enableVersioning();
    await put('a', '1');
    const { VersionId, DeleteMarker } = await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));

    await expect(text('a')).rejects.toEqual(failure('NoSuchKey', 404));
    await expect(text('a', VersionId)).rejects.toEqual(failure('MethodNotAllowed', 405));
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId }));

    expect(DeleteMarker).toBe(true);
    expect(await text('a')).toBe('1');
  });

  it('keeps a bucket in which only versions or markers are left', async () => {
    await enableVersioning();
    await put('a');
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));

    await expect(local.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toEqual(failure('BucketNotEmpty', 409));
  });
});

describe('lists', () => {
  const keys = async (input: object) => {
    const answer = await local.s3.send(new ListObjectsV2Command({ Bucket, ...input }));
    const prefixes = answer.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];
    return { ...answer, keys: [...(answer.Contents?.map(({ Key }) => Key) ?? []), ...prefixes] };
  };

  it('orders keys by their bytes, under a prefix, after a key', async () => {
    for (const key of ['b', 'a/2', 'B', 'a/1', 'é', 'a/10']) {
      await put(key);
    }

    expect((await keys({})).keys).toEqual(['B', 'a/1', 'a/10', 'a/2', 'b', 'é']);
    expect((await keys({ Prefix: 'a/' })).keys).toEqual(['a/1', 'a/10', 'a/2']);
    expect((await keys({ StartAfter: 'a/10' })).keys).toEqual(['a/2', 'b', 'é']);
    expect((await keys({ MaxKeys: 1 })).keys).toEqual(['B']);
    const { Contents } = await local.s3.send(new ListObjectsCommand({ Bucket, Prefix: 'a/', Marker: 'a/1' }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['a/10', 'a/2']);
  });

  it('rolls keys up to a delimiter, and goes on where a page ended', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']) {
      await put(key);
    }

    const seen: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const answer = await keys({ Delimiter: '/', MaxKeys: 1, ContinuationToken });
      expect(answer.KeyCount).toBe(1);
      seen.push(...answer.keys);
      ContinuationToken = answer.NextContinuationToken;
    } while (ContinuationToken);

    expect(seen).toEqual(['a/', 'b', 'c/', 'd']);
  });

  it('never shows more than 1,000 keys', async () => {
    const state = new S3State();
    state.create(new BucketState('big', new Date(), false));
    for (let i = 0; i < 1001; i += 1) {
      state.bucket('big').put(`k${i}`, new Uint8Array(), {}, {}, new Date());
    }
    const served = await serve(() => [s3(state)]);

    const client = new S3Client({ ...served.administrator, forcePathStyle: true });
    const { KeyCount, IsTruncated } = await client.send(new ListObjectsV2Command({ Bucket: 'big', MaxKeys: 5000 }));
    await served.stop();

    expect([KeyCount, IsTruncated]).toEqual([1000, true]);
  });

  it('shows no key whose newest version is a marker', async () => {
    await enableVersioning();
    await put('a');
    await local.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));

    expect((await keys({})).keys).toEqual([]);
  });
});

describe('buckets', () => {
  it('belong to one owner and one Region', async () => {
    const again = local.s3.send(new CreateBucketCommand({ Bucket }));
    await expect(again).rejects.toEqual(failure('BucketAlreadyOwnedByYou', 409));
    const LocationConstraint: BucketLocationConstraint = 'eu-west-1';
    const elsewhere = new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration: { LocationConstraint } });
    await expect(local.s3.send(elsewhere)).rejects.toEqual(failure('IllegalLocationConstraintException', 400));
    const { Buckets } = await local.s3.send(new ListBucketsCommand());
    expect(Buckets).toEqual([{ Name: Bucket, CreationDate: local.clock.time }]);
    expect((await local.s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
  });

  it('have the defaults of today, and say by code what is not set', async () => {
    const { s3 } = local;
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, RestrictPublicBuckets: true });
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();

    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toEqual(failure('NoSuchTagSet', 404));
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toEqual(failure('NoSuchBucketPolicy', 404));
    await expect(s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).rejects.toEqual(
      failure('ObjectLockConfigurationNotFoundError', 404),
    );
  });

  it('keep what was configured', async () => {
    const { s3 } = local;
    const TagSet = [{ Key: 'team', Value: 'a' }];
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    const Rules = [
      {
        ...{ ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: '' } },
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      },
    ];
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    const ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }],
    };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));

    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(encryption.ServerSideEncryptionConfiguration).toEqual(ServerSideEncryptionConfiguration);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    await expect(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toEqual(
      failure('NoSuchLifecycleConfiguration', 404),
    );
  });
});

describe('permissions', () => {
  const arn = `arn:aws:s3:::${Bucket}`;
  const denyUnconditional = {
    ...{ Sid: 'ConditionalOnly', Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `${arn}/*` },
    Condition: { Null: { 's3:if-none-match': 'true' } },
  };
  const setPolicy = (...statements: object[]) =>
    local.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));

  it("denies even the administrator an unconditional put when the bucket's policy says so", async () => {
    await setPolicy(denyUnconditional);

    const denied = failure('AccessDenied', 403, /explicit deny in a resource-based policy/);
    await expect(put('record')).rejects.toEqual(denied);
    await put('record', 'x', { IfNoneMatch: '*' });
  });

  it('evaluates aws:SecureTransport: requests count as sent over TLS', async () => {
    const deny = (value: string) => ({
      ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Resource: [arn, `${arn}/*`] },
      Condition: { Bool: { 'aws:SecureTransport': value } },
    });

    await setPolicy(deny('false'));
    await put('record');
    await setPolicy(deny('true'));
    await expect(put('record')).rejects.toEqual(failure('AccessDenied', 403));
  });

  it('denies deletes to everyone, of versions as well', async () => {
    await enableVersioning();
    const { VersionId } = await put('record');
    const Action = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
    await setPolicy({ Effect: 'Deny', Principal: '*', Action, Resource: `${arn}/*` });

    for (const target of [{ Key: 'record' }, { Key: 'record', VersionId }]) {
      const deletion = local.s3.send(new DeleteObjectCommand({ Bucket, ...target }));
      await expect(deletion).rejects.toEqual(failure('AccessDenied', 403));
    }
    const Objects = [{ Key: 'record', VersionId }];
    const { Errors } = await local.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Errors).toMatchObject([{ Key: 'record', Code: 'AccessDenied' }]);
  });

  it('refuses a bucket policy that speaks of another bucket, or of an empty resource', async () => {
    const about = (Resource: string) => ({ ...denyUnconditional, Resource });

    for (const resource of ['arn:aws:s3:::other/*', `${arn}-2/*`, '']) {
      await expect(setPolicy(about(resource))).rejects.toEqual(failure('MalformedPolicy', 400));
    }
  });

  it('tells a caller who may not list that a missing key is forbidden, and one who may that it is missing', async () => {
    const writer = await roleWith(statement('Allow', ['s3:GetObject', 's3:PutObject'], `${arn}/*`));
    const get = () => writer.s3.send(new GetObjectCommand({ Bucket, Key: 'none' }));

    await expect(get()).rejects.toEqual(failure('AccessDenied', 403, /s3:ListBucket/));
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    await local.iam.send(new AttachRolePolicyCommand({ RoleName: 'writer', PolicyArn }));
    await expect(get()).rejects.toEqual(failure('NoSuchKey', 404));
  });

  it('lets a role list only under the prefix that its policy names', async () => {
    const Condition = { StringLike: { 's3:prefix': 'mine/*' } };
    const writer = await roleWith(statement('Allow', 's3:ListBucket', arn, { Condition }));
    const list = (Prefix: string) => writer.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));

    await list('mine/a');
    await expect(list('yours/')).rejects.toEqual(failure('AccessDenied', 403));
  });

  it('knows the account of a resource, as the bootstrap roles ask', async () => {
    const Condition = { StringEquals: { 'aws:ResourceAccount': '999999999999' } };
    const writer = await roleWith(statement('Allow', 's3:PutObject', '*', { Condition }));

    const write = writer.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    await expect(write).rejects.toEqual(failure('AccessDenied', 403));
  });
});
