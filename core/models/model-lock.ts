/** `models.lock.json`: which models a Region has, how they are reached and until when, as Bedrock last said it. */
export interface ModelLock {
  readonly schema: 1;
  readonly regions: { readonly [region: string]: LockedRegion };
}

export interface LockedRegion {
  /** The day when Bedrock was asked. */
  readonly read: string;
  /** By model id. */
  readonly models: { readonly [modelId: string]: LockedModel };
  /** By what prompts call them: the id of a system-defined profile, the ARN of an application profile. */
  readonly profiles: { readonly [profile: string]: LockedProfile };
}

/**
 * Days are `2027-03-01`; a time that is not midnight in UTC is `2027-03-01T17:00:00Z`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelLifecycle.html
 */
export interface LockedModel {
  readonly provider?: string;
  /** `ENDED` is a model past its end that Bedrock no longer lists. */
  readonly status: 'ACTIVE' | 'LEGACY' | 'ENDED';
  readonly start?: string;
  readonly legacy?: string;
  readonly extended?: string;
  readonly end?: string;
  /** Whether it can be called by its own id, rather than through a profile only. */
  readonly onDemand?: boolean;
  /** Whether it answers with text. */
  readonly text?: boolean;
  readonly streaming?: boolean;
  /** Written by a person: what to use in its place. */
  readonly successor?: string;
  /** Written by a person. */
  readonly price?: ModelPrice;
}

export interface LockedProfile {
  /** Id of the model behind it. */
  readonly model: string;
  /** Regions that it routes to; `*` is the ARN without a Region that `global.` profiles name. */
  readonly regions: readonly string[];
  /** Written by a person, where the route costs something else than the model itself. */
  readonly price?: ModelPrice;
}

/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly in: number;
  readonly out: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** The day of the price list. */
  readonly asOf: string;
}

/** What nobody knows of a Region without models. */
export const EMPTY_LOCK: ModelLock = { schema: 1, regions: {} };

/** Canonical: members sorted, two spaces, a line end. Equal locks are equal files. */
export function formatModelLock(lock: ModelLock): string {
  return `${JSON.stringify(sorted(lock), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
  );
}
