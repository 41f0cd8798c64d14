import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { ReviewSource, StoredObject } from '../../core/ledger/review-source';

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

  async listObjects(Prefix: string, limit: number, StartAfter?: string): Promise<StoredObject[]> {
    const query = { Bucket: this.bucket, Prefix, MaxKeys: Math.min(limit, 1_000), StartAfter };
    const found: StoredObject[] = [];
    // A page may hold fewer keys than were asked for.
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, query)) {
      for (const { Key, LastModified, Size } of Contents) {
        if (Key !== undefined) found.push({ key: Key, time: LastModified ?? new Date(0), size: Size ?? 0 });
      }
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
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
