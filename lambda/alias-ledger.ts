import { type LedgerEntry, ledgerEntries } from '../core/ledger/entries';
import { ledgerKey } from '../core/ledger/layout';
import { type LedgerRecord, parseRecord, recordDigest, serializeRecord } from '../core/ledger/record';
import { replayed } from '../core/release/replayed';
import type { ObjectStore } from './object-store';

/** The chain of one alias: read from its newest end, appended to by the first writer of the next sequence number. */
export class AliasLedger {
  constructor(
    private readonly store: ObjectStore,
    private readonly promptId: string,
    private readonly alias: string,
  ) {}

  /** The chain as it is from the first read on, newest first; read as far as somebody goes through it. */
  entries(): AsyncIterable<LedgerEntry> {
    return replayed(ledgerEntries(this.store, this.promptId, this.alias));
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
