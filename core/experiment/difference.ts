import type { SpanAnswers } from './answers';
import { seenDifference } from './seen-difference';
import { NO_WAGER, type Wager, wagerOn } from './wager';

/** Candidate minus stable. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How often one user may have been counted at most; 1 where each counts once. */
export type Repeats = number;

/**
 * A p-value for *the arms do not differ*, valid at whatever time somebody looks: 1 / what a bet against it came to.
 *
 * @param spans that are over, oldest first
 */
export function pValue(spans: readonly SpanAnswers[], repeats: Repeats = 1): number {
  return Math.min(1, Math.exp(-logAgainst(spans, 0, repeats)));
}

/**
 * The differences that nobody could bet against with so much success: the true one is left out at some time, over all looks,
 * with a chance of at most `level`.
 */
export function intervalOf(spans: readonly SpanAnswers[], level: number, repeats: Repeats = 1): Interval {
  const seen = seenDifference(betsOn(spans, 0).seen);
  /** From 0 on the difference is no longer left. */
  const excess = (difference: number) => logAgainst(spans, difference, repeats) + Math.log(level);
  return { low: outermost(seen, -NEARLY_ONE, excess), high: outermost(seen, NEARLY_ONE, excess) };
}

/**
 * ln of what a bet of 1 against a difference came to; of its root, where one user may have counted several times. Let a user
 * have counted m ≤ `repeats` times, with factors f of the gain: the product of all f^(1/repeats) is at most their mean, where
 * those that did not come are 1. Where all of them are in one span, it is so a fair bet on the user's answers together, however
 * much they are alike. Where they are in several, later bets were learned from what the same user answered before, and it is
 * not: the mean may be above 1. That it is seldom wrong then is measured, not proved (ADR 27).
 */
export function logAgainst(spans: readonly SpanAnswers[], difference: number, repeats: Repeats = 1): number {
  return betsOn(spans, difference).log / repeats;
}

function betsOn(spans: readonly SpanAnswers[], difference: number): Wager {
  return spans.reduce((wager, span) => wagerOn(wager, span, difference), NO_WAGER);
}

/** A difference of 1 would be a certainty in both arms. */
const NEARLY_ONE = 1 - 1e-9;

const DOUBLINGS = 24;
const MOST_STEPS = 60;
const PRECISION = 1e-9;

/** A difference, and how far it is beyond what is left: below 0 it is left. */
interface Tried {
  readonly at: number;
  readonly excess: number;
}

/** How far from `seen` towards `end` a difference is left: looked for from the end, so that none beyond it is. */
function outermost(seen: number, end: number, excess: (difference: number) => number): number {
  const tried = (at: number): Tried => ({ at, excess: excess(at) });
  let outside = tried(end);
  if (outside.excess < 0) return Math.sign(end);
  for (let doubling = 1; doubling < DOUBLINGS; doubling++) {
    const found = tried(seen + (end - seen) * 2 ** -doubling);
    if (found.excess < 0) return edge(found, outside, tried);
    outside = found;
  }
  return outside.at;
}

/** Regula falsi as M. Dowell and P. Jarratt have it: an end that stays counts for half, so that both come in. */
function edge(left: Tried, beyond: Tried, tried: (at: number) => Tried): number {
  let [inside, outside, side] = [left, beyond, 0];
  for (let step = 0; step < MOST_STEPS && Math.abs(outside.at - inside.at) > PRECISION; step++) {
    const found = tried((inside.at * outside.excess - outside.at * inside.excess) / (outside.excess - inside.excess));
    if (found.excess < 0) {
      if (side < 0) outside = { ...outside, excess: outside.excess / 2 };
      [inside, side] = [found, -1];
    } else {
      if (side > 0) inside = { ...inside, excess: inside.excess / 2 };
      [outside, side] = [found, 1];
    }
  }
  // The outer side: nothing that is left is cut off.
  return outside.at;
}
