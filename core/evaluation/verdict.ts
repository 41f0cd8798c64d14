import { casesOf, type PairedCounts, type PairedInterval, pairedInterval } from './paired-interval';

/**
 * `not worse`: what is true is above minus the margin, as nineteen evaluations in twenty would say. `worse`: it is below
 * that. `inconclusive`: the suite is too small to tell, which is no pass.
 */
export type Verdict = 'not worse' | 'worse' | 'inconclusive';

/** Shares, not percents: 0.1 are ten points. */
export interface MetricVerdict extends PairedInterval {
  readonly verdict: Verdict;
  readonly cases: number;
  /** Shares of cases that pass. */
  readonly candidate: number;
  readonly live: number;
  readonly margin: number;
  /** {@link provableMargin} of the suite. */
  readonly provable: number;
  /** How many cases would decide, if they came out as these; null where none would, and where it is decided. */
  readonly wouldDecide: number | null;
}

/** Ten points: with 200 cases an equal prompt passes, and one that is ten points worse does not. */
export const DEFAULT_MARGIN = 0.1;

/** A suite with more is none that anybody runs. */
const MOST_CASES = 100_000;

export function verdictOf(counts: PairedCounts, margin = DEFAULT_MARGIN): MetricVerdict {
  const cases = casesOf(counts);
  const interval = pairedInterval(counts);
  const verdict = decided(interval, margin);
  return {
    ...interval,
    verdict,
    cases,
    candidate: shareOf(counts.both + counts.onlyCandidate, cases),
    live: shareOf(counts.both + counts.onlyLive, cases),
    margin,
    provable: provableMargin(counts),
    wouldDecide: verdict === 'inconclusive' ? casesToDecide(counts, margin) : null,
  };
}

/** What holds of several metrics together: the worst of them, in which `worse` comes first. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('worse')) return 'worse';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'not worse';
}

/**
 * The smallest margin that this suite can prove: the one by which an equal prompt is found not worse in nine runs of ten,
 * where as many cases flip between two runs as were seen to.
 */
export function provableMargin({ both, onlyCandidate, onlyLive, neither }: PairedCounts): number {
  const flips = onlyCandidate + onlyLive;
  const unlucky = unluckySplit(flips);
  return -pairedInterval({ both, onlyCandidate: unlucky, onlyLive: flips - unlucky, neither }).low;
}

function decided({ low, high }: PairedInterval, margin: number): Verdict {
  if (low > -margin) return 'not worse';
  return high < -margin ? 'worse' : 'inconclusive';
}

/** Of how many heads of so many coins there are fewer in one throw of ten. */
function unluckySplit(coins: number): number {
  let sum = 0;
  // In logarithms: 0.5 to the power of a thousand coins is no number.
  let logChance = -coins * Math.LN2;
  for (let heads = 0; heads <= coins; heads++) {
    sum += Math.exp(logChance);
    if (sum > 0.1) return heads;
    logChance += Math.log((coins - heads) / (heads + 1));
  }
  return coins;
}

function casesToDecide(counts: PairedCounts, margin: number): number | null {
  const cases = casesOf(counts);
  if (cases === 0) return null;
  const isDecided = (many: number) => {
    const scale = many / cases;
    const scaled = {
      both: counts.both * scale,
      onlyCandidate: counts.onlyCandidate * scale,
      onlyLive: counts.onlyLive * scale,
      neither: counts.neither * scale,
    };
    return decided(pairedInterval(scaled), margin) !== 'inconclusive';
  };
  let few = cases;
  let enough = cases * 2;
  while (!isDecided(enough)) {
    if (enough >= MOST_CASES) return null;
    [few, enough] = [enough, enough * 2];
  }
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isDecided(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

function shareOf(passed: number, cases: number): number {
  return cases === 0 ? 0 : passed / cases;
}
