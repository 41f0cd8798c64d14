import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ReviewSource, StoredObject } from '../core/ledger/review-source';
import type { HandlerClock } from './clock';
import { isAwsError } from './error-code';
import type { ObjectStore } from './object-store';
import { doubling, retry } from './retry';

const CONFLICT_TRIES = 8;

/** The bucket with the ledger and the archive. */
export class S3ObjectStore implements ObjectStore, ReviewSource {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly clock: HandlerClock,
  ) {}

  async list(prefix: string, limit: number, after?: string): Promise<string[]> {
    return (await this.listObjects(prefix, limit, after)).map(({ key }) => key);
  }

  async listObjects(prefix: string, limit: number, after?: string): Promise<StoredObject[]> {
    const objects: StoredObject[] = [];
    let isTruncated = true;
    // A page may hold fewer keys than were asked for: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    while (isTruncated && objects.length < limit) {
      const query = { Prefix: prefix, MaxKeys: limit - objects.length, StartAfter: objects.at(-1)?.key ?? after };
      const found = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, ...query }));
      const more = (found.Contents ?? []).flatMap(({ Key, LastModified, Size }) =>
        // S3 answers both of every object; without a time nothing can be said of its age.
        Key === undefined ? [] : [{ key: Key, time: LastModified ?? new Date(0), size: Size ?? 0 }],
      );
      objects.push(...more);
      isTruncated = found.IsTruncated === true && more.length > 0;
    }
    return objects;
  }

  async folders(prefix: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const found = await this.client.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
      );
      for (const { Prefix } of found.CommonPrefixes ?? []) names.push((Prefix ?? '').slice(prefix.length, -1));
      token = found.NextContinuationToken;
    } while (token !== undefined);
    return names;
  }

  async read(key: string): Promise<string | undefined> {
    try {
      const found = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return await found.Body?.transformToString('utf-8');
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey', 'NotFound')) return undefined;
      throw error;
    }
  }

  putIfAbsent(key: string, body: string): Promise<'written' | 'taken'> {
    const put = async () => {
      try {
        await this.client.send(
          new PutObjectCommand({
            Bucket: this.bucket,
            Key: key,
            Body: body,
            ContentType: 'application/json',
            IfNoneMatch: '*',
          }),
        );
        return 'written';
      } catch (error) {
        if (isAwsError(error, 'PreconditionFailed')) return 'taken';
        throw error;
      }
    };
    return retry(put, {
      pauses: doubling(100, undefined, CONFLICT_TRIES - 1),
      // 409: another write of this key was under way; it says nothing about who won, S3 asks to send it again.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      isWorthIt: (error) => isAwsError(error, 'ConditionalRequestConflict'),
      clock: this.clock,
    });
  }
}
