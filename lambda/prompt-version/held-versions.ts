import { placesIn } from '../../core/ledger/entries';
import { promptPrefix } from '../../core/ledger/layout';
import { firstOf, replayed } from '../../core/release/replayed';
import { lastStandings } from '../../core/release/standing';
import { AliasLedger } from '../alias-ledger';
import type { KnownVersions } from '../known-versions';
import type { ObjectStore } from '../object-store';
import type { WantedVersion } from './wanted-version';

/** Versions that must stay, each with what holds it: whatever an alias's callers may use, and what the stack names. */
export async function heldVersions(
  wanted: WantedVersion,
  known: KnownVersions,
  store: ObjectStore,
): Promise<Map<number, string>> {
  const held = new Map<number, string>();
  const hold = (version: number, why: string) => held.set(version, held.get(version) ?? why);
  const aliases = await store.folders(promptPrefix('ledger', wanted.promptId));
  for (const alias of aliases) {
    const history = replayed(placesIn(new AliasLedger(store, wanted.promptId, alias).entries()));
    const target = (await firstOf(history))?.to?.version;
    if (target === undefined) continue;
    // Withdrawn ones too: a stack that undoes the withdrawal must find them.
    const [, ...before] = await lastStandings({ target, history, size: wanted.callable });
    hold(target, `alias ${alias} points at it`);
    for (const { version } of before) hold(version, `alias ${alias} pointed at it just before`);
  }
  for (const { target, why } of wanted.held) {
    if (/^[1-9]\d*$/.test(target)) hold(Number(target), why);
    else if (target !== 'none') for (const version of await known.withDigest(target)) hold(version, why);
  }
  return held;
}
