import type {
  DeleteObjectCommandInput,
  DeleteObjectCommandOutput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  GetObjectCommandInput,
  GetObjectCommandOutput,
  GetObjectRetentionCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
  PutObjectLegalHoldCommandInput,
  PutObjectRetentionCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError, notImplemented } from '../aws-error';
import type { Authorization, Call } from '../call';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { byteRange } from './byte-range';
import { s3Authorization } from './s3-authorization';
import type { Bucket, Retention, S3State, StoredObject, StoredVersion } from './s3-state';

const contentHeaders = 'ContentType ContentEncoding CacheControl ContentDisposition Metadata';
const checksums =
  'ChecksumAlgorithm ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ContentMD5';
const locks = 'ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus';
const putMembers = `Bucket Key Body ContentLength ACL IfNoneMatch IfMatch ServerSideEncryption SSEKMSKeyId ${contentHeaders} ${checksums} ${locks}`;

/** S3's operations on objects. */
export function objectOperations(state: S3State): Record<string, Operation> {
  const judge = (action: string, { Bucket, Key, VersionId }: KeyInput) =>
    s3Authorization(state, VersionId === undefined ? action : `${action}Version`, Bucket, Key, {
      's3:VersionId': VersionId,
    });

  return {
    PutObject: operation<PutObjectCommandInput, PutObjectCommandOutput>({
      authorize: ({ Bucket, Key, IfNoneMatch, IfMatch, ...input }) => {
        const context = {
          ...{ 's3:if-none-match': IfNoneMatch, 's3:if-match': IfMatch, 's3:x-amz-acl': input.ACL },
          's3:x-amz-server-side-encryption': input.ServerSideEncryption,
          's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
          's3:object-lock-mode': input.ObjectLockMode,
          's3:object-lock-retain-until-date': input.ObjectLockRetainUntilDate?.toISOString(),
        };
        return [
          s3Authorization(state, 'PutObject', Bucket, Key, context),
          ...(input.ObjectLockMode ? [s3Authorization(state, 'PutObjectRetention', Bucket, Key)] : []),
          ...(input.ObjectLockLegalHoldStatus ? [s3Authorization(state, 'PutObjectLegalHold', Bucket, Key)] : []),
        ];
      },
      run: (input, call) => {
        supportedMembers(call, input, putMembers);
        const { Bucket, Key = '', ContentType, ContentEncoding, CacheControl, ContentDisposition, Metadata } = input;
        if (input.IfNoneMatch !== undefined && input.IfNoneMatch !== '*') {
          throw notImplemented('s3 PutObject: If-None-Match other than * (neither does S3)');
        }
        const bucket = state.bucket(Bucket);
        const hasLock = input.ObjectLockMode ?? input.ObjectLockLegalHoldStatus;
        if (hasLock && !bucket.objectLock) {
          throw new AwsError('InvalidRequest', 400, 'Bucket is missing Object Lock Configuration');
        }
        checkPut(bucket, input, call);
        const settings = {
          ...{ ContentType, ContentEncoding, CacheControl, ContentDisposition, Metadata },
          ...bucket.encryption(input),
        };
        const body = Uint8Array.from((input.Body as Uint8Array | undefined) ?? []);
        const stored = bucket.put(Key, body, settings, input, call.time);
        stored.legalHold = input.ObjectLockLegalHoldStatus;
        if (input.ObjectLockMode) {
          stored.retention = { Mode: input.ObjectLockMode, RetainUntilDate: input.ObjectLockRetainUntilDate };
        }
        return { ETag: stored.etag, ...versionId(bucket, stored), ...bucket.encryption(input) };
      },
    }),
    GetObject: operation<GetObjectCommandInput, GetObjectCommandOutput>({
      authorize: (input) => [judge('GetObject', input)],
      run: async (input, call) => {
        supportedMembers(call, input, 'Bucket Key VersionId ChecksumMode Range');
        const { bucket, object } = await readable(state, input, call);
        const { from, to, shown } = byteRange(input.Range, object.body.length);
        return { ...described(bucket, object), ...shown, Body: object.body.subarray(from, to) as never };
      },
    }),
    HeadObject: operation<HeadObjectCommandInput, HeadObjectCommandOutput>({
      authorize: (input) => [judge('GetObject', input)],
      run: async (input, call) => {
        supportedMembers(call, input, 'Bucket Key VersionId ChecksumMode Range');
        const { bucket, object } = await readable(state, input, call);
        return { ...described(bucket, object), ...byteRange(input.Range, object.body.length).shown };
      },
    }),
    DeleteObject: operation<DeleteObjectCommandInput, DeleteObjectCommandOutput>({
      authorize: (input) => [judge('DeleteObject', input), ...bypass(state, input)],
      run: (input, call) => {
        supportedMembers(call, input, 'Bucket Key VersionId BypassGovernanceRetention');
        const bucket = state.bucket(input.Bucket);
        const { VersionId, BypassGovernanceRetention = false } = input;
        const touched = bucket.delete(input.Key ?? '', VersionId, call.time, BypassGovernanceRetention);
        return deleted(bucket, touched);
      },
    }),
    DeleteObjects: operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput>({
      // Each key is judged by itself below: one denial does not spoil the others.
      authorize: () => [],
      run: async (input, call) => {
        supportedMembers(call, input, `Bucket Delete BypassGovernanceRetention ${checksums}`);
        const { Bucket, Delete: { Objects = [], Quiet = false } = {}, BypassGovernanceRetention = false } = input;
        const output: DeleteObjectsCommandOutput = { $metadata: {}, Deleted: [], Errors: [] };
        for (const { Key = '', VersionId } of Objects) {
          const target = { Bucket, Key, VersionId, BypassGovernanceRetention };
          const deletion = { service: 's3', operation: 'DeleteObject', input: target };
          try {
            for (const question of [judge('DeleteObject', target), ...bypass(state, target)]) {
              await call.require(question);
            }
            const touched = state.bucket(Bucket).delete(Key, VersionId, call.time, BypassGovernanceRetention);
            const marker = touched && !touched.body && { DeleteMarker: true, DeleteMarkerVersionId: touched.id };
            output.Deleted?.push({ Key, VersionId, ...marker });
            call.alsoRecord({ ...deletion, output: deleted(state.bucket(Bucket), touched) });
          } catch (error) {
            if (!isOfOneKey(error)) {
              throw error;
            }
            output.Errors?.push({ Key, VersionId, Code: error.code, Message: error.message });
            call.alsoRecord({ ...deletion, errorCode: error.code, errorMessage: error.message });
          }
        }
        return Quiet ? { Errors: output.Errors } : output;
      },
    }),
    PutObjectRetention: operation<PutObjectRetentionCommandInput, object>({
      authorize: (input) => [
        s3Authorization(state, 'PutObjectRetention', input.Bucket, input.Key),
        ...bypass(state, input),
      ],
      run: (input, call) => {
        supportedMembers(call, input, `Bucket Key VersionId Retention BypassGovernanceRetention ${checksums}`);
        const object = state.bucket(input.Bucket).object(input.Key ?? '', input.VersionId);
        requireNotShorter(object.retention, input.Retention ?? {}, input.BypassGovernanceRetention ?? false);
        object.retention = input.Retention;
        return {};
      },
    }),
    PutObjectLegalHold: operation<PutObjectLegalHoldCommandInput, object>({
      authorize: ({ Bucket, Key }) => [s3Authorization(state, 'PutObjectLegalHold', Bucket, Key)],
      run: (input, call) => {
        supportedMembers(call, input, `Bucket Key VersionId LegalHold ${checksums}`);
        const bucket = state.bucket(input.Bucket);
        if (!bucket.objectLock) {
          throw new AwsError('InvalidRequest', 400, 'Bucket is missing Object Lock Configuration');
        }
        bucket.object(input.Key ?? '', input.VersionId).legalHold = input.LegalHold?.Status;
        return {};
      },
    }),
    GetObjectRetention: operation<KeyInput, GetObjectRetentionCommandOutput>({
      authorize: ({ Bucket, Key }) => [s3Authorization(state, 'GetObjectRetention', Bucket, Key)],
      run: ({ Bucket, Key = '', VersionId }) => {
        const { retention } = state.bucket(Bucket).object(Key, VersionId);
        if (!retention) {
          const message = 'The specified object does not have a ObjectLock configuration';
          throw new AwsError('NoSuchObjectLockConfiguration', 404, message);
        }
        return { Retention: retention };
      },
    }),
  };
}

