import type { LedgerRecord } from '../ledger/record';
import { CLOCKS_MS } from './clocks';
import type { ParameterWrite } from './evidence';
import { place } from './ledger-survey';
import { versionIn } from './parameter-value';

/** A change of place in the ledger; null for nowhere. */
export interface Move {
  readonly to: number | null;
  readonly time: number;
  /** May never have come to the parameter: it was undone, or it undoes. */
  readonly optional: boolean;
  readonly record?: LedgerRecord;
}

export interface FollowedMoves {
  /** Writes that no move explains. */
  readonly unexplained: readonly ParameterWrite[];
  /** The first move that has to have come to the parameter and did not. */
  readonly missing: Move | undefined;
  /** Where the newest record put the alias; null for nowhere. */
  readonly expected: number | null;
}

/**
 * A parameter's history along the moves of the ledger. CloudFormation writes the record, then the parameter: so the values
 * that the parameter ever had are the moves of the ledger in their order, without those that a failed release undid before
 * it came to the parameter.
 */
export function followMoves(
  records: readonly LedgerRecord[],
  history: readonly ParameterWrite[],
  promptId: string,
): FollowedMoves {
  const moves = movesOf(records);
  const begins = Date.parse(history[0]?.time ?? '');
  // Older moves are of a parameter of this name that is gone, or of versions that Parameter Store no longer keeps.
  const skippable = ({ optional, time }: Move) => optional || !(time > begins + CLOCKS_MS);
  const unexplained: ParameterWrite[] = [];
  let states: readonly number[] | undefined;
  for (const write of history) {
    const value = versionIn(write.value, promptId);
    const next =
      value === undefined
        ? []
        : states === undefined
          ? beginnings(value, moves, begins)
          : reach(states, value, moves, skippable);
    if (next.length > 0) states = next;
    else unexplained.push(write);
  }
  return { unexplained, missing: missingMove(states, moves, skippable), expected: moves.at(-1)?.to ?? null };
}

function movesOf(records: readonly LedgerRecord[]): Move[] {
  const beginning: Move = { to: null, time: Number.NEGATIVE_INFINITY, optional: true };
  const moves = records.filter(({ from, to }) => from?.version !== to?.version);
  return [
    beginning,
    ...moves.map((record, index): Move => {
      // The alias's parameter goes with the alias, so that nothing is written.
      const removed = record.to === null;
      const undone = moves[index + 1]?.undo === true;
      return { to: place(record), time: Date.parse(record.time), optional: record.undo || undone || removed, record };
    }),
  ];
}

/** Moves at which the parameter may have stood after its first write: all that fit before it. */
function beginnings(value: number | null, moves: readonly Move[], begins: number): number[] {
  return moves.flatMap((move, index) =>
    move.to === value && (move.optional || move.time <= begins + CLOCKS_MS) ? [index] : [],
  );
}

/**
 * Moves at which the parameter may have stood after it was set to `value`: where it stood before (a tag's change writes
 * the same value again), or a later move there, past moves that may be skipped.
 */
function reach(
  states: readonly number[],
  value: number | null,
  moves: readonly Move[],
  skippable: (move: Move) => boolean,
): number[] {
  const found = new Set<number>();
  // Ascending: what can be reached past a later state is reached from there.
  for (const [place, state] of states.entries()) {
    if (moves[state]?.to === value) found.add(state);
    const later = moves.slice(state + 1, states[place + 1] ?? moves.length);
    const barrier = later.findIndex((move) => !skippable(move));
    const open = barrier === -1 ? later : later.slice(0, barrier + 1);
    for (const [index, move] of open.entries()) if (move.to === value) found.add(state + 1 + index);
  }
  return [...found].sort((one, other) => one - other);
}

/** The first move after all of the states that cannot be skipped. */
function missingMove(
  states: readonly number[] | undefined,
  moves: readonly Move[],
  skippable: (move: Move) => boolean,
): Move | undefined {
  if (states === undefined) return undefined;
  return moves.slice(Math.max(...states) + 1).find((move) => !skippable(move));
}
