import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { StoredObject } from '../core/ledger/review-source';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const KEYS_OF_A_PAGE = 1_000;

export interface ObjectsQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Key behind which they begin. @default - the first one */
  readonly after?: string | undefined;
  /** @default - all */
  readonly limit?: number | undefined;
}

/** Objects of a bucket in UTF-8 order of their keys, listed as far as somebody goes through them. */
export async function* bucketObjects(
  client: S3Client,
  { bucket, prefix, after, limit = Number.POSITIVE_INFINITY }: ObjectsQuery,
): AsyncGenerator<StoredObject> {
  const query = { Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: Math.min(limit, KEYS_OF_A_PAGE) };
  let left = limit;
  // A page may hold fewer keys than were asked for.
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, query)) {
    for (const { Key, LastModified, Size } of Contents) {
      if (Key === undefined) continue;
      yield { key: Key, time: LastModified ?? new Date(0), size: Size ?? 0 };
      left -= 1;
      if (left <= 0) return;
    }
  }
}
