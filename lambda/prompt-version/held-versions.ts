import { placesIn } from '../../core/ledger/entries';
import { promptPrefix } from '../../core/ledger/layout';
import { firstOf, replayed } from '../../core/release/replayed';
import { lastStandings } from '../../core/release/standing';
import { placesOfTarget } from '../../core/release/version-target';
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
  for await (const { version, why } of heldByAliases(wanted, store)) hold(version, why);
  const draft = snapshotDigest(await prompts.read(wanted.promptId, 'DRAFT'));
  if (draft !== null) for (const version of await known.withDigest(draft)) hold(version, 'the draft holds its content');
  for (const { target, why } of wanted.held) {
    for (const place of placesOfTarget(target)) {
      if (/^[1-9]\d*$/.test(place)) hold(Number(place), why);
      else for (const version of await known.withDigest(place)) hold(version, why);
    }
  }
  return held;
}

/** The versions that the callers of each alias may use. */
async function* heldByAliases({ promptId, callable }: WantedVersion, store: ObjectStore) {
  const size = Math.max(FEWEST_CALLABLE, callable || 0);
  for (const alias of await store.folders(promptPrefix('ledger', promptId))) {
    const history = replayed(placesIn(new AliasLedger(store, promptId, alias).entries()));
    const target = (await firstOf(history))?.to?.version ?? null;
    // Withdrawn ones too: a stack that undoes the withdrawal must find them.
    for (const { version } of await lastStandings({ target, history, size: target === null ? 1 : size })) {
      const tense = version === target ? 'points at it' : 'pointed at it just before';
      yield { version, why: `alias ${alias} ${tense}` };
    }
  }
}
