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
  const isLeft = (difference: number) => logAgainst(spans, difference, repeats) < -Math.log(level);
  if (isLeft(-NEARLY_ONE) && isLeft(NEARLY_ONE)) return { low: -1, high: 1 };
  return { low: outermost(seen, -NEARLY_ONE, isLeft), high: outermost(seen, NEARLY_ONE, isLeft) };
}

/**
 * ln of what a bet of 1 against a difference came to; of its root, where one user may have counted several times. Let a user
 * have counted m ≤ `repeats` times, with factors f of the gain: the product of all f^(1/repeats) is at most their mean, where
 * those that did not come are 1, so it is a fair bet on the user's answers together, however much they are alike.
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
const HALVINGS = 24;

/** How far from `seen` towards `end` a difference is left: looked for from the end, so that none beyond it is. */
function outermost(seen: number, end: number, isLeft: (difference: number) => boolean): number {
  const at = (part: number) => seen + (end - seen) * part;
  if (isLeft(end)) return Math.sign(end);
  let outside = 1;
  let inside = 0;
  for (let doubling = 1; doubling < DOUBLINGS && inside === 0; doubling++) {
    const part = 2 ** -doubling;
    if (isLeft(at(part))) inside = part;
    else outside = part;
  }
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (inside + outside) / 2;
    if (isLeft(at(middle))) inside = middle;
    else outside = middle;
  }
  // The outer side: nothing that is left is cut off.
  return at(outside);
}
