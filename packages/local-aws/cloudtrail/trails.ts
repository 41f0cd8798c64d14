import type { AdvancedEventSelector, Tag } from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../aws-error';
import { isSelected } from './advanced-selectors';
import type { CloudTrailRecord } from './cloudtrail-record';
import type { EventHistory } from './event-history';

export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly homeRegion: string;
  bucket: string;
  prefix: string | undefined;
  kmsKeyId: string | undefined;
  isMultiRegion: boolean;
  hasGlobalEvents: boolean;
  isValidated: boolean;
  tags: Tag[];
  /** None: all management events, no data events. */
  selectors: readonly AdvancedEventSelector[] | undefined;
  isLogging: boolean;
  started?: Date;
  stopped?: Date;
  delivered?: Date;
  deliveryError?: string;
  digestDelivered?: Date;
  /** Logged and not delivered yet, oldest first. */
  pending: CloudTrailRecord[];
  /** Log files since the last digest. */
  undigested: DeliveredFile[];
  lastDigest?: DeliveredFile & { readonly end: Date };
}

/** A file in the trail's bucket; hashes are over what is inside the gzip. */
export interface DeliveredFile {
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
}

/** IAM's events are stamped with us-east-1 and belong to every trail that takes global ones. */
const globalSources = ['iam.amazonaws.com', 'sts.amazonaws.com'];

/** The trails of one account. */
export class Trails {
  private readonly trails = new Map<string, Trail>();
  /** Trails as they were before the request that is changing them, by its id. */
  private readonly before = new Map<string, { readonly trail: Trail; readonly was: Trail }>();
  private readonly listeners: ((record: CloudTrailRecord) => void)[] = [];

  constructor(
    private readonly account: string,
    history: EventHistory,
  ) {
    history.listen(({ record }) => this.log(record));
  }

  /** Told of each event that at least one trail logs, at once: EventBridge hears of no others. */
  listen(listener: (record: CloudTrailRecord) => void): void {
    this.listeners.push(listener);
  }

  list(): Trail[] {
    return [...this.trails.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(nameOrArn: string | undefined): Trail | undefined {
    return this.trails.get(nameOrArn?.replace(/^arn:.*:trail\//, '') ?? '');
  }

  /** Throws TrailNotFoundException. */
  trail(nameOrArn: string | undefined): Trail {
    const found = this.find(nameOrArn);
    if (!found) {
      const message = `Unknown trail: ${nameOrArn} for the user: ${this.account}`;
      throw new AwsError('TrailNotFoundException', 400, message);
    }
    return found;
  }

  add(trail: Trail): void {
    this.trails.set(trail.name, trail);
  }

  delete(trail: Trail): void {
    this.trails.delete(trail.name);
  }

  /** To be told before a request stops a trail, deletes it or narrows what it takes: the trail still logs that request. */
  changing(trail: Trail, requestId: string): void {
    this.before.set(requestId, { trail, was: { ...trail } });
  }

  private log(record: CloudTrailRecord): void {
    const { trail: changed, was } = this.before.get(record.requestID) ?? {};
    this.before.delete(record.requestID);
    const loggers = new Set(this.list().filter((trail) => takes(trail, record)));
    if (changed && was && takes(was, record)) {
      loggers.add(changed);
    }
    for (const trail of loggers) {
      trail.pending.push(record);
    }
    if (loggers.size > 0) {
      for (const listener of this.listeners) {
        listener(record);
      }
    }
  }
}

function takes(trail: Trail, record: CloudTrailRecord): boolean {
  const isGlobal = globalSources.includes(record.eventSource);
  const isInReach = trail.isMultiRegion || record.awsRegion === trail.homeRegion || (isGlobal && trail.hasGlobalEvents);
  const isOn = trail.isLogging && isInReach;
  return isOn && (trail.selectors ? isSelected(record, trail.selectors) : record.managementEvent);
}
