import type { SpanAnswers } from './answers';
import type { Pair } from './nearest-pair';

/** What was seen of both arms over spans with answers of both. */
export interface SeenDifference {
  /** Answers in each arm, and how many of all were yes. */
  readonly candidate: number;
  readonly stable: number;
  readonly yes: number;
  /** The differences of the spans, each times its weight, and the weights. */
  readonly weighted: number;
  readonly weight: number;
}

export const NOTHING_SEEN: SeenDifference = { candidate: 0, stable: 0, yes: 0, weighted: 0, weight: 0 };

/** After one more span, which has answers of both arms. */
export function see(seen: SeenDifference, { candidate, stable }: SpanAnswers): SeenDifference {
  const weight = (candidate.n * stable.n) / (candidate.n + stable.n);
  return {
    candidate: seen.candidate + candidate.n,
    stable: seen.stable + stable.n,
    yes: seen.yes + candidate.yes + stable.yes,
    weighted: seen.weighted + weight * (candidate.yes / candidate.n - stable.yes / stable.n),
    weight: seen.weight + weight,
  };
}

/**
 * The difference within spans, candidate minus stable (Mantel and Haenszel's weights): where the split changes together with
 * the shares, as in a rollout over a bad day, that of all answers together would say something else. 0 where nothing was seen.
 */
export function seenDifference({ weighted, weight }: SeenDifference): number {
  return weight === 0 ? 0 : weighted / weight;
}

/** Shares that differ so, and have the mean of all answers. As if half a yes and half a no had been seen: above 0, below 1. */
export function seenPair(seen: SeenDifference): Pair {
  const { candidate, stable, yes } = seen;
  const all = candidate + stable;
  const mean = (yes + 0.5) / (all + 1);
  const difference = seenDifference(seen);
  const within = (share: number, n: number) => Math.min(1 - 0.5 / (n + 1), Math.max(0.5 / (n + 1), share));
  return {
    candidate: within(mean + (difference * stable) / all, candidate),
    stable: within(mean - (difference * candidate) / all, stable),
  };
}
