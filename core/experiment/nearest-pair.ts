/** A share in each arm. */
export interface Pair {
  readonly candidate: number;
  readonly stable: number;
}

/** Far more than are needed: a few, as Newton's method doubles the digits with each. */
const MOST_STEPS = 100;

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
  let stable = (low + high) / 2;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [candidateSlope, candidateRise] = slopeOf(pair.candidate, stable + difference);
    const [stableSlope, stableRise] = slopeOf(pair.stable, stable);
    const slope = weights.candidate * candidateSlope + weights.stable * stableSlope;
    if (slope < 0) low = stable;
    else high = stable;
    const newton = stable - slope / (weights.candidate * candidateRise + weights.stable * stableRise);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - stable) <= 8 * Number.EPSILON * stable) break;
    stable = next;
  }
  return { candidate: stable + difference, stable };
}

/** Of KL(share ‖ other) by the other: its slope, and how that rises. */
function slopeOf(share: number, other: number): [slope: number, rise: number] {
  const variance = other * (1 - other);
  return [(other - share) / variance, (other * other - 2 * share * other + share) / variance ** 2];
}
