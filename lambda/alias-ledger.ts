import { ledgerKey, ledgerPrefix, sequenceOfKey } from '../core/ledger-key';
import { type LedgerRecord, parseRecord, recordDigest, serializeRecord } from '../core/ledger-record';
import type { ObjectStore } from './object-store';

/** A record as it lies in the bucket. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly body: string;
}

/** The chain of one alias: read from its newest end, appended to by whoever is first to take the next sequence number. */
export class AliasLedger {
  constructor(
    private readonly store: ObjectStore,
    private readonly promptId: string,
    private readonly alias: string,
  ) {}

  /** The newest `window` records, and all with a higher sequence number than `since`; newest first, at most 1,000. */
  async newest(window: number, since = Number.POSITIVE_INFINITY): Promise<LedgerEntry[]> {
    const limit = since === Number.POSITIVE_INFINITY ? window : 1_000;
    const keys = await this.newestKeys(limit);
    const wanted = keys.filter((key, index) => index < window || sequenceOfKey(key) > since);
    const entries = await Promise.all(
      wanted.map(async (key) => ({ sequence: sequenceOfKey(key), body: await this.store.read(key) })),
    );
    return entries.filter((entry): entry is LedgerEntry => entry.body !== undefined);
  }

  /** Whatever else lies there is passed over, and does not count. */
  private async newestKeys(limit: number): Promise<string[]> {
    const keys: string[] = [];
    let page: string[] = [];
    do {
      page = await this.store.list(ledgerPrefix(this.promptId, this.alias), limit, page.at(-1));
      keys.push(...page.filter(isRecordKey));
    } while (page.length === limit && keys.length < limit);
    return keys.slice(0, limit);
  }

  async at(sequence: number): Promise<LedgerRecord | undefined> {
    const body = await this.store.read(ledgerKey(this.promptId, this.alias, sequence));
    return body === undefined ? undefined : parseRecord(body);
  }

  /** Writes the record under its sequence number, unless that number is taken. */
  append(record: LedgerRecord): Promise<'written' | 'taken'> {
    return this.store.putIfAbsent(ledgerKey(this.promptId, this.alias, record.sequence), serializeRecord(record));
  }
}

/** What the record after this entry carries as `previous`. */
export function previousDigest(head: LedgerEntry | undefined): string | null {
  return head === undefined ? null : recordDigest(head.body);
}

/** On the way back a record that cannot be read must not block. */
export function readableRecords(entries: readonly LedgerEntry[]): LedgerRecord[] {
  return entries.flatMap(({ body }) => {
    try {
      return [parseRecord(body)];
    } catch {
      return [];
    }
  });
}

function isRecordKey(key: string): boolean {
  try {
    return sequenceOfKey(key) > 0;
  } catch {
    return false;
  }
}
