import { RegistryError } from '../registry-error';

export interface PrunableVersionProps {
  /** Every version of the prompt, newest first. */
  readonly versions: readonly number[];
  /** Versions that something needs, each with what holds it: `alias PROD points at it`. */
  readonly held: ReadonlyMap<number, string>;
  /** Versions that this registry made, archived and read back equal. */
  readonly archived: ReadonlySet<number>;
}

/**
 * The version to delete when a prompt has as many as Bedrock allows: the oldest that nothing holds, that is not the
 * newest, and that this registry archived. What it did not make, it never deletes.
 *
 * @throws RegistryError `NoRoomForVersion` listing each version with what holds it
 */
export function choosePrunable({ versions, held, archived }: PrunableVersionProps): number {
  const reasons: string[] = [];
  for (const version of [...versions].reverse()) {
    const reason =
      held.get(version) ??
      (version === versions[0] ? 'it is the newest' : undefined) ??
      (archived.has(version) ? undefined : 'this registry did not make it');
    if (reason === undefined) return version;
    reasons.push(`version ${version}: ${reason}`);
  }
  throw new RegistryError(
    'NoRoomForVersion',
    `the prompt has ${versions.length} versions, Bedrock allows no more, and none of them may be deleted (${reasons.join('; ')}); move or remove an alias, shorten keepVersions, or delete a version by hand`,
  );
}
