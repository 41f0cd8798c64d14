import type { Places } from '../ledger/places';
import type { ReleasedVersion } from '../ledger/record';
import { RegistryError } from '../registry-error';
import { newestPlace } from './newest-place';
import { rolloutOnTheWayBack } from './rollout-state';
import { callableVersions, historyOnTheWayBack, type Placement } from './standing';
import { standingPlace, type TargetPlace, type VersionTarget } from './version-target';

export interface ReleasePlanProps {
  readonly promptName: string;
  readonly aliasName: string;
  readonly target: VersionTarget;
  /** Name of the stack parameter that carries the target, if one does; named in errors. */
  readonly parameterId?: string;
  /** The versions that exist; `digest` is null where the content could not be read. */
  readonly versions: readonly ExistingVersion[];
  /** Whether the alias may roll out. @default false */
  readonly rollsOut?: boolean;
  /** Whether the target is another one than in the last deployment: only that begins a rollout. @default true */
  readonly isNewTarget?: boolean;
  /** Newest record of the alias's ledger; null if there is none. */
  readonly head: Pick<Places, 'to' | 'sequence' | 'rollout'> | null;
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
  /** What it is to roll out meanwhile; undefined for nothing. */
  readonly candidate?: number | undefined;
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
 * @throws RegistryError `VersionWithdrawn` when an alias is to move to a withdrawn version or to roll one out; one that
 * stands there stays, and a rollout of one ends
 * @throws RegistryError `RolloutMovesStable`, `InvalidRollout` when a rollout is to begin that cannot
 */
export async function planRelease(props: ReleasePlanProps): Promise<PlannedRelease> {
  const { head, callable: size, withdrawn, goingBack } = props;
  const planned = goingBack ? await stateToGoBackTo(props) : stateToRelease(props);
  const { version, candidate } = planned;
  const exists = (one: number) => props.versions.some((existing) => existing.version === one);
  const callable = await callableVersions({ target: version, candidate, history: planned.history, size, withdrawn });
  const revision = head?.sequence ?? 0;
  return {
    version,
    candidate: candidate ?? undefined,
    revision,
    callable: goingBack ? callable : callable.filter(exists),
  };
}

interface PlannedState {
  readonly version: number | null;
  readonly candidate: number | null;
  readonly history: AsyncIterable<Placement>;
}

function stateToRelease(props: ReleasePlanProps): PlannedState {
  const { target, head, history } = props;
  const current = head?.to?.version ?? null;
  if (target.kind === 'none') {
    if (current !== null) throw noneAfterVersion(props, current);
    return { version: null, candidate: null, history };
  }
  if (target.kind === 'rollout') return { ...rolloutToRelease(props, target, current), history };
  return { version: placeToRelease(props, target, current), candidate: null, history };
}

/** @param current of several versions with one content, the one that is meant */
function placeToRelease(props: ReleasePlanProps, place: TargetPlace, current: number | null): number {
  const { versions, withdrawn } = props;
  const version = placeVersion(place, versions, current);
  if (version === null || !versions.some((existing) => existing.version === version)) {
    throw noSuchVersion(props, place);
  }
  if (version !== current && withdrawn.includes(version)) throw versionWithdrawn(props, version);
  return version;
}

function rolloutToRelease(
  props: ReleasePlanProps,
  { stable, candidate }: RolloutTarget,
  current: number | null,
): Pick<PlannedState, 'version' | 'candidate'> {
  const { head, versions, withdrawn, rollsOut = false, isNewTarget = true } = props;
  if (!rollsOut) throw noRollout(props);
  const version = placeVersion(stable, versions, current);
  if (version === null || version !== current) throw movesStable(props, stable, current);
  const running = head?.rollout?.candidate.version ?? null;
  const wanted = placeVersion(candidate, versions, running);
  const isOut = withdrawn.includes(version) || (wanted !== null && withdrawn.includes(wanted));
  // One that runs goes on whatever became of its version, and ends where that or the stable one is withdrawn.
  if (wanted !== null && wanted === running) return { version, candidate: isOut ? null : wanted };
  // A withdrawal ended it: taken off the withdrawn versions, nothing is rolled out again that nobody asked for now.
  if (!isNewTarget) return { version, candidate: null };
  const begun = placeToRelease(props, candidate, null);
  if (withdrawn.includes(version)) throw versionWithdrawn(props, version);
  if (begun <= version) throw goesNowhere(props, version, begun);
  return { version, candidate: begun };
}

type RolloutTarget = Extract<VersionTarget, { kind: 'rollout' }>;

async function stateToGoBackTo(props: ReleasePlanProps): Promise<PlannedState> {
  const { target, withdrawn, history } = props;
  const version = await versionToGoBackTo(props, standingPlace(target));
  const isCandidate = target.kind === 'rollout' ? isPlace(target.candidate) : undefined;
  const rollout = await rolloutOnTheWayBack({ version, isCandidate, withdrawn }, history);
  return {
    version,
    candidate: rollout?.candidate.version ?? null,
    history: historyOnTheWayBack(version, withdrawn, history, rollout),
  };
}

async function versionToGoBackTo(
  { versions, head, history }: ReleasePlanProps,
  place: TargetPlace | null,
): Promise<number | null> {
  if (place === null) return null;
  const current = head?.to?.version ?? null;
  const existing = placeVersion(place, versions, current);
  if (existing !== null) return existing;
  const released = await newestPlace(history, isPlace(place));
  return released?.version ?? current;
}

function isPlace(place: TargetPlace): (found: ReleasedVersion) => boolean {
  return place.kind === 'digest' ? ({ digest }) => digest === place.digest : ({ version }) => version === place.version;
}

function placeVersion(place: TargetPlace, versions: readonly ExistingVersion[], current: number | null) {
  return place.kind === 'digest' ? versionWithDigest(place.digest, versions, current) : place.version;
}

/** Where several versions share a content, the one the alias stands on already, else the newest. */
function versionWithDigest(digest: string, versions: readonly ExistingVersion[], current: number | null) {
  const numbers = versions.filter((existing) => existing.digest === digest).map((existing) => existing.version);
  if (numbers.length === 0) return null;
  return current !== null && numbers.includes(current) ? current : Math.max(...numbers);
}

function noneAfterVersion(props: ReleasePlanProps, current: number): RegistryError {
  const { parameterId, head } = props;
  const running = head?.rollout ? `..${head.rollout.candidate.version}` : '';
  const cause = parameterId
    ? `stack parameter ${parameterId} was reset to its Default, as some pipelines do when a deployment does not name it`
    : 'its target in the app was changed to none';
  const fix = parameterId
    ? `deploy with ${parameterId}=${current}${running} to stay, or with another version to release it`
    : `target version ${current} to stay`;
  return new RegistryError(
    'NoneAfterVersion',
    `${subject(props)} points at version ${current} and must not be reset to none: ${cause}; ${fix}; to retire the alias, remove it from the app`,
  );
}

function noSuchVersion(props: ReleasePlanProps, place: TargetPlace): RegistryError {
  const { target, versions, parameterId } = props;
  const wish = target.kind === 'rollout' ? 'roll out' : 'point at';
  const named = parameterId ? `set stack parameter ${parameterId}` : 'set its target';
  const fix = target.kind === 'rollout' ? newerOne(props) : `${named} to one of them`;
  const existing = listVersions(versions);
  return place.kind === 'digest'
    ? new RegistryError(
        'NoSuchDigest',
        `${subject(props)} cannot ${wish} ${place.digest}: no version of the prompt has that content; it has ${existing}; publish the content in this environment first, or ${fix}`,
      )
    : new RegistryError(
        'NoSuchVersion',
        `${subject(props)} cannot ${wish} version ${place.version}: the prompt has ${existing}; ${fix}`,
      );
}

function versionWithdrawn(props: ReleasePlanProps, version: number): RegistryError {
  const wish =
    props.target.kind !== 'rollout' ? 'move to' : version === props.head?.to?.version ? 'stand on' : 'roll out';
  return new RegistryError(
    'VersionWithdrawn',
    `${subject(props)} cannot ${wish} version ${version}: it is withdrawn (withdrawn are ${props.withdrawn.join(', ')}); take it off the withdrawn versions, or release another of ${listVersions(props.versions)}`,
  );
}

function noRollout(props: ReleasePlanProps): RegistryError {
  const { parameterId = 'its target', head } = props;
  return new RegistryError(
    'InvalidRollout',
    `${subject(props)} cannot roll out a version: expected an alias with the option rollout, found none; set ${parameterId} to one version, such as ${head?.to?.version ?? 1}, or give the alias rollout: Rollout.steps(…)`,
  );
}

function movesStable(props: ReleasePlanProps, stable: TargetPlace, current: number | null): RegistryError {
  const named = stable.kind === 'digest' ? stable.digest : `version ${stable.version}`;
  const fix =
    current === null ? 'release a version first' : `begin with ${current}.., or move the alias first and roll out then`;
  return new RegistryError(
    'RolloutMovesStable',
    `${subject(props)} cannot roll out a version over ${named}: expected the version that the alias points at, ${current ?? 'which is none'}; ${fix}`,
  );
}

function goesNowhere(props: ReleasePlanProps, version: number, candidate: number): RegistryError {
  const { parameterId = 'its target' } = props;
  const why = candidate === version ? 'it is where the alias stands' : 'a return is made at once, not in steps';
  const fix = candidate === version ? newerOne(props) : `set ${parameterId} to ${candidate}`;
  return new RegistryError(
    'InvalidRollout',
    `${subject(props)} cannot roll out version ${candidate}: expected a version above ${version}, ${why}; ${fix}`,
  );
}

/** What to write instead. One number alone would give it to everybody at once. */
function newerOne({ parameterId = 'its target', versions, withdrawn, head }: ReleasePlanProps): string {
  const stable = head?.to?.version ?? 0;
  const allowed = versions.flatMap(({ version }) => (withdrawn.includes(version) ? [] : version));
  const newest = Math.max(...allowed, 0);
  if (stable === 0) return 'release a version first';
  return newest > stable
    ? `set ${parameterId} to ${stable}..${newest}, or to ${stable}.. and another version above ${stable}`
    : `publish a version above ${stable} first`;
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
