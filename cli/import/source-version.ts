import type { PromptVariantContent } from '../../core/content/prompt-content';

/** What a version has at its source, and not here. */
export interface Loss {
  /** Whether the version is not imported for it; else it is, without this. */
  readonly isRefused: boolean;
  readonly what: string;
  readonly fix: string;
}

/** One version of a prompt as an importer found it: what every source is brought to. */
export interface SourceVersion {
  readonly name: string;
  readonly version: number;
  /** ISO 8601, or whatever the source said. */
  readonly time: string;
  /** Why it was made; '' where nobody said. */
  readonly note: string;
  /** Pointers that stand on it, by their names at the source. */
  readonly labels: readonly string[];
  /** Undefined where nothing of it can be kept. */
  readonly variant: PromptVariantContent | undefined;
  readonly losses: readonly Loss[];
  /** What a commit is to say besides. */
  readonly trailers: readonly (readonly [key: string, value: string])[];
}

export function refused(what: string, fix: string): Loss {
  return { isRefused: true, what, fix };
}

export function changed(what: string, fix: string): Loss {
  return { isRefused: false, what, fix };
}
