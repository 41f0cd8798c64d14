import type { AddedPart } from './added-content';

export interface Counted {
  /** ARN of the user, or of the role's sessions. */
  readonly principal: string;
  /** Null where the record names none. */
  readonly prompt: string | null;
  readonly version: number | null;
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** Calls that hold more than the version that they are of. */
export interface AddedCall extends Counted {
  readonly what: readonly AddedPart[];
  /** Only results of tools, of a version that has tools: the caller has to send them. */
  readonly isToolUse: boolean;
}

/** Calls of which nobody can say whether they hold more. */
export interface UntoldCall extends Counted {
  readonly modelId: string;
  readonly why: string;
}

/** What Bedrock's invocation logs tell of the calls by holders of the callers' policies. */
export interface LoggedUsage {
  /** Calls that were looked at: all by holders. */
  readonly looked: number;
  readonly asReleased: number;
  /** The most frequent first. */
  readonly added: readonly AddedCall[];
  readonly untold: readonly UntoldCall[];
}

/** What a group with Bedrock's invocation logs holds of a span of time. */
export interface LoggedEvidence extends LoggedUsage {
  readonly group: string;
  readonly from: string;
  /** Events that are no invocation log. */
  readonly others: number;
  /** Why bodies that lie in S3 could not be read, and how many. */
  readonly unread: readonly { readonly why: string; readonly count: number }[];
}
