import { placesIn } from '../../core/ledger/entries';
import { promptPrefix } from '../../core/ledger/layout';
import { firstOf, replayed } from '../../core/release/replayed';
import { lastStandings } from '../../core/release/standing';
import { AliasLedger } from '../alias-ledger';
import type { BedrockPrompts } from '../bedrock-prompts';
import type { KnownVersions } from '../known-versions';
import type { ObjectStore } from '../object-store';
import { snapshotDigest } from '../snapshot-digest';
import type { WantedVersion } from './wanted-version';

/** An alias keeps at least so many callable, whatever an event says. */
const FEWEST_CALLABLE = 2;

/**
 * Versions that must stay, each with what holds it: whatever an alias's callers may use, and what the stack names. An
 * event can add to them and take nothing away.
 */
export async function heldVersions(
  wanted: WantedVersion,
  known: KnownVersions,
  { prompts, store }: { readonly prompts: Pick<BedrockPrompts, 'read'>; readonly store: ObjectStore },
): Promise<Map<number, string>> {
  const held = new Map<number, string>();
  const hold = (version: number, why: string) => held.set(version, held.get(version) ?? why);
  const size = Math.max(FEWEST_CALLABLE, wanted.callable || 0);
  const aliases = await store.folders(promptPrefix('ledger', wanted.promptId));
  for (const alias of aliases) {
    const history = replayed(placesIn(new AliasLedger(store, wanted.promptId, alias).entries()));
    const target = (await firstOf(history))?.to?.version ?? null;
    // Withdrawn ones too: a stack that undoes the withdrawal must find them.
    const last = await lastStandings({ target, history, size: target === null ? 1 : size });
    for (const { version } of last) {
      const tense = version === target ? 'points at it' : 'pointed at it just before';
      hold(version, `alias ${alias} ${tense}`);
    }
  }
  const draft = snapshotDigest(await prompts.read(wanted.promptId, 'DRAFT'));
  if (draft !== null) for (const version of await known.withDigest(draft)) hold(version, 'the draft holds its content');
  for (const { target, why } of wanted.held) {
    if (/^[1-9]\d*$/.test(target)) hold(Number(target), why);
    else if (target !== 'none') for (const version of await known.withDigest(target)) hold(version, why);
  }
  return held;
}
