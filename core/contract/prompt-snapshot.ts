import type { PromptVariantContent } from '../content/prompt-content';
import type { ModelPrices } from '../models/model-prices';

/**
 * What the aliases of one registry pointed to at one moment, with the contents: the runtime client starts from it when
 * the registry cannot be reached. One JSON file, in an order of its own, so that it can be committed and compared.
 */
export interface PromptSnapshot {
  readonly schema: 1;
  readonly parameterPrefix: string;
  /** When the aliases were read, ISO 8601. */
  readonly time: string;
  /** `financial-analysis/PROD` → version ARN. An alias that pointed to nothing is absent. */
  readonly aliases: Readonly<Record<string, string>>;
  /** `financial-analysis/PROD` → what callers must name, `arn:…:guardrail/ID:3`; absent where no alias asks for one. */
  readonly guardrails?: Readonly<Record<string, string>>;
  /** Version ARN → content, as `GetPrompt` answers it. */
  readonly versions: Readonly<Record<string, SnapshotVersion>>;
  /**
   * Prompt name → content of a prompt file that no registry published: a fallback of every alias of the prompt. Absent
   * where the snapshot is of a registry.
   */
  readonly files?: Readonly<Record<string, PromptVariantContent>>;
  /** What models cost, as the lock file said when it was written; absent where none has a price. */
  readonly prices?: ModelPrices;
}

export interface SnapshotVersion {
  readonly digest: string;
  /** Of the variant's JSON, in hex: an edited copy of a released text must not pass for it. */
  readonly sha256: string;
  readonly variant: PromptVariantContent;
}
