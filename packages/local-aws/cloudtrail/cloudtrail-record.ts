/**
 * One event as CloudTrail writes it, in its log files and inside `LookupEvents`.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export interface CloudTrailRecord {
  readonly eventVersion: string;
  readonly userIdentity: UserIdentity;
  /** To the second: `2026-11-22T12:00:00Z`. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Record<string, unknown> | null;
  readonly responseElements: Record<string, unknown> | null;
  readonly additionalEventData?: Record<string, unknown>;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly RecordResource[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management' | 'Data';
}

export interface RecordResource {
  readonly type: string;
  readonly ARN?: string;
  /** Of a call on many objects. */
  readonly ARNPrefix?: string;
  readonly accountId?: string;
}

export interface UserIdentity {
  readonly type: 'IAMUser' | 'AssumedRole' | 'AWSService';
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly sessionContext?: {
    readonly sessionIssuer: Record<'type' | 'principalId' | 'arn' | 'accountId' | 'userName', string>;
    readonly attributes: { readonly creationDate: string; readonly mfaAuthenticated: 'false' };
    readonly sourceIdentity?: string;
  };
  readonly invokedBy?: string;
}

export function toTheSecond(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
