import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { BucketSettings } from '../core/audit/bucket-settings';
import { isAccessError } from '../core/contract/access-error';

export interface BucketSettingsRead {
  readonly settings: BucketSettings;
  /** Permissions that are missing. */
  readonly denied: readonly string[];
}

/** What a bucket is set to; what may not be read is left out and named. */
export async function bucketSettings(s3: S3Client, Bucket: string): Promise<BucketSettingsRead> {
  const denied: string[] = [];
  const ask = async <T>(permission: string, read: () => Promise<T>, none: T): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      // ServerSideEncryptionConfigurationNotFoundError, NoSuchBucketPolicy, …
      if (/^NoSuch(?!Bucket$)|NotFoundError$/.test((error as Error).name)) return none;
      if (!isAccessError(error)) throw error;
      denied.push(`s3:${permission}`);
      return undefined;
    }
  };
  const [encryption, replication, ownership, isPrivate, lifecycleRules, versioning, policy, retention] =
    await Promise.all([
      ask<BucketSettings['encryption']>(
        'GetEncryptionConfiguration',
        async () => {
          const { ServerSideEncryptionConfiguration: found } = await s3.send(
            new GetBucketEncryptionCommand({ Bucket }),
          );
          const rule = found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
          return rule ? { algorithm: rule.SSEAlgorithm ?? '', keyArn: rule.KMSMasterKeyID ?? null } : null;
        },
        null,
      ),
      ask<BucketSettings['replication']>(
        'GetReplicationConfiguration',
        async () => {
          const { ReplicationConfiguration: found } = await s3.send(new GetBucketReplicationCommand({ Bucket }));
          return (found?.Rules ?? []).map(({ Destination }) => Destination?.Bucket ?? 'another bucket');
        },
        null,
      ),
      ask<BucketSettings['ownership']>(
        'GetBucketOwnershipControls',
        async () => {
          const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
          return OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? null;
        },
        null,
      ),
      ask(
        'GetBucketPublicAccessBlock',
        async () => {
          const { PublicAccessBlockConfiguration: found = {} } = await s3.send(
            new GetPublicAccessBlockCommand({ Bucket }),
          );
          const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = found;
          return [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets].every(Boolean);
        },
        false,
      ),
      ask(
        'GetLifecycleConfiguration',
        async () => (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules?.length ?? 0,
        0,
      ),
      ask<BucketSettings['versioning']>(
        'GetBucketVersioning',
        async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? null,
        null,
      ),
      ask<BucketSettings['policy']>(
        'GetBucketPolicy',
        async () => (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? null,
        null,
      ),
      ask<BucketSettings['retention']>(
        'GetBucketObjectLockConfiguration',
        async () => {
          const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
          const { Mode, Days, Years } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
          return Mode === undefined ? null : `${Mode} for ${Days ?? (Years ?? 0) * 365} days`;
        },
        null,
      ),
    ]);
  const read = { encryption, replication, ownership, isPrivate, lifecycleRules, versioning, policy, retention };
  const settings = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  return { settings, denied: denied.sort() };
}
