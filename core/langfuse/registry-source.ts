import type { PromptVariantContent } from '../content/prompt-content';
import type { ServedAlias } from './served-alias';

/** A registry, as far as its prompts are read through Langfuse's protocol. */
export interface RegistrySource {
  /** ARN of the version that the alias points to; undefined where it points to none. */
  target(alias: ServedAlias): Promise<string | undefined>;
  /** What the alias's ledger says of versions that it does not point to. */
  past(alias: ServedAlias, promptId: string): Promise<AliasPast>;
  /** The highest version that was published, released or not. */
  newest(promptId: string): Promise<number | undefined>;
  /** Undefined where the version has no archive. @throws RegistryError `ArchiveConflict` where that was changed */
  version(promptId: string, version: number): Promise<RegistryVersion | undefined>;
}

export interface AliasPast {
  /** The versions that its callers may use. */
  readonly callable: readonly number[];
  readonly withdrawn: readonly number[];
}

/** A version as the archive has it, and as its digest says. */
export interface RegistryVersion {
  readonly digest: string;
  readonly description: string;
  readonly variant: PromptVariantContent;
  /** ISO 8601 */
  readonly archivedAt: string;
}
