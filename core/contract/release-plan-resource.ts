/** `Custom::PromptReleasePlan`: decides what a release will do, before anything changes. */
export const RELEASE_PLAN_TYPE = 'Custom::PromptReleasePlan';

/** Its properties, as the constructs write and the handler reads them. Deployed stacks hold them: a format. */
export interface ReleasePlanProperties {
  /** Changes when a rule changes, so that every such resource is asked anew. */
  readonly Schema: string;
  readonly PromptId: string;
  /** Without a version. */
  readonly PromptArn: string;
  readonly PromptName: string;
  readonly AliasName: string;
  /** `none`, a version number, a digest, or two of these with `..` between. */
  readonly Target: string;
  /** Name of the stack parameter that sets the target; empty where source sets it. */
  readonly TargetParameter: string;
  readonly CallableVersions: string;
  /** `none`, or numbers with commas. */
  readonly WithdrawnVersions: string;
  /** The alias's own gates as canonical JSON; absent where it has none. */
  readonly Gates?: string;
  /** `content` where the alias follows it; absent where the app knows that the registry has no gate for it. */
  readonly Follows?: string;
  /** How the alias rolls out, as `formatRolloutSettings()` writes it; absent where it does not. */
  readonly Rollout?: string;
}

/** Parts of a slot, each followed by the slot's number from 1. */
export const CALLABLE_SLOT_PARTS = [
  'CallableArn',
  'ModelArn',
  'ProfileArn',
  'ProfileModelArn',
  'GlobalModelArn',
] as const;

export type CallableSlotPart = (typeof CALLABLE_SLOT_PARTS)[number];

/** What is rolled out: only of an alias that has `Rollout`. A number or `none`; its digest; its model. */
export type RolloutPlanAttribute = 'Candidate' | 'CandidateDigest' | 'CandidateModel';

export type ReleasePlanAttribute =
  | 'Version'
  | 'TargetArn'
  | 'ContentDigest'
  | 'ModelId'
  | 'Revision'
  | 'WithdrawnVersions'
  | 'PlannedAt'
  | 'Direction'
  /** What `gateTerms()` says of the gates in force, and of the settings of rollouts. */
  | 'Terms'
  | RolloutPlanAttribute
  | `${CallableSlotPart}${number}`;
