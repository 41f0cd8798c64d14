import * as client from '@aws-sdk/client-cloudtrail';
import type { EventHistory } from './cloudtrail/event-history';
import { type LookupOptions, lookupEvents } from './cloudtrail/lookup-events';
import type { Service } from './service';
import { JsonRpc } from './wire/json-rpc';

export type CloudTrailOptions = LookupOptions;

/** CloudTrail over the calls that this endpoint served: the event history. */
export function cloudtrail(history: EventHistory, options: CloudTrailOptions = {}): Service {
  return {
    name: 'cloudtrail',
    signingName: 'cloudtrail',
    client,
    protocol: new JsonRpc('CloudTrail_20131101'),
    operations: { ...lookupEvents(history, options) },
  };
}
