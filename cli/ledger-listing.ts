import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type LedgerSource, ledgerEntries, readableRecordsIn } from '../core/ledger/entries';
import { FOLDERS, keyKind, ledgerPrefix, parseArchiveKey } from '../core/ledger/layout';
import type { LedgerRecord } from '../core/ledger/record';
import { bucketObjects } from './bucket-objects';

/** A target and the one before, which is what most aliases' callers may use. */
const FIRST_BODIES = 2;

/** The chains of all aliases as one listing showed them: that costs a request for a thousand keys instead of one for each alias. */
export class LedgerListing {
  private constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
    /** By `ledger/PROMPTID/ALIAS/`, newest first. */
    private readonly chains: ReadonlyMap<string, readonly string[]>,
  ) {}

  static async read(s3: S3Client, bucket: string): Promise<LedgerListing> {
    const chains = new Map<string, string[]>();
    for await (const { key } of bucketObjects(s3, { bucket, prefix: FOLDERS.ledger })) {
      if (keyKind(key) !== 'record') continue;
      const prefix = key.slice(0, key.lastIndexOf('/') + 1);
      const chain = chains.get(prefix);
      if (chain) chain.push(key);
      else chains.set(prefix, [key]);
    }
    return new LedgerListing(s3, bucket, chains);
  }

  /** The alias's records, newest first, read as they are asked for; those that cannot be read are left out. */
  history(promptId: string, aliasName: string): AsyncIterable<LedgerRecord> {
    const keys = this.chains.get(ledgerPrefix(promptId, aliasName)) ?? [];
    const source: LedgerSource = {
      list: async (_, limit, after) => {
        const start = after === undefined ? 0 : keys.indexOf(after) + 1;
        return keys.slice(start, start + limit);
      },
      read: async (Key) => {
        const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
        return Body?.transformToString();
      },
    };
    return readableRecordsIn(ledgerEntries(source, promptId, aliasName, FIRST_BODIES));
  }
}

/** Versions that the registry published, by prompt id, ascending: pruned ones as well. */
export async function archivedVersions(s3: S3Client, bucket: string): Promise<ReadonlyMap<string, number[]>> {
  const found = new Map<string, number[]>();
  for await (const { key } of bucketObjects(s3, { bucket, prefix: FOLDERS.versions })) {
    const archived = parseArchiveKey(key);
    if (!archived) continue;
    const { promptId, version } = archived;
    const versions = found.get(promptId) ?? [];
    if (!versions.includes(version)) versions.push(version);
    found.set(promptId, versions);
  }
  for (const versions of found.values()) versions.sort((a, b) => a - b);
  return found;
}
