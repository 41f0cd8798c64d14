import type { Resource } from '@aws-sdk/client-cloudtrail';
import type { EndedCall } from '../call';
import type { Service } from '../service';
import type { CloudTrailRecord } from './cloudtrail-record';
import { lookupResources } from './record-resources';
import { recorded } from './recording';

/** An event and what `LookupEvents` finds it by. */
export interface HistoryEntry {
  readonly record: CloudTrailRecord;
  /** When it happened, in milliseconds: the order that the seconds of `eventTime` do not tell. */
  readonly time: number;
  /** A user's name or a session's; none for a service that acts by itself. */
  readonly userName: string | undefined;
  readonly resources: readonly Resource[];
}

export type EntryListener = (entry: HistoryEntry) => void;

/** All events of the account, management and data, oldest first. */
export class EventHistory {
  readonly entries: HistoryEntry[] = [];
  private readonly listeners: EntryListener[] = [];

  constructor(
    private readonly account: string,
    private readonly services: () => readonly Service[],
  ) {}

  /** Trails and EventBridge listen here. */
  listen(listener: EntryListener): void {
    this.listeners.push(listener);
  }

  readonly add = (call: EndedCall): void => {
    const service = this.services().find(({ name }) => name === call.service);
    if (!service) {
      return;
    }
    const record = recorded(call, this.account, service);
    const { arn } = record.userIdentity;
    const userName = arn?.slice(arn.lastIndexOf('/') + 1);
    const entry = { record, time: call.time.getTime(), userName, resources: lookupResources(record) };
    // Calls end in another order than they began.
    let place = this.entries.length;
    while (place > 0 && (this.entries[place - 1]?.time ?? 0) > entry.time) {
      place -= 1;
    }
    this.entries.splice(place, 0, entry);
    for (const listener of this.listeners) {
      listener(entry);
    }
  };
}
