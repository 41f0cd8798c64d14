import { createHash } from 'node:crypto';
import { contentDigest } from '../core/content/content-digest';
import { archiveKey, claimKey, claimPrefix, parseArchiveKey, parseClaimKey, promptPrefix } from '../core/ledger/layout';
import { RegistryError } from '../core/registry-error';
import type { HeldContent } from './bedrock-prompts';
import type { ObjectStore } from './object-store';

/** A version this registry made, with its whole content, so that it outlives Bedrock's limit of 10. */
export interface ArchivedVersion {
  readonly schema: 1;
  readonly registry: string;
  readonly prompt: string;
  readonly promptId: string;
  readonly version: number;
  readonly digest: string;
  readonly description: string;
  readonly variant: unknown;
  /** The stack that published it. Absent in older archives, and where the publisher died before it could say so. */
  readonly stackId?: string;
  /** Token of that stack's operation, null where the caller gave none. Absent as `stackId`, and on the way back. */
  readonly operation?: string | null;
}

const PAGE = 1_000;

/** Says that a request is about to publish `digest` as the version after `after`. */
export interface Claim {
  readonly schema: 1;
  readonly promptId: string;
  readonly digest: string;
  readonly after: number;
  readonly stackId: string;
  readonly logicalId: string;
  readonly requestId: string;
}

/**
 * What this registry published. Only what is in here may ever be deleted, so nothing gets in that it did not make: a
 * claim is written before a version is made, and a version that was found without an archive (the handler died in
 * between) is archived only where a claim shows that it is ours.
 */
export class VersionArchive {
  constructor(
    private readonly store: ObjectStore,
    private readonly promptId: string,
  ) {}

  /** Numbers of the archived versions with this content, pruned ones included, highest first. */
  async versionsWith(digest: string): Promise<number[]> {
    const numbers: number[] = [];
    let keys: string[] = [];
    do {
      keys = await this.store.list(promptPrefix('versions', this.promptId), PAGE, keys.at(-1));
      for (const archived of keys.map(parseArchiveKey)) if (archived?.digest === digest) numbers.push(archived.version);
    } while (keys.length === PAGE);
    return numbers.sort((one, other) => other - one);
  }

  /** Writes the archive of a version; one that is there already must hold the same content. Throws `ArchiveConflict`. */
  async add(version: ArchivedVersion): Promise<void> {
    const key = archiveKey(this.promptId, version.version, version.digest);
    if ((await this.store.putIfAbsent(key, `${JSON.stringify(version)}\n`)) === 'written') return;
    if (!(await this.holds(version.version, version.digest))) {
      throw new RegistryError(
        'ArchiveConflict',
        `expected the archive ${key} to hold ${version.digest}, found other content: somebody wrote to the bucket by hand; compare it with version ${version.version}`,
      );
    }
  }

  /** True where the archived content can be read and has the digest it stands under. */
  async holds(version: number, digest: string): Promise<boolean> {
    const body = await this.store.read(archiveKey(this.promptId, version, digest));
    try {
      return body !== undefined && contentDigest((JSON.parse(body) as ArchivedVersion).variant) === digest;
    } catch {
      return false;
    }
  }

  /** Claims, unless another request did so before; answers the claim that stands. */
  async claim(claim: Omit<Claim, 'schema' | 'promptId'>): Promise<Claim> {
    const own: Claim = { schema: 1, promptId: this.promptId, ...claim };
    const key = claimKey(this.promptId, claim.digest, claim.after);
    if ((await this.store.putIfAbsent(key, `${JSON.stringify(own)}\n`)) === 'written') return own;
    const standing = await this.store.read(key);
    return standing === undefined ? own : (JSON.parse(standing) as Claim);
  }

  /** True where a claim says that this registry was about to make this version, and no archive has met that claim. */
  async isClaimed(version: number, digest: string): Promise<boolean> {
    const keys = await this.store.list(claimPrefix(this.promptId, digest), PAGE);
    if (keys.length === 0) return false;
    const archived = await this.versionsWith(digest);
    const open = keys
      .flatMap((key) => parseClaimKey(key)?.after ?? [])
      .filter((after) => !archived.some((met) => met > after));
    return open.some((after) => after < version);
  }
}

/** Bedrock ignores a second request with the same token: two deliveries of one event make one version. */
export function publishToken({ stackId, logicalId, requestId, after }: Claim): string {
  return createHash('sha256').update([stackId, logicalId, requestId, after].join('|')).digest('hex');
}

export function archivedVersion(
  registry: string,
  prompt: string,
  promptId: string,
  version: number,
  digest: string,
  snapshot: HeldContent,
  publisher: Pick<ArchivedVersion, 'stackId' | 'operation'> = {},
): ArchivedVersion {
  const { description, variant } = snapshot;
  return { schema: 1, registry, prompt, promptId, version, digest, description, variant, ...publisher };
}
