import { AwsError } from '../aws-error';
import { type Operation, operation } from '../service';
import { s3Authorization } from './s3-authorization';
import type { BucketInput } from './s3-buckets';
import type { Bucket, S3State } from './s3-state';

/** A configuration of a bucket that is stored and given back as it came. */
interface Configuration {
  /** In the operations' names: `GetBucketTagging`, `PutBucketTagging`, `DeleteBucketTagging`. */
  readonly operations: string;
  /** IAM's name for it, `s3:Get…` and `s3:Put…`; removing counts as putting. */
  readonly permission: string;
  readonly member: string;
  /** The answer carries the member's own members. */
  readonly flat?: boolean;
  readonly missing: string;
  readonly key: string;
  readonly byDefault?: (bucket: Bucket) => object | undefined;
  readonly noDelete?: boolean;
}

/** Defaults of new buckets since 2023. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/creating-bucket.html */
const configurations: Configuration[] = [
  {
    ...{ operations: 'BucketEncryption', permission: 'EncryptionConfiguration', key: 'encryption' },
    member: 'ServerSideEncryptionConfiguration',
    missing: 'ServerSideEncryptionConfigurationNotFoundError',
    byDefault: () => ({ Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] }),
  },
  {
    ...{ operations: 'PublicAccessBlock', permission: 'BucketPublicAccessBlock', key: 'publicAccessBlock' },
    member: 'PublicAccessBlockConfiguration',
    missing: 'NoSuchPublicAccessBlockConfiguration',
    byDefault: () => ({
      ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
    }),
  },
  {
    ...{ operations: 'BucketReplication', permission: 'ReplicationConfiguration', key: 'replication' },
    member: 'ReplicationConfiguration',
    missing: 'ReplicationConfigurationNotFoundError',
  },
  {
    ...{ operations: 'BucketOwnershipControls', permission: 'BucketOwnershipControls', key: 'ownership' },
    member: 'OwnershipControls',
    missing: 'OwnershipControlsNotFoundError',
  },
  {
    ...{ operations: 'BucketLifecycleConfiguration', permission: 'LifecycleConfiguration', key: 'lifecycle' },
    ...{ member: 'LifecycleConfiguration', flat: true },
    missing: 'NoSuchLifecycleConfiguration',
  },
  {
    ...{ operations: 'BucketTagging', permission: 'BucketTagging', key: 'tagging' },
    ...{ member: 'Tagging', flat: true },
    missing: 'NoSuchTagSet',
  },
  {
    ...{ operations: 'ObjectLockConfiguration', permission: 'BucketObjectLockConfiguration', key: 'objectLock' },
    member: 'ObjectLockConfiguration',
    missing: 'ObjectLockConfigurationNotFoundError',
    byDefault: ({ objectLock }) => (objectLock ? { ObjectLockEnabled: 'Enabled' } : undefined),
    noDelete: true,
  },
];

export function bucketConfigurations(state: S3State): Record<string, Operation> {
  return Object.assign({}, ...configurations.map((configuration) => threeOperations(state, configuration)));
}

function threeOperations(state: S3State, configuration: Configuration): Record<string, Operation> {
  const { operations: name, permission, member, key, missing, byDefault, noDelete } = configuration;
  const authorize =
    (verb: 'Get' | 'Put') =>
    ({ Bucket }: BucketInput) => [s3Authorization(state, verb + permission, Bucket)];
  return {
    [`Get${name}`]: operation<BucketInput, object>({
      authorize: authorize('Get'),
      run: ({ Bucket }) => {
        const bucket = state.bucket(Bucket);
        const found = bucket.settings.has(key) ? bucket.settings.get(key) : byDefault?.(bucket);
        if (!found || Object.keys(found).length === 0) {
          throw new AwsError(missing, 404, `The bucket ${bucket.name} has no such configuration: ${key}`);
        }
        return configuration.flat ? found : { [member]: found };
      },
    }),
    [`Put${name}`]: operation<BucketInput & Record<string, unknown>, object>({
      authorize: authorize('Put'),
      run: (input) => {
        const bucket = state.bucket(input.Bucket);
        if (key === 'objectLock' && !bucket.objectLock) {
          const message =
            'Object Lock configuration cannot be enabled on existing buckets here: create the bucket with it';
          throw new AwsError('InvalidBucketState', 409, message);
        }
        bucket.settings.set(key, (input[member] ?? {}) as object);
        return {};
      },
    }),
    ...(!noDelete && {
      // The operation that removes the lifecycle is called DeleteBucketLifecycle.
      [`Delete${name === 'BucketLifecycleConfiguration' ? 'BucketLifecycle' : name}`]: operation<BucketInput, object>({
        authorize: authorize('Put'),
        run: ({ Bucket }) => {
          const { settings } = state.bucket(Bucket);
          // Encryption cannot be taken away: the default comes back.
          if (key === 'encryption') {
            settings.delete(key);
          } else {
            settings.set(key, {});
          }
          return {};
        },
      }),
    }),
  };
}
