import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type CloudTrailRecord, toTheSecond } from './cloudtrail-record';
import type { TrailBucket } from './trail-bucket';
import type { DeliveredFile, Trail, Trails } from './trails';

/** Writes what trails logged into their buckets. AWS does so about every five minutes, and a digest every hour. */
export class TrailDelivery {
  constructor(
    private readonly account: string,
    private readonly trails: Trails,
    private readonly bucket: TrailBucket,
    private readonly now: () => Date,
  ) {}

  /** One file a trail and Region; gives their keys. What cannot be written stays and is tried again the next time. */
  async deliver(): Promise<string[]> {
    const keys: string[] = [];
    for (const trail of this.trails.list()) {
      const batch = trail.pending.splice(0);
      for (const region of new Set(batch.map(({ awsRegion }) => awsRegion))) {
        const records = batch.filter(({ awsRegion }) => awsRegion === region);
        const key = await this.deliverFile(trail, region, records);
        keys.push(...(key === undefined ? [] : [key]));
      }
    }
    return keys;
  }

  /**
   * A digest for each trail with log file validation, over the files since the one before, chained by hash. It is *not
   * signed*: the keys are AWS's, so `aws cloudtrail validate-logs` cannot pass here.
   * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
   */
  async deliverDigests(): Promise<string[]> {
    const keys: string[] = [];
    for (const trail of this.trails.list().filter(({ isValidated, isLogging }) => isValidated && isLogging)) {
      const end = this.now();
      const region = trail.homeRegion;
      const name = `${this.account}_CloudTrail-Digest_${region}_${trail.name}_${region}_${compact(end)}.json.gz`;
      const key = this.bucket.folder(trail, 'CloudTrail-Digest', region, end) + name;
      const files = trail.undigested.splice(0);
      const { lastDigest } = trail;
      const content = {
        awsAccountId: this.account,
        digestStartTime: toTheSecond(lastDigest?.end ?? trail.started ?? end),
        digestEndTime: toTheSecond(end),
        ...{ digestS3Bucket: trail.bucket, digestS3Object: key },
        ...{ digestPublicKeyFingerprint: null, digestSignatureAlgorithm: null },
        newestEventTime: extreme(files, 'newest') ?? null,
        oldestEventTime: extreme(files, 'oldest') ?? null,
        previousDigestS3Bucket: lastDigest?.bucket ?? null,
        previousDigestS3Object: lastDigest?.key ?? null,
        previousDigestHashValue: lastDigest?.sha256 ?? null,
        previousDigestHashAlgorithm: lastDigest ? 'SHA-256' : null,
        previousDigestSignature: null,
        logFiles: files.map((file) => ({
          ...{ s3Bucket: file.bucket, s3Object: file.key, hashValue: file.sha256, hashAlgorithm: 'SHA-256' },
          ...{ newestEventTime: file.newest, oldestEventTime: file.oldest },
        })),
      };
      const text = JSON.stringify(content);
      await this.bucket.put(trail, key, gzipSync(text));
      trail.lastDigest = { bucket: trail.bucket, key, sha256: sha256(text), oldest: undefined, newest: undefined, end };
      trail.digestDelivered = end;
      keys.push(key);
    }
    return keys;
  }

  private async deliverFile(trail: Trail, region: string, records: CloudTrailRecord[]): Promise<string | undefined> {
    const time = this.now();
    const stamp = `${compact(time).slice(0, 13)}Z`;
    const unique = randomBytes(12).toString('base64url').replace(/[-_]/g, '0');
    const key =
      this.bucket.folder(trail, 'CloudTrail', region, time) +
      `${this.account}_CloudTrail_${region}_${stamp}_${unique}.json.gz`;
    const text = JSON.stringify({ Records: records });
    try {
      await this.bucket.put(trail, key, gzipSync(text));
    } catch (error) {
      trail.deliveryError = (error as Error).name;
      trail.pending.unshift(...records);
      return undefined;
    }
    trail.delivered = time;
    trail.deliveryError = undefined;
    const times = records.map(({ eventTime }) => eventTime).sort();
    trail.undigested.push({
      ...{ bucket: trail.bucket, key, sha256: sha256(text), oldest: times[0], newest: times.at(-1) },
    });
    return key;
  }
}

/** `20261122T120000Z` */
function compact(time: Date): string {
  return toTheSecond(time).replace(/[-:]/g, '');
}

function extreme(files: readonly DeliveredFile[], which: 'oldest' | 'newest'): string | undefined {
  const times = files.flatMap((file) => file[which] ?? []).sort();
  return which === 'oldest' ? times[0] : times.at(-1);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
