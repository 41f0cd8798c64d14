/** `Custom::PromptVersion`: finds or publishes the version that holds a content. */
export const PROMPT_VERSION_TYPE = 'Custom::PromptVersion';

/** Its properties, as the constructs write and the handler reads them. Deployed stacks hold them: a format. */
export interface PromptVersionProperties {
  /** Changes when a rule changes, so that every such resource is asked anew. */
  readonly Schema: string;
  readonly PromptId: string;
  /** Without a version. */
  readonly PromptArn: string;
  readonly PromptName: string;
  /** `pd1:…`; absent where the content holds values that are not known at synth. */
  readonly ContentDigest: string | undefined;
  /** The content as JSON; only where `ContentDigest` is absent. */
  readonly Content: string | undefined;
  /** Values that belong into `Content`, by index; one that may be AWS::NoValue in a list of its own. */
  readonly ContentValues: readonly (string | readonly string[])[] | undefined;
  /** The free JSON of the content as text, with its types; only where the publisher may set them right in the draft. `in Content` where that is there. */
  readonly FreeJson: string | undefined;
  readonly VersionNote: string;
  /** Names the content, such as `v1.1-alpha`; absent where it has no tag. */
  readonly Tag?: string;
  readonly KeepVersions: readonly string[];
  /** Targets that are set for aliases, not those that follow the content: `none`, a number, a digest, or two with `..` between. */
  readonly Targets: readonly string[];
  /** Versions that each alias keeps callable. */
  readonly CallableVersions: string;
}

export type PromptVersionAttribute = 'Version' | 'VersionArn' | 'ContentDigest';
