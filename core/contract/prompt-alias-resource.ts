/** `Custom::PromptAlias`: writes the record of a release. */
export const PROMPT_ALIAS_TYPE = 'Custom::PromptAlias';

/** Its properties, as the constructs write and the handler reads them. Deployed stacks hold them: a format. */
export interface PromptAliasProperties {
  /** Changes when a rule changes, so that every such resource is asked anew. */
  readonly Schema: string;
  readonly PromptId: string;
  readonly PromptName: string;
  readonly AliasName: string;
  /** A number or `none`. */
  readonly Version: string;
  readonly VersionArn: string;
  readonly ContentDigest: string;
  /** Empty for a version without a model. */
  readonly ModelId: string;
  /** `none`, or numbers with commas. */
  readonly WithdrawnVersions: string;
  /** Number of the ledger's newest record when the release was planned. */
  readonly Revision: string;
  /** Milliseconds since 1970. */
  readonly PlannedAt: string;
  /** `forward` or `back`. */
  readonly Direction: string;
  /** The alias's own gates as canonical JSON; absent where it has none. */
  readonly Gates?: string;
  /** The plan's `Terms`: a plan that knows no gates has none, which fails the release. Absent where `Gates` and `Rollout` are. */
  readonly Terms?: string;
  /** What callers must name, `arn:…:guardrail/ID:3` or `none`; absent where the alias has no guardrail. */
  readonly Guardrail?: string;
  /** How the alias rolls out, as `formatRolloutSettings()` writes it; absent where it does not, and with it the next three. */
  readonly Rollout?: string;
  /** A number or `none`. */
  readonly Candidate?: string;
  readonly CandidateDigest?: string;
  readonly CandidateModel?: string;
}

/** `Rollout`, the value of the parameter of that name, is answered only where the alias rolls out. */
export type PromptAliasAttribute = 'Version' | 'VersionArn' | 'PreviousVersion' | 'Rollout';
