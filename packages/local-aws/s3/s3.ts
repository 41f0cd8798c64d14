import * as client from '@aws-sdk/client-s3';
import type { Service } from '../service';
import { S3Protocol } from '../wire/s3-protocol';
import { bucketConfigurations } from './s3-bucket-configurations';
import { bucketOperations } from './s3-buckets';
import { listings } from './s3-listings';
import { bucketNotifications } from './s3-notifications';
import { objectOperations } from './s3-objects';
import { S3State } from './s3-state';

/** Buckets and objects; no multipart uploads, copies or access points. */
/** @param most at most so many keys a list, where S3 would give more */
export function s3(state = new S3State(), most?: number): Service {
  return {
    name: 's3',
    signingName: 's3',
    client,
    protocol: new S3Protocol(),
    operations: {
      ...bucketOperations(state),
      ...bucketConfigurations(state),
      ...bucketNotifications(state),
      ...listings(state, most),
      ...objectOperations(state),
    },
  };
}
