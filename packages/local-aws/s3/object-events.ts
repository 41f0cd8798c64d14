import { randomUUID } from 'node:crypto';
import type { EndedCall } from '../call';
import type { S3State } from './s3-state';

/** What S3 tells EventBridge. */
export interface ObjectEvent {
  readonly 'detail-type': 'Object Created' | 'Object Deleted';
  readonly source: 'aws.s3';
  readonly [field: string]: unknown;
}

/**
 * The event of a call that made or deleted an object in a bucket whose notifications go to EventBridge.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function objectEvents(state: S3State, account: string, emit: (event: ObjectEvent) => void) {
  let sequence = 0;
  return (call: EndedCall): void => {
    const { operation, input, output, errorCode, region, time } = call;
    const isWrite = operation === 'PutObject' || operation === 'DeleteObject';
    if (call.service !== 's3' || !isWrite || errorCode !== undefined || !output) {
      return;
    }
    const bucket = String(input.Bucket);
    const settings = state.find(bucket)?.settings.get('notification');
    if (!settings || !('EventBridgeConfiguration' in settings)) {
      return;
    }
    sequence += 1;
    const { ETag, VersionId, DeleteMarker } = output as { ETag?: string; VersionId?: string; DeleteMarker?: boolean };
    const isCreated = operation === 'PutObject';
    const created = { size: (input.Body as Uint8Array | undefined)?.length ?? 0, etag: ETag?.replaceAll('"', '') };
    const object = {
      ...{ key: input.Key, ...(isCreated && created), ...(VersionId !== undefined && { 'version-id': VersionId }) },
      sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
    };
    emit({
      ...{ version: '0', id: randomUUID(), 'detail-type': isCreated ? 'Object Created' : 'Object Deleted' },
      ...{ source: 'aws.s3', account, time: `${time.toISOString().slice(0, 19)}Z`, region },
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        ...{ version: '0', bucket: { name: bucket }, object, 'request-id': call.requestId, requester: account },
        ...{ 'source-ip-address': '127.0.0.1', reason: operation },
        ...(!isCreated && { 'deletion-type': DeleteMarker ? 'Delete Marker Created' : 'Permanently Deleted' }),
      },
    });
  };
}
