import type { Rollout } from '../ledger/record-schema-2';

/** A controller that is away longer than this is dead: readers return to stable. */
const SHORTEST_LIFE = 30 * 60_000;

/** For how many milliseconds readers believe a controller that was there: three bakes, half an hour at least. */
export function lifeOf({ bake }: Pick<Rollout, 'bake'>): number {
  return Math.max(3 * bake * 1000, SHORTEST_LIFE);
}
