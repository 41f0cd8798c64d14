import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { ReviewSource, StoredObject } from '../../core/ledger/review-source';
import { bucketObjects } from '../bucket-objects';

/** Folders and newest objects of the ledger's bucket. */
export class S3ReviewSource implements ReviewSource {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async folders(Prefix: string): Promise<string[]> {
    const names: string[] = [];
    const query = { Bucket: this.bucket, Prefix, Delimiter: '/' };
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: this.client }, query)) {
      names.push(...CommonPrefixes.map((found) => (found.Prefix ?? '').slice(Prefix.length, -1)));
    }
    return names;
  }

  async listObjects(prefix: string, limit: number, after?: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const object of bucketObjects(this.client, { bucket: this.bucket, prefix, limit, after }))
      found.push(object);
    return found;
  }

  async read(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      return await Body?.transformToString('utf-8');
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }
}
