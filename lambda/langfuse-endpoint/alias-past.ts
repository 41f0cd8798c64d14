import type { AliasPast } from '../../core/langfuse/registry-source';
import type { ServedAlias } from '../../core/langfuse/served-alias';
import { type LedgerSource, ledgerEntries } from '../../core/ledger/entries';
import { type LedgerRecord, parseRecord } from '../../core/ledger/record';
import { firstOf, replayed } from '../../core/release/replayed';
import { callableVersions } from '../../core/release/standing';
import type { HandlerClock } from '../clock';

/** What an alias's ledger says of the versions before the one it points to, kept for the time to live. */
export function aliasPasts(source: LedgerSource, clock: Pick<HandlerClock, 'now'>, ttl: number) {
  const kept = new Map<string, { readonly past: Promise<AliasPast>; readonly until: number }>();
  return (alias: ServedAlias, promptId: string): Promise<AliasPast> => {
    const id = `${promptId}/${alias.alias}`;
    const known = kept.get(id);
    if (known && clock.now() < known.until) return known.past;
    const past = read(source, alias, promptId);
    kept.set(id, { past, until: clock.now() + ttl });
    past.catch(() => kept.delete(id));
    return past;
  };
}

async function read(source: LedgerSource, { alias, callable }: ServedAlias, promptId: string): Promise<AliasPast> {
  const history = replayed(records(source, promptId, alias));
  const head = await firstOf(history);
  const withdrawn = head?.withdrawn ?? [];
  const target = head?.to?.version ?? null;
  return { callable: await callableVersions({ target, history, size: callable, withdrawn }), withdrawn };
}

async function* records(source: LedgerSource, promptId: string, alias: string): AsyncGenerator<LedgerRecord> {
  for await (const { body } of ledgerEntries(source, promptId, alias)) yield parseRecord(body);
}
