import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { LedgerObject, ObjectVersion } from '../../core/audit/evidence';
import { isAccessError } from '../../core/contract/access-error';
import { keyKind } from '../../core/ledger/layout';

/** Objects read at once; S3 takes thousands. */
const AT_ONCE = 32;

export interface BucketListing {
  /** Every key below the prefixes, with its versions, newest first. */
  readonly keys: ReadonlyMap<string, ObjectVersion[]>;
  /** False where versions and delete markers may not be listed: each key has one version then. */
  readonly withVersions: boolean;
}

/** All keys below some prefixes with all their versions; without them where the right to list them is missing. */
export async function listVersions(s3: S3Client, Bucket: string, prefixes: readonly string[]): Promise<BucketListing> {
  const keys = new Map<string, ObjectVersion[]>();
  try {
    for (const prefix of prefixes) for await (const found of versionsBelow(s3, Bucket, prefix)) add(keys, ...found);
    return { keys, withVersions: true };
  } catch (error) {
    if (!isAccessError(error)) throw error;
  }
  keys.clear();
  for (const Prefix of prefixes) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
      for (const { Key = '', LastModified } of Contents) {
        add(keys, Key, { versionId: '', time: LastModified?.toISOString() ?? '', marker: false }, true);
      }
    }
  }
  return { keys, withVersions: false };
}

async function* versionsBelow(
  s3: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<[string, ObjectVersion, boolean]> {
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...next }),
    );
    const entries = [
      ...(page.Versions ?? []).map((version) => ({ ...version, marker: false })),
      ...(page.DeleteMarkers ?? []).map((version) => ({ ...version, marker: true })),
    ];
    for (const { Key = '', VersionId = '', LastModified, IsLatest = false, marker } of entries) {
      yield [Key, { versionId: VersionId, time: LastModified?.toISOString() ?? '', marker }, IsLatest];
    }
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    next = IsTruncated ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
  }
}

/** Newest first: S3 lists markers apart from versions, and its times are whole seconds. */
function add(keys: Map<string, ObjectVersion[]>, key: string, version: ObjectVersion, isLatest: boolean): void {
  const versions = keys.get(key);
  if (!versions) keys.set(key, [version]);
  else if (isLatest) versions.unshift(version);
  else {
    const place = versions.findIndex(({ time }, index) => index > 0 && time < version.time);
    versions.splice(place < 0 ? versions.length : place, 0, version);
  }
}

/** Reads what the registry wrote: the newest version of each of its keys that is no delete marker. */
export async function ledgerObjects(
  s3: S3Client,
  bucket: string,
  { keys }: BucketListing,
  progress: (read: number, of: number) => void,
): Promise<{ objects: LedgerObject[]; denied: number }> {
  const objects: LedgerObject[] = [];
  let denied = 0;
  const entries = [...keys];
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const batch = entries.slice(start, start + AT_ONCE).map(async ([key, versions]): Promise<LedgerObject> => {
      const version = versions.find(({ marker }) => !marker);
      if (!version || keyKind(key) === null) return { key, versions };
      try {
        const isHidden = versions[0]?.marker === true;
        const VersionId = isHidden ? version.versionId : undefined;
        const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId }));
        const { Body, ObjectLockLegalHoldStatus, SSEKMSKeyId: keyArn = null } = found;
        const legalHold = ObjectLockLegalHoldStatus === 'ON';
        return { key, versions, body: (await Body?.transformToString()) ?? '', legalHold, keyArn };
      } catch (error) {
        if (!isAccessError(error)) return { key, versions, unreadable: (error as Error).message };
        denied += 1;
        return { key, versions };
      }
    });
    objects.push(...(await Promise.all(batch)));
    progress(objects.length, entries.length);
  }
  return { objects, denied };
}
