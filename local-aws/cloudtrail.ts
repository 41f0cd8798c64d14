import * as client from '@aws-sdk/client-cloudtrail';
import type { EventHistory } from './cloudtrail/event-history';
import { type LookupOptions, lookupEvents } from './cloudtrail/lookup-events';
import { selectorOperations } from './cloudtrail/selector-operations';
import type { TrailBucket } from './cloudtrail/trail-bucket';
import { trailOperations } from './cloudtrail/trail-operations';
import type { Trails } from './cloudtrail/trails';
import type { Service } from './service';
import { JsonRpc } from './wire/json-rpc';

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
