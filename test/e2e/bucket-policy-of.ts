import { GetBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';

/** A bucket's own policy. */
export async function bucketPolicyOf(s3: S3Client, Bucket: string): Promise<object> {
  return JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? '{}');
}
