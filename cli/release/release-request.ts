import { aliasParameterId, withdrawnParameterId } from '../../core/contract/names';
import { planRelease } from '../../core/release/release-plan';
import { RELEASE_REASON_PARAMETER } from '../../core/release/release-reason';
import { firstOf } from '../../core/release/replayed';
import { formatRolloutTarget, placesOfTarget, type VersionTarget } from '../../core/release/version-target';
import { formatWithdrawnVersions } from '../../core/release/withdrawn-versions';
import { CliError, usageError } from '../cli-error';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { parameterValue, type StackAlias } from '../registry-stack';
import { versionNumber } from '../version-content';
import { parseVersionReference } from '../version-reference';
import { checkReason } from './release-reason';
import type { ReleaseWatch } from './release-watch';

/** One release, fixed to numbers before anything is changed. */
export interface ReleaseRequest {
  readonly prompt: RegistryPrompt;
  readonly state: AliasState;
  /** Version that the alias is to point to. */
  readonly to: number;
  /** Version that it rolls out from then on; null for none. */
  readonly candidate: number | null;
  /** Stack parameters to change, and only those. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Why, for the record; null where nobody said. */
  readonly reason: string | null;
  /** Versions withdrawn from then on. */
  readonly withdrawn: readonly number[];
  /** Versions that callers may use from then on. */
  readonly callable: readonly number[];
  /** Alarms that take it back; undefined where none does. */
  readonly watch?: ReleaseWatch;
}

export interface ReleaseWish {
  readonly promptName: string;
  readonly aliasName: string;
  /** As written: `:6`, `@STAGING`, `pd1:…`, `previous`; of a plan that was made also `3..4`. */
  readonly to: string;
  /** Move at once, also an alias that rolls out. */
  readonly now?: boolean;
  /** Withdraw the version that the alias points to now. */
  readonly withdraw: boolean;
  /** Why; undefined to say nothing. */
  readonly reason: string | undefined;
}

/**
 * Resolves what a person asks for, and refuses what the stack would refuse: an alias that source pins, a version that is
 * not there or withdrawn.
 *
 * @throws CliError and RegistryError
 */
export async function releaseRequest(registry: Registry, wish: ReleaseWish): Promise<ReleaseRequest> {
  const prompt = await registry.prompt(wish.promptName);
  const alias = registry.alias(prompt, wish.aliasName);
  const parameterId = movingParameter(registry, alias);
  const pointers = await registry.reader.aliases(prompt.promptName);
  const state = await registry.aliasState(prompt, alias, pointers);
  const { to, candidate } = await targetState(registry, prompt, state, wish);
  if (wish.reason !== undefined) checkReason(registry.stack, wish.reason);
  const withdrawn = wish.withdraw ? withdrawing(state, prompt, to, candidate) : prompt.withdrawn;
  const versions = await registry.reader.versions(prompt.promptId);
  const { callable } = await planRelease({
    promptName: prompt.promptName,
    aliasName: alias.aliasName,
    parameterId,
    target: targetOf(to, candidate),
    rollsOut: alias.rollout !== undefined,
    versions: versions.map(({ version, digest }) => ({ version, digest: digest ?? null })),
    head: (await firstOf(state.history)) ?? null,
    history: state.history,
    callable: alias.callableVersions,
    withdrawn,
    goingBack: false,
  });
  return {
    prompt,
    state,
    to,
    candidate,
    withdrawn,
    callable,
    reason: wish.reason ?? null,
    parameters: {
      [parameterId]: candidate === null ? String(to) : formatRolloutTarget(to, candidate),
      ...(wish.withdraw && { [withdrawnParameterId(prompt.promptName)]: formatWithdrawnVersions(withdrawn) }),
      ...(wish.reason !== undefined && { [RELEASE_REASON_PARAMETER]: wish.reason }),
    },
  };
}

/** Stack parameters that releases change, which are made together. */
export function parametersOf(requests: readonly ReleaseRequest[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...requests.map(({ parameters }) => parameters));
}

