import { createHash } from 'node:crypto';
import type {
  Event,
  LookupAttribute,
  LookupEventsCommandInput,
  LookupEventsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../aws-error';
import { RateLimit } from '../rate-limit';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import type { EventHistory, HistoryEntry } from './event-history';

export interface LookupOptions {
  /** AWS allows 2 a second, account and Region. @default no limit */
  readonly lookupsPerSecond?: number;
  /** How long an event takes to be shown; AWS: typically 5, at most 15 minutes. @default 0 */
  readonly deliveryDelayMs?: number;
  /** Events of a page. @default 50, as many as AWS gives */
  readonly pageSize?: number;
}

const KEPT_MS = 90 * 86_400_000;
const MOST = 50;

/**
 * The event history: management events of 90 days in one Region, newest first.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export function lookupEvents(
  history: EventHistory,
  { lookupsPerSecond, deliveryDelayMs = 0, pageSize = MOST }: LookupOptions,
) {
  const rate = new RateLimit(lookupsPerSecond === undefined ? {} : { LookupEvents: lookupsPerSecond });
  const LookupEvents: Operation = operation<LookupEventsCommandInput, LookupEventsCommandOutput>({
    authorize: () => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
    run: (input, call) => {
      supportedMembers(call, input, 'LookupAttributes StartTime EndTime MaxResults NextToken');
      throttled(() => rate.take('LookupEvents', call.region, call.time));
      check(input);
      const { NextToken } = input;
      const MaxResults = Math.min(input.MaxResults ?? MOST, pageSize);
      const now = call.time.getTime();
      const page: HistoryEntry[] = [];
      let index = history.entries.length - 1;
      if (NextToken !== undefined) {
        index = placeOf(NextToken, input, history) - 1;
      }
      for (; index >= 0 && page.length <= MaxResults; index -= 1) {
        const entry = history.entries[index] as HistoryEntry;
        const isShown =
          entry.record.managementEvent &&
          entry.record.awsRegion === call.region &&
          entry.time <= now - deliveryDelayMs &&
          entry.time >= now - KEPT_MS;
        if (isShown && isWithin(entry, input) && (input.LookupAttributes ?? []).every((each) => has(entry, each))) {
          page.push(entry);
        }
      }
      const shown = page.slice(0, MaxResults);
      const next = page.length > MaxResults ? tokenAfter(shown.at(-1) as HistoryEntry, input) : undefined;
      return { Events: shown.map(asEvent), NextToken: next };
    },
  });
  return { LookupEvents };
}

function check({ LookupAttributes = [], StartTime, EndTime, MaxResults = MOST }: LookupEventsCommandInput): void {
  if (!(MaxResults >= 1 && MaxResults <= MOST)) {
    throw invalid('InvalidMaxResultsException', `Invalid max results specified: ${MaxResults}, must be 1 to ${MOST}.`);
  }
  if (StartTime && EndTime && StartTime > EndTime) {
    throw invalid('InvalidTimeRangeException', 'The start time must be before the end time.');
  }
  if (LookupAttributes.length > 1) {
    throw invalid('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.');
  }
}

/** JSON-RPC services throttle with 400. */
function throttled(take: () => void): void {
  try {
    take();
  } catch {
    throw invalid('ThrottlingException', 'Rate exceeded');
  }
}

function invalid(code: string, message: string): AwsError {
  return new AwsError(code, 400, message);
}

/** Events are stamped to the second, and both ends of the span belong to it. */
function isWithin({ record }: HistoryEntry, { StartTime, EndTime }: LookupEventsCommandInput): boolean {
  const time = Date.parse(record.eventTime);
  const start = StartTime ? Math.floor(StartTime.getTime() / 1000) * 1000 : 0;
  return time >= start && (!EndTime || time <= EndTime.getTime());
}

function has({ record, userName, resources }: HistoryEntry, { AttributeKey, AttributeValue }: LookupAttribute) {
  switch (AttributeKey) {
    case 'EventId':
      return record.eventID === AttributeValue;
    case 'EventName':
      return record.eventName === AttributeValue;
    case 'EventSource':
      return record.eventSource === AttributeValue;
    case 'ReadOnly':
      return String(record.readOnly) === AttributeValue;
    case 'Username':
      return userName !== undefined && userName === AttributeValue;
    case 'AccessKeyId':
      return record.userIdentity.accessKeyId !== undefined && record.userIdentity.accessKeyId === AttributeValue;
    case 'ResourceName':
      return resources.some(({ ResourceName }) => ResourceName === AttributeValue);
    case 'ResourceType':
      return resources.some(({ ResourceType }) => ResourceType === AttributeValue);
    default:
      throw invalid('InvalidLookupAttributesException', `Unknown lookup attribute: ${AttributeKey}`);
  }
}

function asEvent({ record, userName, resources }: HistoryEntry): Event {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: record.userIdentity.accessKeyId,
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    Username: userName,
    Resources: [...resources],
    CloudTrailEvent: JSON.stringify(record),
  };
}

/** A token goes with the question it answers, and says after which event to go on: newer ones do not shift the pages. */
function tokenAfter({ record }: HistoryEntry, input: LookupEventsCommandInput): string {
  return Buffer.from(`${record.eventID} ${questionOf(input)}`).toString('base64url');
}

function placeOf(token: string, input: LookupEventsCommandInput, { entries }: EventHistory): number {
  const [eventId, question] = Buffer.from(token, 'base64url').toString().split(' ');
  const place = entries.findLastIndex(({ record }) => record.eventID === eventId);
  if (place < 0 || question !== questionOf(input)) {
    throw invalid('InvalidNextTokenException', 'The next token is not valid for this request.');
  }
  return place;
}

function questionOf({ LookupAttributes, StartTime, EndTime }: LookupEventsCommandInput): string {
  return createHash('sha256')
    .update(JSON.stringify([LookupAttributes, StartTime, EndTime]))
    .digest('hex')
    .slice(0, 16);
}
