import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientsFor, startWithClock, statement } from './local-clients';

let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

function failure(name: string, status: number, message?: RegExp) {
  const expected = { name, $metadata: expect.objectContaining({ httpStatusCode: status }) };
  return expect.objectContaining(message ? { ...expected, message: expect.stringMatching(message) } : expected);
}

describe('Object Lock', () => {
  const locked = 'locked-bucket';
  const day = 86_400_000;
  beforeEach(() => local.s3.send(new CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true })));

  it('is there from the creation of the bucket on, with versioning that cannot be suspended', async () => {
    const { ObjectLockConfiguration } = await local.s3.send(new GetObjectLockConfigurationCommand({ Bucket: locked }));
    expect(ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' });
    const suspend = { Bucket: locked, VersioningConfiguration: { Status: 'Suspended' as const } };
    await expect(local.s3.send(new PutBucketVersioningCommand(suspend))).rejects.toEqual(
      failure('InvalidBucketState', 409),
    );
  });

  it('keeps a version until its retention ends, while a plain delete only adds a marker', async () => {
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE' as const, Days: 1 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await local.s3.send(new PutObjectLockConfigurationCommand({ Bucket: locked, ObjectLockConfiguration }));
    const { VersionId } = await local.s3.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: 'x' }));
    const remove = () => local.s3.send(new DeleteObjectCommand({ Bucket: locked, Key: 'a', VersionId }));

    await local.s3.send(new DeleteObjectCommand({ Bucket: locked, Key: 'a' }));
    await expect(remove()).rejects.toEqual(failure('AccessDenied', 403, /object lock/));
    local.pass(day - 1);
    await expect(remove()).rejects.toEqual(failure('AccessDenied', 403));
    local.pass(1);
    await remove();
  });

  it('demands a checksum or Content-MD5 of what the default retention covers, as of what names a retention', async () => {
    const Rule = { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: 1 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    const silent = new S3Client({
      ...{ ...local.settings, forcePathStyle: true },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const bare = (more: object = {}) =>
      silent.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: 'x', ...more }));
    await bare();
    await local.s3.send(new PutObjectLockConfigurationCommand({ Bucket: locked, ObjectLockConfiguration }));

    await expect(bare()).rejects.toEqual(failure('InvalidRequest', 400, /Content-MD5 OR x-amz-checksum-/));
    const { VersionId } = await bare({ ContentMD5: 'nd0tXjYuHQ1oYjzKmIfYEg==' });
    const { Retention } = await local.s3.send(new GetObjectRetentionCommand({ Bucket: locked, Key: 'a', VersionId }));
    expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: new Date(local.clock.time.getTime() + day) });
  });

  it('covers versions from the day on that a default is set, not those before, and no markers', async () => {
    const first = await local.s3.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: '1' }));
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE' as const, Days: 1 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await local.s3.send(new PutObjectLockConfigurationCommand({ Bucket: locked, ObjectLockConfiguration }));
    await local.s3.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: '2' }));
    const marker = await local.s3.send(new DeleteObjectCommand({ Bucket: locked, Key: 'a' }));

    const listed = await local.s3.send(new ListObjectVersionsCommand({ Bucket: locked }));
    expect([listed.Versions?.length, listed.DeleteMarkers?.length]).toEqual([2, 1]);
    expect(listed.DeleteMarkers?.[0]).toMatchObject({ VersionId: marker.VersionId, IsLatest: true });
    const old = await local.s3.send(new GetObjectCommand({ Bucket: locked, Key: 'a', VersionId: first.VersionId }));
    expect(await old.Body?.transformToString()).toBe('1');
    for (const VersionId of [first.VersionId, marker.VersionId]) {
      await local.s3.send(new DeleteObjectCommand({ Bucket: locked, Key: 'a', VersionId }));
    }
    const { Body } = await local.s3.send(new GetObjectCommand({ Bucket: locked, Key: 'a' }));
    expect(await Body?.transformToString()).toBe('2');
  });

  it('is bypassed only by who may s3:BypassGovernanceRetention', async () => {
    const Retention = { Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date(local.clock.time.getTime() + day) };
    const { VersionId } = await local.s3.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: 'x' }));
    const target = { Bucket: locked, Key: 'a', VersionId };
    await local.s3.send(new PutObjectRetentionCommand({ ...target, Retention }));
    const statements = [statement('Allow', 's3:*', '*'), statement('Deny', 's3:BypassGovernanceRetention', '*')];
    const keys = local.aws.user('cleaner', [{ Version: '2012-10-17', Statement: statements }]);

    await expect(
      clientsFor(local.aws, keys).s3.send(new DeleteObjectCommand({ ...target, BypassGovernanceRetention: true })),
    ).rejects.toEqual(failure('AccessDenied', 403, /BypassGovernanceRetention/));
    await local.s3.send(new DeleteObjectCommand({ ...target, BypassGovernanceRetention: true }));
  });

  it('lets governance be bypassed, and a retention grow but not shrink', async () => {
    const until = (days: number) => new Date(local.clock.time.getTime() + days * day);
    const retention = (days: number) => ({ Mode: 'GOVERNANCE' as const, RetainUntilDate: until(days) });
    const { VersionId } = await local.s3.send(new PutObjectCommand({ Bucket: locked, Key: 'a', Body: 'x' }));
    const target = { Bucket: locked, Key: 'a', VersionId };
    const retain = (days: number) =>
      local.s3.send(new PutObjectRetentionCommand({ ...target, Retention: retention(days) }));

    await retain(2);
    await retain(3);
    await expect(retain(1)).rejects.toEqual(failure('AccessDenied', 403));
    await expect(local.s3.send(new DeleteObjectCommand(target))).rejects.toEqual(failure('AccessDenied', 403));
    await local.s3.send(new DeleteObjectCommand({ ...target, BypassGovernanceRetention: true }));
  });
});
