/**
 * The few things the handlers do with the ledger bucket. Each method is one request, but for lists of several pages.
 *
 * An object is only ever written where none is: the bucket denies every other put, and every delete.
 */
export interface ObjectStore {
  /**
   * Keys under the prefix in UTF-8 order (which puts the newest ledger record first), at most `limit` (≤ 1,000),
   * from the one behind `after` on.
   */
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  /** The next path segment of every key under the prefix: `ledger/P/` → `['PROD', 'STAGING']`. */
  folders(prefix: string): Promise<string[]>;
  /** Undefined where there is no such key. Needs `s3:ListBucket`: without it S3 answers 403 for a missing key. */
  read(key: string): Promise<string | undefined>;
  /** `taken` when the key exists already, also when it is this caller's own write whose answer got lost. */
  putIfAbsent(key: string, body: string): Promise<'written' | 'taken'>;
}
