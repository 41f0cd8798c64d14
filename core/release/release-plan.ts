import type { Places } from '../ledger/places';
import { RegistryError } from '../registry-error';
import { newestPlace } from './newest-place';
import { callableVersions, historyOnTheWayBack } from './standing';
import type { VersionTarget } from './version-target';

export interface ReleasePlanProps {
  readonly promptName: string;
  readonly aliasName: string;
  readonly target: VersionTarget;
  /** Name of the stack parameter that carries the target, if one does; named in errors. */
  readonly parameterId?: string;
  /** The versions that exist; `digest` is null where the content could not be read. */
  readonly versions: readonly ExistingVersion[];
  /** Newest record of the alias's ledger; null if there is none. */
  readonly head: Pick<Places, 'to' | 'sequence'> | null;
  /** The alias's records, newest first, the head included. Gone through more than once, and only as far as is needed. */
  readonly history: AsyncIterable<Places>;
  /** How many versions may be callable at once, the target included. */
  readonly callable: number;
  readonly withdrawn: readonly number[];
  /** Whether the stack is rolling back: then nothing is refused. */
  readonly goingBack: boolean;
}

export interface ExistingVersion {
  readonly version: number;
  readonly digest: string | null;
}

export interface PlannedRelease {
  /** Where the alias is to point; null for nowhere. */
  readonly version: number | null;
  /** Sequence number of the ledger's head, 0 without one: the release may only write the next. */
  readonly revision: number;
  /** Versions that callers may use from the release on, the target first. */
  readonly callable: number[];
}

/**
 * Decides what a release does, or refuses it. Has no side effects.
 *
 * Going back is never refused: then the target may be missing or withdrawn, and a digest that no version has any more
 * is looked up in the ledger.
 *
 * @throws RegistryError `NoSuchVersion`, `NoSuchDigest`: each lists the versions that exist
 * @throws RegistryError `NoneAfterVersion` when an alias that points at a version is to point nowhere
 * @throws RegistryError `VersionWithdrawn` when an alias is to move to a withdrawn version; one that stands there stays
 */
export async function planRelease(props: ReleasePlanProps): Promise<PlannedRelease> {
  const { head, callable: size, withdrawn, goingBack } = props;
  const version = goingBack ? await versionToGoBackTo(props) : versionToRelease(props);
  const exists = (candidate: number) => props.versions.some((existing) => existing.version === candidate);
  const history = goingBack ? historyOnTheWayBack(version, withdrawn, props.history) : props.history;
  const callable = await callableVersions({ target: version, history, size, withdrawn });
  return { version, revision: head?.sequence ?? 0, callable: goingBack ? callable : callable.filter(exists) };
}

function versionToRelease(props: ReleasePlanProps): number | null {
  const { target, versions, head, withdrawn } = props;
  const current = head?.to?.version ?? null;
  if (target.kind === 'none') {
    if (current !== null) throw noneAfterVersion(props, current);
    return null;
  }
  const version = target.kind === 'digest' ? versionWithDigest(target.digest, versions, current) : target.version;
  if (version === null || !versions.some((existing) => existing.version === version)) throw noSuchVersion(props);
  if (version !== current && withdrawn.includes(version)) throw versionWithdrawn(props, version);
  return version;
}

async function versionToGoBackTo({ target, versions, head, history }: ReleasePlanProps): Promise<number | null> {
  const current = head?.to?.version ?? null;
  switch (target.kind) {
    case 'none':
      return null;
    case 'version':
      return target.version;
    case 'digest': {
      const existing = versionWithDigest(target.digest, versions, current);
      if (existing !== null) return existing;
      const released = await newestPlace(history, ({ digest }) => digest === target.digest);
      return released?.version ?? current;
    }
  }
}

/** Where several versions share a content, the one the alias stands on already, else the newest. */
function versionWithDigest(digest: string, versions: readonly ExistingVersion[], current: number | null) {
  const numbers = versions.filter((existing) => existing.digest === digest).map((existing) => existing.version);
  if (numbers.length === 0) return null;
  return current !== null && numbers.includes(current) ? current : Math.max(...numbers);
}

function noneAfterVersion(props: ReleasePlanProps, current: number): RegistryError {
  const { parameterId } = props;
  const cause = parameterId
    ? `stack parameter ${parameterId} was reset to its Default, as some pipelines do when a deployment does not name it`
    : 'its target in the app was changed to none';
  const fix = parameterId
    ? `deploy with ${parameterId}=${current} to stay, or with another version to release it`
    : `target version ${current} to stay`;
  return new RegistryError(
    'NoneAfterVersion',
    `${subject(props)} points at version ${current} and must not be reset to none: ${cause}; ${fix}; to retire the alias, remove it from the app`,
  );
}

function noSuchVersion(props: ReleasePlanProps): RegistryError {
  const { target, versions, parameterId } = props;
  const fix = `${parameterId ? `set stack parameter ${parameterId}` : 'set its target'} to one of them`;
  const existing = listVersions(versions);
  return target.kind === 'digest'
    ? new RegistryError(
        'NoSuchDigest',
        `${subject(props)} cannot point at ${target.digest}: no version of the prompt has that content; it has ${existing}; publish the content in this environment first, or ${fix}`,
      )
    : new RegistryError(
        'NoSuchVersion',
        `${subject(props)} cannot point at version ${target.kind === 'version' ? target.version : 'none'}: the prompt has ${existing}; ${fix}`,
      );
}

function versionWithdrawn(props: ReleasePlanProps, version: number): RegistryError {
  return new RegistryError(
    'VersionWithdrawn',
    `${subject(props)} cannot move to version ${version}: it is withdrawn (withdrawn are ${props.withdrawn.join(', ')}); take it off the withdrawn versions, or release another of ${listVersions(props.versions)}`,
  );
}

function subject({ promptName, aliasName }: ReleasePlanProps): string {
  return `alias ${aliasName} of prompt ${promptName}`;
}

function listVersions(versions: readonly ExistingVersion[]): string {
  if (versions.length === 0) return 'no versions';
  return [...versions]
    .sort((a, b) => a.version - b.version)
    .map(({ version, digest }) => `${version} (${digest ? `${digest.slice(0, 12)}…` : 'content unknown'})`)
    .join(', ')
    .replace(/^/, versions.length === 1 ? 'version ' : 'versions ');
}
