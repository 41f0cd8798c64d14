import * as client from '@aws-sdk/client-cloudtrail';
import type { Service } from '../service';
import { JsonRpc } from '../wire/json-rpc';
import type { EventHistory } from './event-history';
import { type LookupOptions, lookupEvents } from './lookup-events';
import { selectorOperations } from './selector-operations';
import type { TrailBucket } from './trail-bucket';
import { trailOperations } from './trail-operations';
import type { Trails } from './trails';

export interface CloudTrailOptions extends LookupOptions {
  /** How often trails deliver by themselves; AWS: about every 5 minutes. @default only when told to */
  readonly deliveryPeriodMs?: number;
}

/** CloudTrail over the calls that this endpoint served: the event history, and trails to buckets. No Lake, no Insights. */
export function cloudtrail(
  history: EventHistory,
  trails: Trails,
  bucket: TrailBucket,
  options: CloudTrailOptions = {},
): Service {
  return {
    name: 'cloudtrail',
    signingName: 'cloudtrail',
    client,
    protocol: new JsonRpc('CloudTrail_20131101'),
    operations: {
      ...lookupEvents(history, options),
      ...trailOperations(trails, bucket),
      ...selectorOperations(trails),
    },
  };
}
