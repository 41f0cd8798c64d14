import { type CloudTrailClient, type LookupAttributeKey, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { type TrailEvent, trailEvent } from '../../core/audit/trail-event';

/** How long CloudTrail keeps its event history: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
export const HISTORY_DAYS = 90;
const DAY_MS = 86_400_000;
const PAGE = 50;

export interface Lookup {
  readonly by: LookupAttributeKey;
  readonly value: string;
  readonly from: Date;
  readonly to: Date;
}

/** CloudTrail's own event history: management events of one Region. The client keeps to its 2 calls a second. */
export class EventHistory {
  /** Events read so far. */
  count = 0;

  constructor(
    private readonly client: CloudTrailClient,
    private readonly say: (doing: string) => void = () => {},
  ) {}

  /** Since when the history goes back. */
  static begin(now: Date): Date {
    return new Date(now.getTime() - HISTORY_DAYS * DAY_MS);
  }

  /** Newest first. */
  async *lookup({ by, value, from, to }: Lookup): AsyncGenerator<TrailEvent> {
    let NextToken: string | undefined;
    let pages = 0;
    do {
      this.say(
        `reading CloudTrail's event history: ${value}${pages > 0 ? `, page ${pages + 1}` : ''}, ${this.count} events so far`,
      );
      const page = await this.client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: by, AttributeValue: value }],
          StartTime: from,
          EndTime: to,
          MaxResults: PAGE,
          NextToken,
        }),
      );
      pages += 1;
      for (const { CloudTrailEvent } of page.Events ?? []) {
        const event = CloudTrailEvent === undefined ? undefined : trailEvent(JSON.parse(CloudTrailEvent));
        if (event) {
          this.count += 1;
          yield event;
        }
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }

  /** All events of some names. */
  async named(names: readonly string[], from: Date, to: Date): Promise<TrailEvent[]> {
    const found: TrailEvent[] = [];
    for (const value of names)
      for await (const event of this.lookup({ by: 'EventName', value, from, to })) found.push(event);
    return found;
  }
}
