import type { ReleasedVersion } from '../ledger/record';
import type { Rollout } from '../ledger/record-schema-2';
import { type History, type Placement, withoutUndone } from './standing';

/** What a rollout is known by: where the alias stands, and what is rolled out. */
interface Sides {
  readonly to: { readonly version: number } | null;
  readonly rollout?: { readonly candidate: { readonly version: number } } | null;
}

/** Whether this very rollout is in force: the same candidate over the same stable version. Its settings are those of its start. */
export function isRollingOut(head: Sides | null | undefined, version: number | null, candidate: number): boolean {
  return version !== null && head?.to?.version === version && head.rollout?.candidate.version === candidate;
}

/** A placement with the whole rollout. */
export interface RolloutPlacement extends Placement {
  readonly rollout?: Rollout | null;
}

/** A state that a stack goes back to, as its template declares it. */
export interface DeclaredState {
  readonly version: number | null;
  /** Whether this is the version that the target rolls out; undefined where it rolls out none. */
  readonly isCandidate: ((candidate: ReleasedVersion) => boolean) | undefined;
  readonly withdrawn: readonly number[];
}

/**
 * The rollout that was in force in a state that a stack goes back to, whether or not the record that undoes the newest one
 * is written already. The newest that fits is it: with its plan, so that its steps and its halt hold again.
 *
 * A target may also go on saying `3..4` where a withdrawal ended that rollout: then there was none.
 */
export async function rolloutOnTheWayBack(
  { version, isCandidate, withdrawn }: DeclaredState,
  history: History<RolloutPlacement>,
): Promise<Rollout | null> {
  if (version === null || isCandidate === undefined) return null;
  const stay: RolloutPlacement[] = [];
  for await (const record of lastStay(version, history)) stay.push(record);
  const isAsDeclared = (record: RolloutPlacement) => String(record.withdrawn) === String(withdrawn);
  const isRolling = ({ rollout }: RolloutPlacement) => rollout != null && isCandidate(rollout.candidate);
  const rolling = stay.findIndex(isRolling);
  const resting = stay.findIndex((record) => !record.rollout && isAsDeclared(record));
  const sides = [version, stay[rolling]?.rollout?.candidate.version];
  const isEnded =
    resting >= 0 &&
    stay.slice(resting, rolling).some((record) => sides.some((one) => record.withdrawn.includes(one ?? 0)));
  const begun = stay.slice(rolling).find((record) => isRolling(record) && isAsDeclared(record));
  return rolling < 0 || isEnded ? null : (begun?.rollout ?? null);
}

/** The records that count of the last time that the alias stood on the version, newest first: a rollout does not move it. */
async function* lastStay(version: number, history: History<RolloutPlacement>): AsyncGenerator<RolloutPlacement> {
  let hasBegun = false;
  for await (const record of withoutUndone(history)) {
    if (record.to?.version === version) {
      hasBegun = true;
      yield record;
    } else if (hasBegun) return;
  }
}
