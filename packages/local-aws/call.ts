import type { Principal } from './iam/principal';

/** One request being served. */
export interface Call {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  /** The key that CloudTrail shows for the caller. */
  readonly accessKeyId: string;
  readonly time: Date;
  /** Base URL of this endpoint, for answers that carry addresses. */
  readonly endpoint: string;
  /** Headers in lower case. */
  readonly headers: Record<string, string>;
  /** The caller's right to one more action that the input alone does not tell; throws AccessDenied. */
  require(authorization: Authorization): Promise<void>;
  /** Notes what CloudTrail records in addition to the call itself: `RenderPrompt` of a `Converse`, each key of a `DeleteObjects`. */
  alsoRecord(event: RecordedAction): void;
}

/** What was done, as CloudTrail records it. */
export interface RecordedAction {
  /** `bedrock-agent` */
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** Only of an action that succeeded. */
  readonly output?: object;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** A call that has ended, with all that CloudTrail wants to know of it. */
export interface EndedCall extends RecordedAction {
  readonly requestId: string;
  readonly time: Date;
  readonly region: string;
  readonly principal: Principal;
  readonly accessKeyId?: string;
  readonly userAgent?: string;
}

/** One question to IAM: may the caller do `action` on `resource`? */
export interface Authorization {
  /** `bedrock:GetPrompt` */
  readonly action: string;
  /** ARN, or `*` for actions without a resource. */
  readonly resource: string;
  /** Condition keys of the request beyond the global ones. */
  readonly context?: Record<string, string | string[]>;
  /** The resource's own policy document, if it has one (a bucket's, a role's trust). */
  readonly resourcePolicy?: object;
}

/** What was called, by whom, and how it ended: kept in order for tests and for CloudTrail. */
export interface CallRecord {
  readonly requestId: string;
  readonly time: Date;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly principalArn: string;
  readonly status: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly input: Record<string, unknown>;
}
