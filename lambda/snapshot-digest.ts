import { contentDigest } from '../core/content/content-digest';
import type { HeldContent } from './bedrock-prompts';

/** The digest of what was read; null where it holds something this registry does not know, so that it equals nothing. */
export function snapshotDigest(snapshot: HeldContent | undefined): string | null {
  if (snapshot?.variant === undefined) return null;
  try {
    return contentDigest(snapshot.variant);
  } catch {
    return null;
  }
}

/** The model of what was read; null where it names none. */
export function snapshotModel(snapshot: HeldContent | undefined): string | null {
  const { modelId } = (snapshot?.variant ?? {}) as { modelId?: unknown };
  return typeof modelId === 'string' && modelId !== '' ? modelId : null;
}
