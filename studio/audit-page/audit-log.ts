import type { AliasStanding } from '../../core/audit/alias-standing';
import type { LogRow } from '../../core/audit/release-log';
import type { ChainFinding } from '../../core/ledger/chain';
import type { LockedFacts } from '../../core/models/locked-facts';

/** What `audit log` tells; `--json` prints it. */
export interface AuditLog {
  readonly prompt: string;
  readonly promptIds: readonly string[];
  /** Parameter prefix of the registry; null for a ledger that outlived its stack and holds no record. */
  readonly registry: string | null;
  readonly bucket: string;
  readonly alias: string | null;
  /** Since when; null for everything. */
  readonly since: string | null;
  /** When it was made, by AWS's clock. */
  readonly time: string;
  /** Where each alias stands now, also where it came there before the log begins. */
  readonly standings: readonly AliasStanding[];
  /** What the lock file says of the models that they run on. */
  readonly models: readonly LockedFacts[];
  /** Newest first. */
  readonly rows: readonly LogRow[];
  readonly heads: readonly ChainHead[];
  /** What is wrong with the chains that the rows come from; empty where they hold. */
  readonly findings: readonly ChainFinding[];
  readonly notes: readonly string[];
}

export interface ChainHead {
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  /** Sequence number of the newest record; 0 where there is none. */
  readonly sequence: number;
  readonly records: number;
  readonly time: string | null;
  /** SHA-256 of the newest record's object. */
  readonly digest: string | null;
}
