import type { Authorization } from '../call';
import type { S3State } from './s3-state';

/** The question to IAM for an action on a bucket, or on a key of it: the bucket's policy has its say. */
export function s3Authorization(
  state: S3State,
  action: string,
  bucket: string | undefined,
  key?: string,
  context?: Record<string, string | undefined>,
): Authorization {
  const sent = Object.entries(context ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    action: `s3:${action}`,
    resource: `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`,
    context: Object.fromEntries(sent),
    resourcePolicy: state.find(bucket)?.policy?.value,
  };
}