/**
 * What falls under Object Lock, also by the bucket's default, must come with a checksum or Content-MD5.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 * @see https://github.com/versity/versitygw/issues/1740
 */
function checkPut(bucket: Bucket, input: PutObjectCommandInput, { headers }: Call): void {
  const sent = Object.keys(headers).some((name) => /^(content-md5|x-amz-checksum-(?!algorithm|type).*)$/.test(name));
  const isChecked = sent || headers['x-amz-trailer']?.startsWith('x-amz-checksum-');
  if ((input.ObjectLockMode || input.ObjectLockLegalHoldStatus || bucket.hasDefaultRetention) && !isChecked) {
    const message =
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters';
    throw new AwsError('InvalidRequest', 400, message);
  }
  if (input.ACL !== undefined && input.ACL !== 'bucket-owner-full-control' && input.ACL !== 'private') {
    throw notImplemented(`s3 PutObject: the ACL ${input.ACL}`);
  }
}

interface KeyInput {
  Bucket: string | undefined;
  Key: string | undefined;
  VersionId?: string | undefined;
}

function bypass(state: S3State, input: KeyInput & { BypassGovernanceRetention?: boolean }): Authorization[] {
  const { Bucket, Key, BypassGovernanceRetention } = input;
  return BypassGovernanceRetention ? [s3Authorization(state, 'BypassGovernanceRetention', Bucket, Key)] : [];
}

