import { REVIEW_BYTES } from '../../core/ledger/review';
import { reviewMessage } from '../../core/ledger/review-message';
import { errorCode } from '../error-code';
import type { Log } from '../log';

/** What EventBridge hands on of a call that CloudTrail logged. */
export interface ReviewEvent {
  readonly detail?: {
    readonly eventID?: string;
    readonly eventTime?: string;
    readonly awsRegion?: string;
    readonly recipientAccountId?: string;
    readonly sourceIPAddress?: string;
    readonly userIdentity?: { readonly principalId?: string };
    readonly requestParameters?: { readonly key?: string };
  };
}

export interface ReviewMessageDeps {
  /** The object, and how large it is; the text of one that is larger than `most` bytes is not read. */
  readonly read: (key: string, most: number) => Promise<string | undefined>;
  readonly publish: (message: string) => Promise<void>;
  readonly log: Log;
  /** Name of the registry: its parameter prefix. */
  readonly registry: string;
}

/** Publishes what somebody said of a content. Where that cannot be read, the message says what its key says. */
export async function handleReviewEvent({ detail = {} }: ReviewEvent, deps: ReviewMessageDeps): Promise<void> {
  const { eventID, eventTime, awsRegion, recipientAccountId, sourceIPAddress, userIdentity, requestParameters } =
    detail;
  const key = requestParameters?.key ?? '';
  const body = await deps.read(key, REVIEW_BYTES).catch((error: unknown) => {
    deps.log('WARN', 'review not read', { error: errorCode(error) });
    return undefined;
  });
  const written = { key, body, time: new Date(eventTime ?? 0), writer: userIdentity?.principalId ?? 'somebody' };
  const event = `From ${sourceIPAddress}. Event: ${eventID}, account ${recipientAccountId}, ${awsRegion}.`;
  await deps.publish(reviewMessage({ ...written, event }, deps.registry));
}
