import { createHash } from 'node:crypto';
import type { PromptVariantContent } from '../core/prompt-content';
import type { PromptSnapshot } from '../core/prompt-snapshot';
import { RegistryError } from '../core/registry-error';
import { type Clock, type Stopwatch, stopwatch } from './clock';
import type { PromptAnswer } from './content-reader';
import { type Template, template } from './template';

/** The content of one version, ready for use. */
export interface PromptContent {
  readonly variant: PromptVariantContent;
  /** Undefined for versions that the registry did not publish. */
  readonly digest?: string;
  readonly template: Template;
}

export interface ContentStoreSettings {
  readonly clock: Clock;
  /** Characters of content, as JSON, to keep at most; those not used for longest go first. */
  readonly limit: number;
  /** After so many milliseconds a use asks, behind the caller's back, whether the version may still be used. */
  readonly recheckAfter: number;
  readonly snapshot?: PromptSnapshot;
  /** GetPrompt, with retries. Rejects with a RegistryError when refused. */
  readonly fetch: (versionArn: string, includedData?: 'METADATA_ONLY') => Promise<PromptAnswer>;
}

interface Kept extends PromptContent {
  readonly size: number;
  checked: Stopwatch;
}

/** Contents by version ARN. A version is immutable, so what is here is true for good; it may only be taken away. */
export class ContentStore {
  readonly #settings: ContentStoreSettings;
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, Promise<Kept>>();
  #size = 0;

  constructor(settings: ContentStoreSettings) {
    this.#settings = settings;
  }

  /** The content if it is here, or in the snapshot and as it was when that was written. */
  peek(versionArn: string): Kept | undefined {
    const stored = this.#settings.snapshot?.versions[versionArn];
    const kept = this.#kept.get(versionArn);
    if (kept || !stored || sha256(JSON.stringify(stored.variant)) !== stored.sha256) return kept;
    return this.#keep(versionArn, stored.variant, stored.digest);
  }

  /** @param onRefusal called later, if content that is here turns out to have been taken away */
  async load(versionArn: string, onRefusal: (error: RegistryError) => void): Promise<PromptContent> {
    const kept = this.peek(versionArn);
    if (kept) {
      this.#touch(versionArn, kept, onRefusal);
      return kept;
    }
    let loading = this.#loading.get(versionArn);
    if (!loading) {
      loading = this.#fetch(versionArn).finally(() => this.#loading.delete(versionArn));
      this.#loading.set(versionArn, loading);
    }
    return loading;
  }

  async #fetch(versionArn: string): Promise<Kept> {
    const { description, variants } = await this.#settings.fetch(versionArn);
    if (!variants?.[0]) throw new Error('Bedrock answered without a variant');
    return this.#keep(versionArn, variants[0], description?.match(/^pd1:[0-9a-f]{64}/)?.[0]);
  }

  #keep(versionArn: string, variant: PromptVariantContent, digest: string | undefined): Kept {
    const size = JSON.stringify(variant).length;
    const content = { variant, digest, template: template(variant), size, checked: stopwatch(this.#settings.clock) };
    this.#kept.set(versionArn, content);
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.#settings.limit || oldest === versionArn) break;
      this.#forget(oldest);
    }
    return content;
  }

  #forget(versionArn: string): void {
    this.#size -= this.#kept.get(versionArn)?.size ?? 0;
    this.#kept.delete(versionArn);
  }

  /** Makes it the youngest, and asks about it if it is time to. */
  #touch(versionArn: string, kept: Kept, onRefusal: (error: RegistryError) => void): void {
    const { clock, recheckAfter, fetch } = this.#settings;
    this.#kept.delete(versionArn);
    this.#kept.set(versionArn, kept);
    if (kept.checked() < recheckAfter) return;
    kept.checked = stopwatch(clock);
    fetch(versionArn, 'METADATA_ONLY').catch((error) => {
      if (!(error instanceof RegistryError)) return;
      this.#forget(versionArn);
      onRefusal(error);
    });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
