import type { SpanAnswers } from './answers';
import { nearestPair, type Pair } from './nearest-pair';
import { NOTHING_SEEN, type SeenDifference, see, seenPair } from './seen-difference';

/** What a bet of 1 against one difference came to after some spans. */
export interface Wager {
  /** Spans with answers of both arms. */
  readonly spans: number;
  readonly seen: SeenDifference;
  /** Natural logarithm of what the bet came to. */
  readonly log: number;
}

export const NO_WAGER: Wager = { spans: 0, seen: NOTHING_SEEN, log: 0 };

/** After so many spans half of what was seen of the difference is believed: early ones would be bet on too boldly. */
const CAUTION = 12;

/**
 * A bet of 1 that the arms do not differ by `difference`, after one more span.
 *
 * On a span it bets what the spans before it say: the shares θ₁ and θ₀, against the nearest pair p₁, p₀ that differs by
 * `difference`. The gain is the ratio of both likelihoods, the product of 1 + λ(x − p) over all answers x of 0 or 1, with
 * λ = (θ − p) / p(1 − p) of the answer's arm. Let the true shares be p₁ + t and p₀ + t: they differ by `difference`. Then
 * the mean gain is (1 + λ₁t)^n₁ (1 + λ₀t)^n₀ ≤ exp(t(n₁λ₁ + n₀λ₀)), and n₁λ₁ + n₀λ₀ = 0 is what makes the pair the nearest.
 * So the mean is at most 1, the bets are a supermartingale, and they reach 1/α with a chance of at most α, however often
 * somebody looks (Ville 1939).
 *
 * It holds for few answers as for many, for shares that change from span to span in both arms alike, for users whose own
 * shares differ (only their means in each arm count, since ln(1 + λt) is concave), and for any split of the traffic. It
 * needs answers that are independent of each other. The bet on a pair of hypotheses: R. Turner, A. Ly, P. Grünwald, Generic
 * E-variables for exact sequential k-sample tests that allow for optional stopping: https://arxiv.org/abs/2106.02693
 *
 * @param span that is over, and none twice; how long spans are may not follow from the answers
 */
export function wagerOn({ spans, seen, log }: Wager, span: SpanAnswers, difference: number): Wager {
  const { candidate, stable } = span;
  if (candidate.n === 0 || stable.n === 0) return { spans, seen, log };
  const after = see(seen, span);
  if (spans === 0) return { spans: 1, seen: after, log };
  const bet = betOf(seen, difference, spans / (spans + CAUTION));
  const against = nearestPair(bet, difference, { candidate: candidate.n, stable: stable.n });
  const gain = (arm: keyof SpanAnswers) => {
    const { n, yes } = span[arm];
    return yes * Math.log(bet[arm] / against[arm]) + (n - yes) * Math.log((1 - bet[arm]) / (1 - against[arm]));
  };
  return { spans: spans + 1, seen: after, log: log + gain('candidate') + gain('stable') };
}

/** What was seen, moved towards the nearest pair that differs by `difference`. */
function betOf(seen: SeenDifference, difference: number, belief: number): Pair {
  const shares = seenPair(seen);
  const near = nearestPair(shares, difference, { candidate: seen.candidate, stable: seen.stable });
  const between = (arm: keyof Pair) => near[arm] + belief * (shares[arm] - near[arm]);
  return { candidate: between('candidate'), stable: between('stable') };
}
