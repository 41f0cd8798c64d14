import type { LedgerRecord } from '../ledger/record';

/** What a record says of where its alias stood from then on. */
export interface Placement extends Pick<LedgerRecord, 'undo' | 'withdrawn'> {
  readonly sequence?: number;
  readonly from: { readonly version: number } | null;
  readonly to: { readonly version: number } | null;
  /** The rollout that was in force from then on. */
  readonly rollout?: { readonly plan: number; readonly candidate: { readonly version: number } } | null;
}

/** An alias's records, newest first. It is read no further than the answer needs. */
export type History<T = Placement> = AsyncIterable<T> | Iterable<T>;

/** A version that an alias pointed at. */
export interface Standing {
  readonly version: number;
  /** A record since its last arrival withdrew it: taken off the withdrawn versions, it is still not callable. */
  readonly withdrawn: boolean;
}

/**
 * The records that still count, newest first: without those that undo, and without those that were undone.
 *
 * An undo goes back to the newest of them before it that left the alias in the same state, and what lies between never
 * was: it takes back and never adds, wherever it claims to go. One that undoes nothing changes nothing.
 */
export async function* withoutUndone<T extends Placement>(history: History<T>): AsyncGenerator<T> {
  const counts = undoFilter();
  for await (const record of history) if (counts(record)) yield record;
}

/** {@link withoutUndone} of a history that is at hand. */
export function stillCounting<T extends Placement>(newestFirst: readonly T[]): T[] {
  return newestFirst.filter(undoFilter());
}

/** Says of each record, asked newest first, whether it still counts. */
function undoFilter(): (record: Placement) => boolean {
  // Those that have not come to where they go back to; of what the last one took back, none before it can go back to.
  const undoing: Placement[] = [];
  return (record) => {
    if (record.undo) {
      undoing.push(record);
      return false;
    }
    for (let undo = undoing.at(-1); undo && isBackAt(record, undo); undo = undoing.at(-1)) undoing.pop();
    return undoing.length === 0;
  };
}

/**
 * Where the alias stood, newest first, each version once, as if undone records had never been. The candidate of a rollout
 * was served as well: it comes behind the version that the alias stood on meanwhile.
 */
export async function* standings(history: History): AsyncGenerator<Standing> {
  const seen = new Set<number>();
  const withdrawn = new Set<number>();
  const candidates: Standing[] = [];
  const arrival = (version: number): Standing[] => {
    if (seen.has(version)) return [];
    seen.add(version);
    return [{ version, withdrawn: withdrawn.has(version) }];
  };
  for await (const record of withoutUndone(history)) {
    for (const version of record.withdrawn) withdrawn.add(version);
    const { from, to, rollout, sequence } = record;
    // Only arrivals count: between its arrival and the next one the alias stayed there.
    if (rollout && rollout.plan === sequence && rollout.candidate.version !== to?.version) {
      candidates.push(...arrival(rollout.candidate.version));
    }
    if (!to || to.version === from?.version) continue;
    yield* arrival(to.version);
    yield* candidates.splice(0);
  }
}

/** Whether the record left the alias in the state that the undo went back to. */
function isBackAt(record: Placement, undo: Placement): boolean {
  if (record.to?.version !== undo.to?.version || record.rollout?.plan !== undo.rollout?.plan) return false;
  // The Delete of an alias says nothing about withdrawn versions, and its record repeats those of the one before.
  const isRemoved = record.from !== null && record.to === null;
  return isRemoved || String(record.withdrawn) === String(undo.withdrawn);
}

export interface LastStandingsProps {
  /** Where the alias is to point; null for nowhere. */
  readonly target: number | null;
  readonly history: History;
  /** The version that it is to roll out meanwhile. @default null */
  readonly candidate?: number | null;
  /** How many versions at most, the target included. */
  readonly size: number;
}

/** The target and what is rolled out, then the versions that the alias pointed at or rolled out just before, each once. */
export async function lastStandings({
  target,
  candidate = null,
  history,
  size,
}: LastStandingsProps): Promise<Standing[]> {
  const asked = [...new Set([target, candidate])].filter((version) => version !== null);
  const last: Standing[] = asked.map((version) => ({ version, withdrawn: false }));
  if (last.length >= size) return last;
  for await (const standing of standings(history)) {
    if (!asked.includes(standing.version)) last.push(standing);
    if (last.length >= size) break;
  }
  return last;
}

export interface CallableVersionsProps extends LastStandingsProps {
  /** Versions withdrawn from then on. */
  readonly withdrawn: readonly number[];
}

/**
 * The versions that an alias's callers may use, the target first. A withdrawn one keeps its place among the `size`: a
 * version that had left the set long ago does not come back in its stead.
 */
export async function callableVersions({ withdrawn, ...props }: CallableVersionsProps): Promise<number[]> {
  return (await lastStandings(props))
    .filter((standing) => !standing.withdrawn && !withdrawn.includes(standing.version))
    .map(({ version }) => version);
}

/**
 * The history of an alias whose stack rolls back to a state, whether or not the record that undoes its head is written
 * already: CloudFormation does not say whether it asks for a new plan then or reuses the old one, and both must come out
 * alike.
 */
export async function* historyOnTheWayBack(
  target: number | null,
  withdrawn: readonly number[],
  history: History,
  rollout: Placement['rollout'] = null,
): AsyncGenerator<Placement> {
  yield { from: null, to: target === null ? null : { version: target }, undo: true, withdrawn, rollout };
  yield* history;
}
