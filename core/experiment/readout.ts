import { type Answers, addAnswers, NO_ANSWERS, type SpanAnswers } from './answers';
import { intervalOf, pValue } from './difference';
import { holm } from './holm';
import { isSplitFaulty, logAgainstSplit } from './sample-ratio';
import { NOTHING_SEEN, see, seenDifference } from './seen-difference';

/** The chance that any metric of an experiment is ever said to differ where none does. */
export const FALSE_DIFFERENCES = 0.05;

/** What a readout is made from. */
export interface MeasuredExperiment {
  /** Beginnings of the spans, in milliseconds since 1970, ascending: those in which the share did not change. */
  readonly times: readonly number[];
  /** Answers of each of these spans, by metric. */
  readonly metrics: readonly MeasuredMetric[];
  /** First uses of each arm while the share was the first planned one; undefined where that is everybody. */
  readonly split: { readonly candidate: number; readonly stable: number; readonly share: number } | undefined;
  /** How often one user may have been counted at most. */
  readonly repeats: number;
}

export interface MeasuredMetric {
  readonly name: string;
  /** Whether a yes is what one wants. */
  readonly wants: 'yes' | 'no';
  readonly spans: readonly SpanAnswers[];
}

/** How a candidate did. */
export interface Readout {
  readonly split: SplitReadout | undefined;
  /** The split was not as planned: the arms have other users, and no difference between them says anything. */
  readonly isVoid: boolean;
  readonly metrics: readonly MetricReadout[];
}

export interface SplitReadout {
  readonly candidate: number;
  readonly stable: number;
  /** The candidate's planned share, 0 to 1. */
  readonly share: number;
  readonly p: number;
  readonly isFaulty: boolean;
  /** From so many times that a user counted on it would be no fault. */
  readonly explainedByRepeats: number;
}

export interface MetricReadout extends Comparison {
  readonly name: string;
  readonly wants: 'yes' | 'no';
  readonly candidate: Answers;
  readonly stable: Answers;
  /** `open`: nothing was shown, which is not that they are alike. `nothing`: only one arm has answers, or none. */
  readonly verdict: 'better' | 'worse' | 'open' | 'nothing';
  /** How it looked over time, the last one now. */
  readonly looks: readonly Look[];
}

/** Candidate minus stable, in shares of 1. */
export interface Comparison {
  /** Null where only one arm has answers. */
  readonly difference: number | null;
  readonly low: number;
  readonly high: number;
  /** Of the interval: how often it ever leaves the true difference out. */
  readonly level: number;
  readonly p: number;
}

export interface Look extends Pick<Comparison, 'difference' | 'low' | 'high'> {
  /** End of what was seen, in milliseconds since 1970. */
  readonly time: number;
  /** Shares up to then; null without answers. */
  readonly candidate: number | null;
  readonly stable: number | null;
}

/**
 * @param seconds length of a span
 * @param mostLooks at how many times it is shown how it looked
 */
export function readOut(measured: MeasuredExperiment, seconds: number, mostLooks = 0): Readout {
  const { metrics, repeats, times } = measured;
  const split = measured.split && splitReadout(measured.split, repeats);
  // What has no answers in one arm is no question: it must not make the others harder to answer.
  const asked = metrics.filter(({ spans }) => spans.some(isTelling));
  const pValues = asked.map(({ spans }) => pValue(spans, repeats));
  const answers = holm(pValues, FALSE_DIFFERENCES);
  const judged = new Map(asked.map((metric, index) => [metric, { p: pValues[index] ?? 1, ...answers[index] }]));
  return {
    split,
    isVoid: split?.isFaulty ?? false,
    metrics: metrics.map((metric): MetricReadout => {
      const { name, wants, spans } = metric;
      const { p = 1, level = FALSE_DIFFERENCES, differs = false } = judged.get(metric) ?? {};
      const difference = differenceOf(spans);
      const { low, high } = intervalOf(spans, level, repeats);
      const isBetter = (difference ?? 0) > 0 === (wants === 'yes');
      const verdict = !judged.has(metric) ? 'nothing' : !differs ? 'open' : isBetter ? 'better' : 'worse';
      const ends = lookEnds(spans.length, mostLooks);
      const looks = ends.map((end) =>
        lookAt(spans.slice(0, end), (times[end - 1] ?? 0) + seconds * 1_000, level, repeats),
      );
      const { candidate, stable } = spans.reduce(addAnswers, NO_ANSWERS);
      return { name, wants, candidate, stable, difference, low, high, level, p, verdict, looks };
    }),
  };
}

function splitReadout(counts: NonNullable<MeasuredExperiment['split']>, repeats: number): SplitReadout {
  const log = logAgainstSplit(counts);
  return {
    ...counts,
    p: Math.min(1, Math.exp(-log / repeats)),
    isFaulty: isSplitFaulty(counts, repeats),
    explainedByRepeats: leastRepeats(counts),
  };
}

function leastRepeats(counts: NonNullable<MeasuredExperiment['split']>): number {
  let repeats = 1;
  while (isSplitFaulty(counts, repeats)) repeats = Math.ceil(repeats * 1.1);
  return repeats;
}

function lookAt(spans: readonly SpanAnswers[], time: number, level: number, repeats: number): Look {
  const { candidate, stable } = spans.reduce(addAnswers, NO_ANSWERS);
  const share = ({ n, yes }: Answers) => (n === 0 ? null : yes / n);
  const { low, high } = intervalOf(spans, level, repeats);
  return { time, difference: differenceOf(spans), low, high, candidate: share(candidate), stable: share(stable) };
}

/** Numbers of spans after which is looked, ascending and about evenly; the last one is all of them. */
function lookEnds(spans: number, most: number): number[] {
  const looks = Math.min(spans, most);
  return Array.from({ length: looks }, (_, look) => Math.round(((look + 1) * spans) / looks));
}

function isTelling({ candidate, stable }: SpanAnswers): boolean {
  return candidate.n > 0 && stable.n > 0;
}

function differenceOf(spans: readonly SpanAnswers[]): number | null {
  const telling = spans.filter(isTelling);
  return telling.length === 0 ? null : seenDifference(telling.reduce(see, NOTHING_SEEN));
}
