import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Clock } from './clock';
import { isAwsError } from './error-code';
import type { ObjectStore } from './object-store';
import { doubling, retry } from './retry';

const CONFLICT_TRIES = 8;

/** The bucket with the ledger and the archive. */
export class S3ObjectStore implements ObjectStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly clock: Clock,
  ) {}

  async list(prefix: string, limit: number, after?: string): Promise<string[]> {
    const keys: string[] = [];
    let isTruncated = true;
    // A page may hold fewer keys than were asked for: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    while (isTruncated && keys.length < limit) {
      const query = { Prefix: prefix, MaxKeys: limit - keys.length, StartAfter: keys.at(-1) ?? after };
      const found = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, ...query }));
      const more = (found.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      keys.push(...more);
      isTruncated = found.IsTruncated === true && more.length > 0;
    }
    return keys;
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
