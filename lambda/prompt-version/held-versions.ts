import { callableVersions } from '../../core/callable-versions';
import { AliasLedger, readableRecords } from '../alias-ledger';
import type { KnownVersions } from '../known-versions';
import type { ObjectStore } from '../object-store';
import type { WantedVersion } from './wanted-version';

/** Enough to find the version an alias pointed to just before, past releases that failed. */
const HISTORY = 100;

/** Versions that must stay, each with what holds it: whatever an alias's callers may use, and what the stack names. */
export async function heldVersions(
  wanted: WantedVersion,
  known: KnownVersions,
  store: ObjectStore,
): Promise<Map<number, string>> {
  const held = new Map<number, string>();
  const hold = (version: number, why: string) => held.set(version, held.get(version) ?? why);
  const aliases = await store.folders(`ledger/${wanted.promptId}/`);
  for (const alias of aliases) {
    const history = readableRecords(await new AliasLedger(store, wanted.promptId, alias).newest(HISTORY));
    const target = history[0]?.to?.version;
    if (target === undefined) continue;
    // Withdrawn ones too: taking a version back out of `WithdrawnVersions` must find it.
    const [, ...before] = callableVersions({ target, history, size: wanted.callable, withdrawn: [] });
    hold(target, `alias ${alias} points at it`);
    for (const version of before) hold(version, `alias ${alias} pointed at it just before`);
  }
  for (const { target, why } of wanted.held) {
    if (/^[1-9]\d*$/.test(target)) hold(Number(target), why);
    else if (target !== 'none') for (const version of await known.withDigest(target)) hold(version, why);
  }
  return held;
}
