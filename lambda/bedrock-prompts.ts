/** A version as `ListPrompts` shows it. */
export interface ListedVersion {
  readonly version: number;
  readonly description: string;
}

/** The content of a version or of the draft, as the API returns it. */
export interface HeldContent {
  /** The prompt's one variant; undefined where it has none yet. Text in here never reaches a log or an answer. */
  readonly variant: unknown;
  readonly description: string;
}

/**
 * Bedrock Prompt Management, as far as versions go.
 * Bedrock allows 10 reads and 2 creates or deletes a second per account and Region, not adjustable:
 * https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock
 */
export interface BedrockPrompts {
  /** Every version, lowest number first, without the draft. Undefined where the prompt does not exist. */
  versions(promptId: string): Promise<ListedVersion[] | undefined>;
  /** Undefined where the prompt or that version does not exist. */
  read(promptId: string, version: number | 'DRAFT'): Promise<HeldContent | undefined>;
  /**
   * Writes the draft anew with another variant, and all the rest as it is; false where `change` answers undefined or
   * there is no prompt. Bedrock has no conditional update: what somebody writes between the look and the write is lost.
   */
  rewriteDraft(promptId: string, change: (variant: unknown) => unknown): Promise<boolean>;
  /** Snapshots the draft as it is now. The same token again returns the same version. */
  createVersion(promptId: string, description: string, clientToken: string): Promise<number>;
  /** Silent where that version is gone already. */
  deleteVersion(promptId: string, version: number): Promise<void>;
}
