import type {
  ListObjectsCommandInput,
  ListObjectsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { s3Authorization } from './s3-authorization';
import type { S3State, StoredVersion } from './s3-state';
import { urlEncoded } from './s3-url-encoding';

interface ListInput {
  Bucket: string | undefined;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
}

/** S3's lists of objects, of versions, and of common prefixes. */
export function listings(state: S3State, most = 1000): Record<string, Operation> {
  const authorize =
    (action: string) =>
    ({ Bucket, Prefix, Delimiter, MaxKeys }: ListInput) => [
      s3Authorization(state, action, Bucket, undefined, {
        ...{ 's3:prefix': Prefix, 's3:delimiter': Delimiter },
        's3:max-keys': MaxKeys === undefined ? undefined : String(MaxKeys),
      }),
    ];
  const objects = (bucket: string | undefined) => {
    const found = state.bucket(bucket);
    return found.versions().filter((version) => version.body && found.isLatest(version));
  };

  /** As the client can read it: in XML 1.0 some characters of keys cannot stand. */
  const shown = <T extends object>(answer: T, { EncodingType }: { EncodingType?: string }): T => {
    if (EncodingType !== undefined && EncodingType !== 'url') {
      throw new AwsError('InvalidArgument', 400, 'Invalid Encoding Method specified in Request');
    }
    return EncodingType ? urlEncoded(answer) : answer;
  };

  return {
    ListObjectsV2: operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>({
      authorize: authorize('ListBucket'),
      run: (input, call) => {
        supportedMembers(
          call,
          input,
          'Bucket Prefix Delimiter MaxKeys StartAfter ContinuationToken FetchOwner EncodingType',
        );
        const { Bucket, Prefix = '', Delimiter, StartAfter, ContinuationToken } = input;
        const after = ContinuationToken === undefined ? StartAfter : decodeToken(ContinuationToken);
        const { entries, prefixes, last } = page(objects(Bucket), input, most, (key) => !isAfter(key, after));
        const answer = {
          ...{ Name: Bucket, Prefix, Delimiter, StartAfter, ContinuationToken, MaxKeys: input.MaxKeys ?? 1000 },
          ...{ IsTruncated: last !== undefined, KeyCount: entries.length + prefixes.length },
          NextContinuationToken: last === undefined ? undefined : Buffer.from(last).toString('base64url'),
          ...{ Contents: entries.map(listed), CommonPrefixes: prefixes.map((prefix) => ({ Prefix: prefix })) },
        };
        return shown(answer, input);
      },
    }),
    ListObjects: operation<ListObjectsCommandInput, ListObjectsCommandOutput>({
      authorize: authorize('ListBucket'),
      run: (input, call) => {
        supportedMembers(call, input, 'Bucket Prefix Delimiter MaxKeys Marker EncodingType');
        const { Bucket, Prefix = '', Delimiter, Marker = '' } = input;
        const { entries, prefixes, last } = page(objects(Bucket), input, most, (key) => !isAfter(key, Marker));
        const answer = {
          ...{ Name: Bucket, Prefix, Delimiter, Marker, MaxKeys: input.MaxKeys ?? 1000 },
          ...{ IsTruncated: last !== undefined, NextMarker: Delimiter === undefined ? undefined : last },
          ...{ Contents: entries.map(listed), CommonPrefixes: prefixes.map((prefix) => ({ Prefix: prefix })) },
        };
        return shown(answer, input);
      },
    }),
    ListObjectVersions: operation<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput>({
      authorize: authorize('ListBucketVersions'),
      run: (input, call) => {
        supportedMembers(call, input, 'Bucket Prefix MaxKeys KeyMarker VersionIdMarker EncodingType');
        const { Bucket, Prefix = '', KeyMarker, VersionIdMarker } = input;
        const bucket = state.bucket(Bucket);
        const all = bucket.versions().filter(({ key }) => key.startsWith(Prefix));
        const at = all.findIndex(({ key, id }) => key === KeyMarker && id === VersionIdMarker);
        const rest =
          VersionIdMarker === undefined ? all.filter(({ key }) => isAfter(key, KeyMarker)) : all.slice(at + 1);
        const size = pageSize(input, most);
        const versions = rest.slice(0, size).map((version) => ({
          ...{ version, Key: version.key, VersionId: version.id, IsLatest: bucket.isLatest(version) },
          LastModified: version.time,
        }));
        const last = rest.length > size ? versions.at(-1) : undefined;
        const answer = {
          ...{ Name: Bucket, Prefix, KeyMarker, VersionIdMarker, MaxKeys: size, IsTruncated: last !== undefined },
          ...{ NextKeyMarker: last?.Key, NextVersionIdMarker: last?.VersionId },
          Versions: versions.flatMap(({ version, ...shown }) => (version.body ? { ...shown, ...listed(version) } : [])),
          DeleteMarkers: versions.flatMap(({ version, ...shown }) => (version.body ? [] : shown)),
        };
        return shown(answer, input);
      },
    }),
  };
}

/** One page of keys and of prefixes up to the delimiter; `last` is where the next one starts, if there is more. */
function page(all: StoredVersion[], input: ListInput, most: number, skip: (key: string) => boolean) {
  const { Prefix = '', Delimiter } = input;
  const size = pageSize(input, most);
  const entries: StoredVersion[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const object of all.filter(({ key }) => key.startsWith(Prefix))) {
    const cut = Delimiter ? object.key.indexOf(Delimiter, Prefix.length) : -1;
    const name = Delimiter && cut >= 0 ? object.key.slice(0, cut + Delimiter.length) : object.key;
    if (skip(object.key) || skip(name) || name === prefixes.at(-1)) {
      continue;
    }
    if (entries.length + prefixes.length >= size) {
      return { entries, prefixes, last };
    }
    last = name;
    if (cut >= 0) {
      prefixes.push(name);
    } else {
      entries.push(object);
    }
  }
  return { entries, prefixes, last: undefined };
}

function pageSize({ MaxKeys = 1000 }: ListInput, most: number): number {
  if (!(MaxKeys >= 0)) {
    throw new AwsError('InvalidArgument', 400, 'Argument maxKeys must be an integer between 0 and 2147483647');
  }
  return Math.min(MaxKeys, most, 1000);
}

/** Keys are ordered by their UTF-8 bytes. */
function isAfter(key: string, marker: string | undefined): boolean {
  return marker === undefined || Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0;
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') !== token || token === '') {
    throw new AwsError('InvalidArgument', 400, 'The continuation token provided is incorrect');
  }
  return key;
}

function listed({ key, etag, body, time }: StoredVersion) {
  return { Key: key, ETag: etag, Size: body?.length ?? 0, LastModified: time, StorageClass: 'STANDARD' as const };
}
