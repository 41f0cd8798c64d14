import { NO_ALIAS } from '../../core/ledger/layout';
import type { LedgerRecord } from '../../core/ledger/record';
import { reviewedDigests } from '../../core/ledger/review-source';
import type { Registry } from '../registry';
import { type ThreadEntry, threadOf } from './review-thread';
import { S3ReviewSource } from './s3-review-source';

/** A comment on a version that an alias came to. */
export interface VersionComment extends ThreadEntry {
  /** The newest one with the content. */
  readonly version: number;
  readonly digest: string;
}

/**
 * Comments on the contents that the records came to, newest first: by one listing, and by none where the registry has no
 * reviewers. Only contents that somebody commented on are looked at.
 */
export async function commentsOn(
  registry: Registry,
  promptId: string,
  records: readonly LedgerRecord[],
): Promise<VersionComment[]> {
  const { clients, stack } = registry;
  const places = records.flatMap(({ to }) => to ?? []).sort((a, b) => a.version - b.version);
  const versions = new Map(places.map(({ digest, version }) => [digest, version]));
  if (stack.gating?.groups?.length === 0 || versions.size === 0) return [];
  const digests = await reviewedDigests(new S3ReviewSource(clients.s3, stack.ledgerBucket), promptId, NO_ALIAS);
  const found = digests.map(async (digest) => {
    const version = versions.get(digest);
    if (version === undefined) return [];
    return (await threadOf(registry, promptId, digest)).map((entry) => ({ ...entry, version, digest }));
  });
  return (await Promise.all(found)).flat().sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
}
