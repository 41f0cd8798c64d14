/** A share in each arm. */
export interface Pair {
  readonly candidate: number;
  readonly stable: number;
}

/** Halvings of a bracket that is at most 1 wide: to a double's precision. */
const HALVINGS = 52;

/**
 * Of all pairs that differ by `difference`, the one that `pair` is told from least by answers of so many in each arm (the
 * smallest Kullback-Leibler divergence). The divergence is convex in the stable share, so its slope is 0 in one place.
 *
 * @param pair each above 0 and below 1
 * @param difference candidate minus stable, above -1 and below 1
 */
export function nearestPair(pair: Pair, difference: number, weights: Pair): Pair {
  if (difference === 0) {
    const all = weights.candidate + weights.stable;
    const both = (weights.candidate * pair.candidate + weights.stable * pair.stable) / all;
    return { candidate: both, stable: both };
  }
  // One arm's slope is 0 at its own share: between the two, both slopes pull in different directions.
  const ends = [pair.stable, pair.candidate - difference].sort((a, b) => a - b) as [number, number];
  let low = Math.max(ends[0], 0, -difference);
  let high = Math.min(ends[1], 1, 1 - difference);
  for (let halving = 0; halving < HALVINGS && low < high; halving++) {
    const stable = (low + high) / 2;
    const slope =
      weights.candidate * slopeOf(pair.candidate, stable + difference) + weights.stable * slopeOf(pair.stable, stable);
    if (slope < 0) low = stable;
    else high = stable;
  }
  const stable = (low + high) / 2;
  return { candidate: stable + difference, stable };
}

/** Of KL(share ‖ other) by the other. */
function slopeOf(share: number, other: number): number {
  return (other - share) / (other * (1 - other));
}
