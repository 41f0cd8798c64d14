import type {
  GetBucketNotificationConfigurationCommandOutput,
  NotificationConfiguration,
  PutBucketNotificationConfigurationCommandInput,
} from '@aws-sdk/client-s3';
import { notImplemented } from '../aws-error';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { s3Authorization } from './s3-authorization';
import type { BucketInput } from './s3-buckets';
import type { S3State } from './s3-state';

/** Whom a bucket notifies: EventBridge, or nobody. */
export function bucketNotifications(state: S3State): Record<string, Operation> {
  return {
    GetBucketNotificationConfiguration: operation<BucketInput, GetBucketNotificationConfigurationCommandOutput>({
      authorize: ({ Bucket }) => [s3Authorization(state, 'GetBucketNotification', Bucket)],
      run: ({ Bucket }) => (state.bucket(Bucket).settings.get('notification') ?? {}) as NotificationConfiguration,
    }),
    PutBucketNotificationConfiguration: operation<PutBucketNotificationConfigurationCommandInput, object>({
      authorize: ({ Bucket }) => [s3Authorization(state, 'PutBucketNotification', Bucket)],
      run: (input, call) => {
        supportedMembers(call, input, 'Bucket NotificationConfiguration');
        const { EventBridgeConfiguration, ...others } = input.NotificationConfiguration ?? {};
        const [other] = Object.entries(others).find(([, value]) => value?.length) ?? [];
        if (other) {
          throw notImplemented(`s3 PutBucketNotificationConfiguration: ${other}`);
        }
        const settings = EventBridgeConfiguration ? { EventBridgeConfiguration: {} } : {};
        state.bucket(input.Bucket).settings.set('notification', settings);
        return {};
      },
    }),
  };
}