/** Name of the parameter that moves the alias. */
function movingParameter(registry: Registry, alias: StackAlias): string {
  const { promptName, aliasName, parameterId, sourceTarget } = alias;
  if (parameterId !== undefined && parameterValue(registry.stack, parameterId) !== undefined) return parameterId;
  const wanted = aliasParameterId(promptName, aliasName);
  const pinned = /^[1-9]/.test(sourceTarget ?? '');
  throw new CliError({
    what: `${aliasName} of ${promptName} is ${pinned ? `pinned to version ${sourceTarget}` : 'set'} in source`,
    why: `the stack has no parameter ${wanted}: ${pinned ? 'the app says AliasTarget.version() or .digest()' : 'the alias follows the content of the prompt, or a digest in the app'}`,
    fix: ['change it in the app and deploy', 'or give the alias target: AliasTarget.parameter(), to move it from here'],
  });
}

interface TargetState {
  readonly to: number;
  readonly candidate: number | null;
}

/**
 * Where the alias is to stand and what it is to roll out. One with a rollout rolls out what is newer than where it stands;
 * the version that it rolls out already settles it, and the one where it stands ends it.
 */
async function targetState(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  { to: text, now = false }: ReleaseWish,
): Promise<TargetState> {
  const { alias, version: stands, rollout } = state;
  const [stable, declared, ...more] = placesOfTarget(text);
  if (more.length > 0) {
    throw usageError(`${JSON.stringify(text)} names no version`, 'write 3..4 to stay on 3 and roll 4 out');
  }
  if (stable !== undefined && declared !== undefined) {
    const number = (place: string) => targetNumber(registry, prompt, state, place);
    return { to: await number(stable), candidate: await number(declared) };
  }
  // The newest thing that callers got goes first.
  if (text === 'previous' && rollout && stands !== null) return { to: stands, candidate: null };
  const to = await targetNumber(registry, prompt, state, text);
  const isMove = now || alias.rollout === undefined || stands === null || to <= stands || to === rollout?.candidate;
  return isMove ? { to, candidate: null } : { to: stands, candidate: to };
}

function targetOf(to: number, candidate: number | null): VersionTarget {
  const stable = { kind: 'version', version: to } as const;
  return candidate === null ? stable : { kind: 'rollout', stable, candidate: { kind: 'version', version: candidate } };
}

async function targetNumber(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  text: string,
): Promise<number> {
  const reference = parseVersionReference(text);
  if (reference.kind === 'previous') return previousVersion(state, prompt);
  if (!['version', 'alias', 'digest', 'tag'].includes(reference.kind)) {
    throw usageError(`an alias cannot point to ${text}`, 'release a published version: :6, @STAGING, a tag or pd1:…');
  }
  return versionNumber(registry, prompt, reference);
}

/** The version that the alias pointed to before, as callers may still use it. */
function previousVersion({ alias, version, callable }: AliasState, prompt: RegistryPrompt): number {
  const previous = callable.find((one) => one !== version);
  if (version !== null && previous !== undefined) return previous;
  const withdrawn = prompt.withdrawn.length > 0 ? `; withdrawn: ${prompt.withdrawn.join(', ')}` : '';
  throw new CliError({
    what: `${alias.aliasName} of ${prompt.promptName} has no version to go back to`,
    why: `it ${version === null ? 'points nowhere' : `points to ${version}, and to no other version before that may be used`}${withdrawn}`,
    fix: 'name one with --to',
  });
}

function withdrawing(
  { alias, version, rollout }: AliasState,
  prompt: RegistryPrompt,
  to: number,
  candidate: number | null,
): number[] {
  const add = (one: number) => [...new Set([...prompt.withdrawn, one])].sort((a, b) => a - b);
  if (rollout && candidate === null && to !== rollout.candidate) return add(rollout.candidate);
  if (version === null || version === to) {
    const why =
      version === null ? `${alias.aliasName} points nowhere` : `${alias.aliasName} would stay on version ${to}`;
    throw new CliError({ what: 'there is nothing to withdraw', why, fix: 'name another version with --to' });
  }
  return add(version);
}
