import { randomUUID } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import type { Authorizer } from '../iam/authorizer';
import type { Principal } from '../iam/principal';
import type { S3State } from '../s3/s3-state';
import type { CredentialStore } from '../sts/credential-store';

const SERVICE = 'cloudtrail.amazonaws.com';
const ACL = 'bucket-owner-full-control';

export interface TrailBucketOptions {
  readonly account: string;
  readonly region: string;
  readonly endpoint: () => string;
  readonly authorizer: Authorizer;
  readonly credentials: CredentialStore;
  readonly buckets: S3State;
}

interface Destination {
  readonly arn: string;
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly kmsKeyId: string | undefined;
}

/** What CloudTrail does to a trail's bucket: in its own name, under the bucket's policy. */
export class TrailBucket {
  constructor(private readonly options: TrailBucketOptions) {}

  /** `[prefix/]AWSLogs/ACCOUNT/FOLDER/REGION/YYYY/MM/DD/` */
  folder({ prefix }: Destination, folder: string, region: string, time: Date): string {
    const day = time.toISOString().slice(0, 10).replaceAll('-', '/');
    return `${prefix ? `${prefix}/` : ''}AWSLogs/${this.options.account}/${folder}/${region}/${day}/`;
  }

  /**
   * Whether the policy lets CloudTrail read the bucket's ACL and write log files, as CreateTrail checks.
   * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
   */
  async check(destination: Destination, call: Call): Promise<void> {
    const { authorizer, buckets } = this.options;
    const found = buckets.find(destination.bucket);
    if (!found) {
      throw new AwsError('S3BucketDoesNotExistException', 400, `S3 bucket ${destination.bucket} does not exist!`);
    }
    const arn = `arn:aws:s3:::${destination.bucket}`;
    const resourcePolicy = found.policy?.value;
    const file = `${this.folder(destination, 'CloudTrail', call.region, call.time)}${randomUUID()}.json.gz`;
    const questions = [
      { action: 's3:GetBucketAcl', resource: arn },
      { action: 's3:PutObject', resource: `${arn}/${file}`, context: this.writeContext(destination) },
    ];
    try {
      for (const question of questions) {
        await authorizer.require(this.principal(destination), call.region, { ...question, resourcePolicy });
      }
    } catch (error) {
      if (error instanceof AwsError && error.status === 403) {
        const message = `Incorrect S3 bucket policy is detected for bucket: ${destination.bucket}`;
        throw new AwsError('InsufficientS3BucketPolicyException', 400, message);
      }
      throw error;
    }
  }

  async put(destination: Destination, Key: string, Body: Uint8Array): Promise<void> {
    const { region, endpoint, credentials } = this.options;
    const client = new S3Client({
      ...{ endpoint: endpoint(), region, forcePathStyle: true },
      credentials: credentials.issue(this.principal(destination)),
    });
    const { bucket: Bucket, kmsKeyId } = destination;
    const encryption = kmsKeyId
      ? { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId }
      : { ServerSideEncryption: 'AES256' as const };
    const type = { ContentType: 'application/json', ContentEncoding: 'gzip' };
    try {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ACL, ...type, ...encryption }));
    } finally {
      client.destroy();
    }
  }

  private writeContext({ kmsKeyId }: Destination): Record<string, string> {
    return {
      's3:x-amz-acl': ACL,
      's3:x-amz-server-side-encryption': kmsKeyId ? 'aws:kms' : 'AES256',
      ...(kmsKeyId && { 's3:x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
    };
  }

  private principal({ arn }: Destination): Principal {
    return { arn: SERVICE, account: this.options.account, service: { sourceArn: arn } };
  }
}
