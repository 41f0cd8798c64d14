import type { Principal } from './principal';

/** One request being served. */
export interface Call {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly time: Date;
  /** Base URL of this endpoint, for answers that carry addresses. */
  readonly endpoint: string;
  /** Headers in lower case. */
  readonly headers: Record<string, string>;
  /** The caller's right to one more action that the input alone does not tell; throws AccessDenied. */
  require(authorization: Authorization): Promise<void>;
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