function deleted(bucket: Bucket, touched: StoredVersion | undefined) {
  return touched ? { ...(!touched.body && { DeleteMarker: true }), ...versionId(bucket, touched) } : {};
}

/** A caller who may not list the bucket gets 403 for a key that is not there, as from S3. */
async function readable(state: S3State, { Bucket: name, Key = '', VersionId }: KeyInput, call: Call) {
  const bucket = state.bucket(name);
  try {
    return { bucket, object: bucket.object(Key, VersionId) };
  } catch (error) {
    await call.require(s3Authorization(state, 'ListBucket', name));
    throw error;
  }
}

function described(bucket: Bucket, object: StoredObject): Omit<HeadObjectCommandOutput, '$metadata'> {
  return {
    ...object.settings,
    ...versionId(bucket, object),
    ...{ ETag: object.etag, LastModified: object.time, ContentLength: object.body.length, AcceptRanges: 'bytes' },
    ContentType: object.settings.ContentType ?? 'application/octet-stream',
    ObjectLockMode: object.retention?.Mode,
    ObjectLockRetainUntilDate: object.retention?.RetainUntilDate,
    ObjectLockLegalHoldStatus: object.legalHold,
  };
}

function versionId(bucket: Bucket, { id }: StoredVersion): { VersionId?: string } {
  return bucket.versioning ? { VersionId: id } : {};
}

function requireNotShorter(before: Retention | undefined, after: Retention, bypassGovernance: boolean): void {
  const isWeaker =
    (after.RetainUntilDate?.getTime() ?? 0) < (before?.RetainUntilDate?.getTime() ?? 0) ||
    (before?.Mode === 'COMPLIANCE' && after.Mode !== 'COMPLIANCE');
  if (before && isWeaker && !(bypassGovernance && before.Mode === 'GOVERNANCE')) {
    throw new AwsError('AccessDenied', 403, 'Access Denied because object protected by object lock.');
  }
}

/** An error that ends one deletion of many, not the request. */
function isOfOneKey(error: unknown): error is AwsError {
  return error instanceof AwsError && error.code !== 'NoSuchBucket' && error.status < 500;
}
