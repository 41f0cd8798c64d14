/** How the cases of a suite came out, each yes or no for both versions. */
export interface PairedCounts {
  /** Cases that pass with both. */
  readonly both: number;
  readonly onlyCandidate: number;
  readonly onlyLive: number;
  readonly neither: number;
}

/** The share of cases that pass, candidate minus live: what was seen, and one-sided 95 % bounds of what is true. */
export interface PairedInterval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Each bound is missed by one evaluation in twenty. */
const ONE_SIDED_95 = 1.6448536269514722;

/**
 * Newcombe's interval for the difference of two shares of the same cases, method 10: Wilson's bounds of each, put together
 * with their correlation, which is corrected for continuity. It holds for few cases and for shares near 0 and 1, where
 * the textbook's does not.
 *
 * R. G. Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data,
 * Statistics in Medicine 17 (1998), 2635–2650: https://doi.org/10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C
 *
 * @param counts may be fractions, for what a larger suite would say
 */
export function pairedInterval(counts: PairedCounts, z = ONE_SIDED_95): PairedInterval {
  const { both, onlyCandidate, onlyLive } = counts;
  const cases = casesOf(counts);
  if (cases === 0) return { difference: 0, low: -1, high: 1 };
  const candidate = wilson(both + onlyCandidate, cases, z);
  const live = wilson(both + onlyLive, cases, z);
  const correlation = correlationOf(counts);
  const difference = (onlyCandidate - onlyLive) / cases;
  const together = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  return {
    difference,
    low: difference - together(candidate.share - candidate.low, live.high - live.share),
    high: difference + together(candidate.high - candidate.share, live.share - live.low),
  };
}

export function casesOf({ both, onlyCandidate, onlyLive, neither }: PairedCounts): number {
  return both + onlyCandidate + onlyLive + neither;
}

/** https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval */
function wilson(passed: number, cases: number, z: number) {
  const share = passed / cases;
  const scale = 1 + (z * z) / cases;
  const middle = (share + (z * z) / (2 * cases)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / cases + (z * z) / (4 * cases * cases));
  return { share, low: Math.min(share, middle - reach), high: Math.max(share, middle + reach) };
}

function correlationOf(counts: PairedCounts): number {
  const { both, onlyCandidate, onlyLive, neither } = counts;
  const margins = (both + onlyCandidate) * (onlyLive + neither) * (both + onlyLive) * (onlyCandidate + neither);
  if (margins === 0) return 0;
  const product = both * neither - onlyCandidate * onlyLive;
  const corrected = product > 0 ? Math.max(0, product - casesOf(counts) / 2) : product;
  return corrected / Math.sqrt(margins);
}
