import { createHash, randomBytes } from 'node:crypto';
import type { ServerSideEncryption, ServerSideEncryptionConfiguration } from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error';

export interface Retention {
  readonly Mode?: 'COMPLIANCE' | 'GOVERNANCE';
  readonly RetainUntilDate?: Date;
}

/** What a put keeps with the bytes: headers that are given back, in the API's names. */
export interface ObjectSettings {
  readonly ContentType?: string;
  readonly ContentEncoding?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly Metadata?: Record<string, string>;
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
}

type Encryption = Pick<ObjectSettings, 'ServerSideEncryption' | 'SSEKMSKeyId'>;

/** One version of a key: an object, or a delete marker when there is no body. */
export interface StoredVersion {
  readonly key: string;
  /** `null` where the bucket has no versioning. */
  readonly id: string;
  readonly time: Date;
  readonly body?: Uint8Array;
  readonly etag: string;
  readonly settings: ObjectSettings;
  retention?: Retention;
  legalHold?: 'ON' | 'OFF';
}

export interface StoredObject extends StoredVersion {
  readonly body: Uint8Array;
}

export interface PutConditions {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}

export class Bucket {
  versioning: 'Enabled' | 'Suspended' | undefined;
  policy: { readonly text: string; readonly value: object } | undefined;
  /** Configurations that are stored and given back, by name. */
  readonly settings = new Map<string, object>();
  /** Versions of each key, newest first. */
  private readonly keys = new Map<string, StoredVersion[]>();

  constructor(
    readonly name: string,
    readonly created: Date,
    readonly objectLock: boolean,
  ) {
    this.versioning = objectLock ? 'Enabled' : undefined;
  }

  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  /** All versions, by key in the order of its bytes, newest first. */
  versions(): StoredVersion[] {
    const keys = [...this.keys.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return keys.flatMap((key) => this.keys.get(key) ?? []);
  }

  isLatest(version: StoredVersion): boolean {
    return this.keys.get(version.key)?.[0] === version;
  }

  /** Throws NoSuchKey or NoSuchVersion, and MethodNotAllowed for a marker that is asked for by its id. */
  object(key: string, id?: string): StoredObject {
    const versions = this.keys.get(key) ?? [];
    const found = id === undefined ? versions[0] : versions.find((version) => version.id === id);
    if (found?.body) {
      return found as StoredObject;
    }
    if (id === undefined) {
      throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.');
    }
    throw found
      ? new AwsError('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.')
      : new AwsError('NoSuchVersion', 404, 'The specified version does not exist.');
  }

  /**
   * A marker counts as no object, so `If-None-Match: *` succeeds over it. S3 can also answer 409
   * ConditionalRequestConflict to writes that race; here writes never overlap, an interceptor makes that fault.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   */
  put(key: string, body: Uint8Array, settings: ObjectSettings, conditions: PutConditions, time: Date): StoredVersion {
    const current = this.keys.get(key)?.[0];
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    if (conditions.IfMatch !== undefined) {
      const { etag: found } = this.object(key);
      requireCondition(unquoted(conditions.IfMatch) === unquoted(found), 'If-Match');
    }
    requireCondition(conditions.IfNoneMatch === undefined || !current?.body, 'If-None-Match');
    const stored = { key, id: this.nextId(), time, body, etag, settings, retention: this.defaultRetention(time) };
    this.push(stored);
    return stored;
  }

  /** Without an id: a marker under versioning, else the object itself. Answers what was added or removed. */
  delete(key: string, id: string | undefined, time: Date, bypassGovernance: boolean): StoredVersion | undefined {
    if (id === undefined && this.versioning) {
      const marker = { key, id: this.nextId(), time, etag: '', settings: {} };
      this.push(marker);
      return marker;
    }
    const versions = this.keys.get(key) ?? [];
    const found = versions.find((version) => version.id === (id ?? 'null'));
    if (found) {
      requireUnlocked(found, time, bypassGovernance);
      this.replace(
        key,
        versions.filter((version) => version !== found),
      );
    }
    return found;
  }

  private push(version: StoredVersion): void {
    const others = (this.keys.get(version.key) ?? []).filter(({ id }) => id !== 'null' || version.id !== 'null');
    this.replace(version.key, [version, ...others]);
  }

  private replace(key: string, versions: StoredVersion[]): void {
    if (versions.length > 0) {
      this.keys.set(key, versions);
    } else {
      this.keys.delete(key);
    }
  }

  private nextId(): string {
    return this.versioning === 'Enabled' ? randomBytes(16).toString('hex') : 'null';
  }

  get hasDefaultRetention(): boolean {
    return this.defaultRetention(new Date(0)) !== undefined;
  }

  /** How an object is encrypted: as the request says, else as the bucket does. It is a record, nothing is encrypted. */
  encryption({ ServerSideEncryption, SSEKMSKeyId }: Encryption): Encryption {
    if (ServerSideEncryption) {
      return { ServerSideEncryption, SSEKMSKeyId };
    }
    const { Rules = [] } = (this.settings.get('encryption') ?? {}) as Partial<ServerSideEncryptionConfiguration>;
    const byDefault = Rules[0]?.ApplyServerSideEncryptionByDefault;
    return {
      ServerSideEncryption: byDefault?.SSEAlgorithm ?? 'AES256',
      SSEKMSKeyId: byDefault?.KMSMasterKeyID,
    };
  }

  private defaultRetention(time: Date): Retention | undefined {
    const lock = this.settings.get('objectLock') as
      | { Rule?: { DefaultRetention?: { Mode?: Retention['Mode']; Days?: number; Years?: number } } }
      | undefined;
    const { Mode, Days = 0, Years = 0 } = lock?.Rule?.DefaultRetention ?? {};
    return Mode && { Mode, RetainUntilDate: new Date(time.getTime() + (Days + Years * 365) * 86_400_000) };
  }
}

/** The buckets of one account. */
export class S3State {
  private readonly buckets = new Map<string, Bucket>();

  list(): Bucket[] {
    return [...this.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name = ''): Bucket | undefined {
    return this.buckets.get(name);
  }

  bucket(name = ''): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) {
      throw new AwsError('NoSuchBucket', 404, 'The specified bucket does not exist');
    }
    return bucket;
  }

  create(bucket: Bucket): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket.name)) {
      throw new AwsError('InvalidBucketName', 400, `The specified bucket is not valid: ${bucket.name}`);
    }
    if (this.buckets.has(bucket.name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsError('BucketAlreadyOwnedByYou', 409, message);
    }
    this.buckets.set(bucket.name, bucket);
  }

  delete(name: string | undefined): void {
    const bucket = this.bucket(name);
    if (!bucket.isEmpty) {
      throw new AwsError('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty');
    }
    this.buckets.delete(bucket.name);
  }
}

function requireCondition(holds: boolean, header: string): void {
  if (!holds) {
    const message = `At least one of the pre-conditions you specified did not hold (${header})`;
    throw new AwsError('PreconditionFailed', 412, message);
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
function requireUnlocked({ retention, legalHold }: StoredVersion, time: Date, bypassGovernance: boolean): void {
  const isRetained = (retention?.RetainUntilDate?.getTime() ?? 0) > time.getTime();
  const isBypassed = bypassGovernance && retention?.Mode === 'GOVERNANCE';
  if (legalHold === 'ON' || (isRetained && !isBypassed)) {
    throw new AwsError('AccessDenied', 403, 'Access Denied because object protected by object lock.');
  }
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
