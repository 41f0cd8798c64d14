import { type History, type Placement, stillCounting, withoutUndone } from './standing';

/** A placement with what let the alias move there. */
export interface PassedPlacement extends Placement {
  readonly passed?: { readonly how: string } | null;
}

/**
 * The versions that an alias may go back to and that it stands on, oldest first: each was live by agreement (or before there
 * was a gate), and was since then never left backwards nor withdrawn.
 */
export async function ground(history: History<PassedPlacement>): Promise<number[]> {
  let found: number[] = [];
  for await (const reading of readings(history)) if (reading.isLast) found = groundOf(reading);
  return found;
}

/** Whether a move of the alias to the version goes back, for which nobody needs to be asked. */
export async function isBack(target: number, history: History<PassedPlacement>): Promise<boolean> {
  return (await placeBack(target, history)) !== undefined;
}

/** The record whose place a move to the version goes back to; undefined where it goes forward. */
export async function placeBack<T extends PassedPlacement>(
  target: number,
  history: History<T>,
): Promise<T | undefined> {
  for await (const reading of readings(history)) {
    const [oldest] = reading.records;
    if (!reading.isLast && oldest?.to?.version !== target) continue;
    // A part of the history never tells more than the whole of it, so a yes is one.
    const place = placeIn(reading, target);
    if (place) return place;
  }
  return undefined;
}

/** {@link placeBack} in a history that is at hand. */
export function placeBackAmong<T extends PassedPlacement>(target: number, newestFirst: readonly T[]): T | undefined {
  const counted = stillCounting(newestFirst);
  const removal = counted.findIndex(isRemoval);
  const records = (removal < 0 ? counted : counted.slice(0, removal + 1)).reverse();
  const isWhole = removal >= 0 || newestFirst.at(-1)?.sequence === 1;
  return placeIn({ records, isWhole, isLast: true }, target);
}

function placeIn<T extends PassedPlacement>(reading: Reading<T>, target: number): T | undefined {
  const { records } = reading;
  if (records.at(-1)?.to?.version === target || !groundOf(reading).includes(target)) return undefined;
  return records.findLast(({ from, to }) => to?.version === target && from?.version !== target);
}

interface Reading<T = PassedPlacement> {
  /** Those that count, oldest first. */
  readonly records: readonly T[];
  /** Whether they begin where the history does. */
  readonly isWhole: boolean;
  readonly isLast: boolean;
}

/** The history read further and further back. */
async function* readings<T extends PassedPlacement>(history: History<T>): AsyncGenerator<Reading<T>> {
  const records: T[] = [];
  let oldest = 1;
  const noted = async function* () {
    for await (const record of history) {
      oldest = record.sequence ?? 0;
      yield record;
    }
  };
  for await (const record of withoutUndone(noted())) {
    records.unshift(record);
    // What was before a removal counts no more.
    if (isRemoval(record)) return yield { records, isWhole: true, isLast: true };
    yield { records, isWhole: false, isLast: false };
  }
  yield { records, isWhole: oldest === 1, isLast: true };
}

function groundOf({ records, isWhole }: Reading): number[] {
  let found: number[] = [];
  for (const record of records) {
    const { from, to, withdrawn } = record;
    if (isRemoval(record)) found = [];
    else if (to && to.version !== from?.version) found = arrivedAt(to.version, record, found, isWhole);
    found = found.filter((version) => !withdrawn.includes(version));
  }
  return found;
}

/** Where an alias comes back to what is in the ground, all above it was left backwards. */
function arrivedAt(version: number, record: PassedPlacement, before: readonly number[], isWhole: boolean): number[] {
  const place = before.indexOf(version);
  if (place >= 0) return before.slice(0, place + 1);
  return isFromBeyond(version, record, isWhole) ? [version] : [...before, version];
}

/** Whether the version may stand in the ground further back than what was read: then all that was read was left backwards. */
function isFromBeyond(version: number, { from, passed }: PassedPlacement, isWhole: boolean): boolean {
  if (passed) return passed.how === 'back';
  return !isWhole || version < (from?.version ?? 0);
}

function isRemoval({ from, to }: Placement): boolean {
  return from !== null && to === null;
}
