import { describedDigest } from '../core/contract/version-description';
import type { BedrockPrompts, HeldContent, ListedVersion } from './bedrock-prompts';
import { snapshotDigest } from './snapshot-digest';

/** The versions of one prompt, each read at most once: Bedrock allows 10 reads a second for the whole account. */
export class KnownVersions {
  private readonly snapshots = new Map<number, Promise<HeldContent | undefined>>();

  constructor(
    private readonly prompts: Pick<BedrockPrompts, 'read'>,
    private readonly promptId: string,
    /** Lowest number first. */
    readonly listed: readonly ListedVersion[],
  ) {}

  get highest(): number {
    return this.listed.at(-1)?.version ?? 0;
  }

  has(version: number): boolean {
    return this.listed.some((listed) => listed.version === version);
  }

  snapshot(version: number): Promise<HeldContent | undefined> {
    const known = this.snapshots.get(version) ?? this.prompts.read(this.promptId, version);
    this.snapshots.set(version, known);
    return known;
  }

  /** The digest of what the version holds, not of what its description claims; null where it cannot be computed. */
  async digest(version: number): Promise<string | null> {
    return snapshotDigest(await this.snapshot(version));
  }

  /**
   * Versions with this content, lowest number first. First `likely` and those whose description claims it, which normally
   * costs one read; where that finds none, all others: a version that was there before this registry claims nothing, and
   * its content counts all the same.
   */
  async withDigest(digest: string, likely?: number): Promise<number[]> {
    const claims = ({ version, description }: ListedVersion) =>
      version === likely || describedDigest(description) === digest;
    const claimed = await this.matching(this.listed.filter(claims), digest);
    return claimed.length > 0
      ? claimed
      : this.matching(
          this.listed.filter((listed) => !claims(listed)),
          digest,
        );
  }

  private async matching(candidates: readonly ListedVersion[], digest: string): Promise<number[]> {
    const digests = await Promise.all(candidates.map(({ version }) => this.digest(version)));
    return candidates.filter((_, index) => digests[index] === digest).map(({ version }) => version);
  }
}
