import { RegistryError } from '../registry-error';

const HIGHEST = 99_999_999;

/** Everything under it is the ledger of one alias: `ledger/ABCDEFGHIJ/PROD/`. */
export function ledgerPrefix(promptId: string, alias: string): string {
  return `ledger/${promptId}/${alias}/`;
}

/**
 * Key of an alias's record. The sequence number is inverted: S3 lists keys in ascending order only, and the newest
 * record is the one that is wanted.
 *
 * @param sequence from 1 to 99999998
 * @throws RegistryError `BadLedgerKey`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function ledgerKey(promptId: string, alias: string, sequence: number): string {
  if (!Number.isInteger(sequence) || sequence < 1 || sequence >= HIGHEST) {
    throw new RegistryError('BadLedgerKey', `a sequence number must be from 1 to ${HIGHEST - 1}, found ${sequence}`);
  }
  return `${ledgerPrefix(promptId, alias)}${String(HIGHEST - sequence).padStart(8, '0')}.json`;
}

/**
 * The sequence number that a key of the ledger stands for.
 *
 * @throws RegistryError `BadLedgerKey`
 */
export function sequenceOfKey(key: string): number {
  const digits = /^ledger\/[^/]+\/[^/]+\/([0-9]{8})\.json$/.exec(key)?.[1];
  const sequence = HIGHEST - Number(digits);
  if (digits === undefined || sequence < 1) {
    throw new RegistryError('BadLedgerKey', `expected a key like ledger/PROMPTID/ALIAS/99999998.json, found ${key}`);
  }
  return sequence;
}

/** Key of a version's archived content: `versions/ABCDEFGHIJ/3-pd1:….json`. */
export function archiveKey(promptId: string, version: number, digest: string): string {
  return `versions/${promptId}/${version}-${digest}.json`;
}

/** The inverse of {@link archiveKey}; undefined for an object that this registry did not put there. */
export function parseArchiveKey(key: string): { promptId: string; version: number; digest: string } | undefined {
  const match = /^versions\/([^/]+)\/([1-9][0-9]{0,4})-(pd1:[0-9a-f]{64})\.json$/.exec(key);
  if (!match) return undefined;
  const [, promptId = '', version, digest = ''] = match;
  return { promptId, version: Number(version), digest };
}
