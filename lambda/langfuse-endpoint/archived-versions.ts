import { contentDigest } from '../../core/content/content-digest';
import type { RegistryVersion } from '../../core/langfuse/registry-source';
import { archivePrefix, parseArchiveKey, promptPrefix } from '../../core/ledger/layout';
import { RegistryError } from '../../core/registry-error';
import type { ArchivedVersion } from '../version-archive';

export interface StoredObject {
  readonly body: string;
  /** ISO 8601 */
  readonly writtenAt: string;
}

/** The ledger bucket, as far as it is read here. */
export interface ArchiveStore {
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  read(key: string): Promise<StoredObject | undefined>;
}

const PAGE = 1_000;
/** Characters of text to keep; the oldest goes first. */
const KEPT = 10_000_000;

/** Versions out of the archive, each checked once against the digest it was published with, and then kept. */
export class ArchivedVersions {
  private readonly kept = new Map<string, { readonly version: RegistryVersion; readonly size: number }>();
  private readonly reading = new Map<string, Promise<RegistryVersion | undefined>>();
  private size = 0;

  constructor(private readonly store: ArchiveStore) {}

  /** @throws RegistryError `ArchiveConflict` where the object does not hold what was published */
  async version(promptId: string, version: number): Promise<RegistryVersion | undefined> {
    const id = `${promptId}:${version}`;
    const kept = this.kept.get(id);
    if (kept) return kept.version;
    const reading = this.reading.get(id) ?? this.read(promptId, version).finally(() => this.reading.delete(id));
    this.reading.set(id, reading);
    return reading;
  }

  async newest(promptId: string): Promise<number | undefined> {
    let newest: number | undefined;
    let keys: string[] = [];
    do {
      keys = await this.store.list(promptPrefix('versions', promptId), PAGE, keys.at(-1));
      for (const archived of keys.map(parseArchiveKey)) if (archived) newest = Math.max(newest ?? 0, archived.version);
    } while (keys.length === PAGE);
    return newest;
  }

  private async read(promptId: string, version: number): Promise<RegistryVersion | undefined> {
    const [key, other] = await this.store.list(archivePrefix(promptId, version), 2);
    if (key === undefined) return undefined;
    if (other !== undefined) throw changed(`${key} and ${other} are one version`);
    const found = await this.store.read(key);
    if (!found) return undefined;
    const archived = checked(key, found.body);
    const { digest, description, variant } = archived;
    const read = { digest, description, variant, archivedAt: found.writtenAt } as RegistryVersion;
    this.keep(`${promptId}:${version}`, read, found.body.length);
    return read;
  }

  private keep(id: string, version: RegistryVersion, size: number): void {
    this.kept.set(id, { version, size });
    this.size += size;
    for (const [oldest, { size: its }] of this.kept) {
      if (this.size <= KEPT || oldest === id) break;
      this.kept.delete(oldest);
      this.size -= its;
    }
  }
}

function checked(key: string, body: string): ArchivedVersion {
  const place = parseArchiveKey(key);
  try {
    const archived = JSON.parse(body) as ArchivedVersion;
    const isWhole =
      archived.promptId === place?.promptId &&
      archived.version === place.version &&
      archived.digest === place.digest &&
      contentDigest(archived.variant) === place.digest;
    if (isWhole) return archived;
  } catch {
    // No JSON, or fields that no version of the registry writes.
  }
  throw changed(key);
}

function changed(what: string): RegistryError {
  return new RegistryError(
    'ArchiveConflict',
    `the archive does not hold what was published: ${what}; somebody wrote to the bucket by hand`,
  );
}
