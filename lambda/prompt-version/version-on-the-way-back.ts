import { VERSION_LIMIT } from '../../core/contract/bedrock-limits';
import { placesIn } from '../../core/ledger/entries';
import { promptPrefix } from '../../core/ledger/layout';
import { newestPlace } from '../../core/release/newest-place';
import { AliasLedger } from '../alias-ledger';
import { errorCode } from '../error-code';
import type { KnownVersions } from '../known-versions';
import type { ObjectStore } from '../object-store';
import { snapshotDigest } from '../snapshot-digest';
import type { VersionArchive } from '../version-archive';
import type { PromptVersionDeps } from './deps';
import { setTypesRight } from './draft';
import type { WantedVersion } from './wanted-version';

/**
 * The version to answer while the stack goes back and no version holds the declared content any more. Never refuses.
 *
 * The number that content had comes first, although the version is gone: the stack's attributes must come out as they
 * were, a new number would move every alias that follows the content. Only a content that never had a number here is
 * published again, if the draft holds it and there is room; nothing is deleted on the way back.
 */
export async function versionOnTheWayBack(
  wanted: WantedVersion,
  known: KnownVersions,
  archive: VersionArchive,
  deps: PromptVersionDeps,
  publish: () => Promise<number>,
): Promise<number | null> {
  const { promptId, digest } = wanted;
  const { prompts, store, log } = deps;
  const draftHolds = async () => snapshotDigest(await prompts.read(promptId, 'DRAFT')) === digest;
  const remembered = await rememberedVersion(wanted, archive, store);
  if (remembered !== null) return remembered;
  if (known.listed.length >= VERSION_LIMIT) return null;
  if (!(await draftHolds()) && !((await setTypesRight(wanted, deps)) && (await draftHolds()))) return null;
  return publish().catch((error: unknown) => {
    log('WARN', 'not published on the way back', { promptId, error: errorCode(error) });
    return null;
  });
}

/** The number that the content has or had, by the archive or the ledger: Bedrock is not asked. */
export async function rememberedVersion(
  { promptId, digest }: WantedVersion,
  archive: VersionArchive,
  store: ObjectStore,
): Promise<number | null> {
  const [archived] = await archive.versionsWith(digest);
  if (archived !== undefined) return archived;
  for (const alias of await store.folders(promptPrefix('ledger', promptId))) {
    const records = placesIn(new AliasLedger(store, promptId, alias).entries());
    const released = await newestPlace(records, (place) => place.digest === digest);
    if (released) return released.version;
  }
  return null;
}
