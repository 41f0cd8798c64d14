import { VERSION_LIMIT } from '../../core/contract/bedrock-limits';
import { choosePrunable } from '../../core/release/prunable-version';
import type { BedrockPrompts } from '../bedrock-prompts';
import type { KnownVersions } from '../known-versions';
import type { Log } from '../log';
import type { VersionArchive } from '../version-archive';

/**
 * Deletes versions until one more fits: only those this registry made, whose archive was just read back and equals them.
 * Chooses all before it deletes any, so that a prompt without room is left as it was. Throws `NoRoomForVersion`.
 */
export async function makeRoom(
  promptId: string,
  known: KnownVersions,
  held: ReadonlyMap<number, string>,
  archive: VersionArchive,
  prompts: BedrockPrompts,
  log: Log,
): Promise<void> {
  const archived = new Set<number>();
  for (const { version } of known.listed) {
    const digest = await known.digest(version);
    if (digest !== null && (await archive.holds(version, digest))) archived.add(version);
  }
  const versions = known.listed.map(({ version }) => version).reverse();
  const doomed: number[] = [];
  while (versions.length - doomed.length >= VERSION_LIMIT) {
    const left = versions.filter((version) => !doomed.includes(version));
    doomed.push(choosePrunable({ versions: left, held, archived }));
  }
  for (const version of doomed) {
    await prompts.deleteVersion(promptId, version);
    log('INFO', 'pruned', { promptId, version });
  }
}
