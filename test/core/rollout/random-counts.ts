/** Mulberry32: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How many of `n` tries with chance `p` succeed: by the gaps between them, so that few successes cost little. */
export function binomial(n: number, p: number, next: () => number): number {
  if (p > 0.5) return n - binomial(n, 1 - p, next);
  if (p <= 0) return 0;
  const log = Math.log1p(-p);
  let successes = 0;
  for (let tried = gap(); tried <= n; tried += gap()) successes++;
  return successes;

  function gap() {
    return 1 + Math.floor(Math.log(1 - next()) / log);
  }
}

/** A normal number with mean 0 and deviation 1 (Box and Muller). */
export function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A number of the gamma distribution with scale 1 (Marsaglia and Tsang 2000). */
function gamma(shape: number, next: () => number): number {
  if (shape < 1) return gamma(shape + 1, next) * (1 - next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(next);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A share of the beta distribution with this mean; the smaller the concentration, the more shares differ. */
export function beta(mean: number, concentration: number, next: () => number): number {
  const a = gamma(mean * concentration, next);
  return a / (a + gamma((1 - mean) * concentration, next));
}

/** A place drawn by weights, in constant time (Vose 1991). */
export function drawer(weights: readonly number[]): (next: () => number) => number {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const scaled = weights.map((weight) => weight / mean);
  const alias = scaled.map((_, index) => index);
  const small = scaled.flatMap((weight, index) => (weight < 1 ? index : []));
  const large = scaled.flatMap((weight, index) => (weight >= 1 ? index : []));
  while (small.length > 0 && large.length > 0) {
    const [less, more] = [small.pop() as number, large.pop() as number];
    alias[less] = more;
    scaled[more] = (scaled[more] as number) - (1 - (scaled[less] as number));
    (scaled[more] < 1 ? small : large).push(more);
  }
  return (next) => {
    const index = Math.floor(next() * scaled.length);
    return next() < (scaled[index] as number) ? index : (alias[index] as number);
  };
}
