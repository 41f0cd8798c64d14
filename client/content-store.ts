import { createHash } from 'node:crypto';
import type { PromptVariantContent } from '../core/content/prompt-content';
import { type Template, template } from '../core/content/template';
import type { PromptSnapshot } from '../core/contract/prompt-snapshot';
import { describedDigest } from '../core/contract/version-description';
import { type Clock, Stopwatch } from './clock';
import type { ContentReader } from './content-reader';
import { isVersionRefusal } from './refusal';

/** The content of one version, ready for use. */
export interface PromptContent {
  readonly variant: PromptVariantContent;
  /** Undefined for versions that the registry did not publish. */
  readonly digest?: string;
  readonly template: Template;
}

export interface ContentStoreSettings {
  readonly clock: Clock;
  /** Characters of content, as JSON, to keep at most; the oldest go first. */
  readonly contentLimit: number;
  /** After so many milliseconds a use asks, behind the caller's back, whether the version may still be used. */
  readonly maxStale: number;
  readonly snapshot?: PromptSnapshot;
}

interface Kept extends PromptContent {
  readonly size: number;
  checked: Stopwatch;
}

/** Contents by version ARN. A version is immutable, so what is here is true for good; it may only be taken away. */
export interface ContentStore {
  /** The content if it is here, or in the snapshot and as it was when that was written. */
  peek(versionArn: string): PromptContent | undefined;
  /** As `load`, where the content is here. */
  ready(versionArn: string): PromptContent | undefined;
  /** Rejects with a RegistryError if the version was taken away, with anything else on an outage. */
  load(versionArn: string): Promise<PromptContent>;
}

export function contentStore(
  { clock, contentLimit, maxStale, snapshot }: ContentStoreSettings,
  fetch: ContentReader,
): ContentStore {
  /** Undefined for what was taken away: then not even the snapshot's copy is good. */
  const contents = new Map<string, Kept | undefined>();
  const loading = new Map<string, Promise<Kept>>();
  let total = 0;

  const forget = (versionArn: string) => {
    total -= contents.get(versionArn)?.size ?? 0;
    contents.delete(versionArn);
  };

  const keep = (versionArn: string, variant: PromptVariantContent, digest: string | undefined): Kept => {
    const size = JSON.stringify(variant).length;
    const content = { variant, digest, template: template(variant), size, checked: new Stopwatch(clock) };
    contents.set(versionArn, content);
    total += size;
    for (const oldest of contents.keys()) {
      if (total <= contentLimit || oldest === versionArn) break;
      forget(oldest);
    }
    return content;
  };

  const peek = (versionArn: string): Kept | undefined => {
    const kept = contents.get(versionArn);
    if (kept || contents.has(versionArn)) return kept;
    const stored = snapshot?.versions[versionArn];
    if (!stored || sha256(stored.variant) !== stored.sha256) return undefined;
    return keep(versionArn, stored.variant, stored.digest);
  };

  const read = async (versionArn: string): Promise<Kept> => {
    try {
      const { description, variant } = await fetch(versionArn);
      return keep(versionArn, variant, describedDigest(description ?? '') ?? undefined);
    } finally {
      loading.delete(versionArn);
    }
  };

  const recheckIfDue = (versionArn: string, kept: Kept) => {
    if (kept.checked.elapsed() < maxStale) return;
    kept.checked = new Stopwatch(clock);
    fetch(versionArn).catch((error) => {
      if (!isVersionRefusal(error)) return;
      forget(versionArn);
      contents.set(versionArn, undefined);
    });
  };

  const ready = (versionArn: string): Kept | undefined => {
    const kept = peek(versionArn);
    if (kept) recheckIfDue(versionArn, kept);
    return kept;
  };

  return {
    peek,
    ready,
    load: async (versionArn) => {
      const kept = ready(versionArn);
      const content = kept ?? loading.get(versionArn) ?? read(versionArn);
      if (!kept) loading.set(versionArn, content as Promise<Kept>);
      return content;
    },
  };
}

function sha256(variant: PromptVariantContent): string {
  return createHash('sha256').update(JSON.stringify(variant)).digest('hex');
}
