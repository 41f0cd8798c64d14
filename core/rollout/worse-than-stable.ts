import type { ArmCounts } from './arm-counts';
import { logFactorial } from './log-factorial';

/** How much more often a candidate might fail than the stable version: in odds. Each is bet on alike. */
const RATIOS = [1.5, 2, 3, 5, 10];

/** The chance that a candidate that is no worse is ever halted. */
const FALSE_HALTS = 0.05;

/** What bets of 1 in all came to after some spans, by ratio. */
export interface Bets {
  readonly spans: number;
  /** One that was made before the first span. */
  readonly early: readonly number[];
  /** Those that were made before a later one, each with its part of 1. */
  readonly late: readonly number[];
}

export const NO_BETS: Bets = { spans: 0, early: RATIOS.map(() => 1), late: RATIOS.map(() => 0) };

/**
 * How sure it is that the candidate fails more often than the stable version: what a fair bet of 1 on that would have come
 * to by now.
 *
 * Given how many uses each version had in a span and how many failed in all, the candidate's share of the failures is
 * hypergeometric while it is no worse, so θ^k₁ divided by its mean under that law is a fair bet for each θ > 1. The product
 * over spans is a martingale, and so is any mean of such: over θ, and over the span from which on the bet stands. Such a one
 * reaches 1/α with a chance of at most α, however often somebody looks (Ville 1939). It holds for every split of the
 * traffic, for every drift that hits both versions and for users of any kind, as long as each key that is counted is drawn
 * anew: hence first uses, not all uses, of a key, and within one step. docs/adr/0026-the-test-of-the-error-guard.md
 *
 * Half of the bet stands from the beginning: a candidate is mostly bad from there on. That half is lost after hours in which
 * it was as good; the other one is spread over all later spans, and finds one that becomes bad then.
 *
 * @param spans that are over, oldest first, none of them twice: a span whose share changed in the middle compares different
 *   hours
 * @returns 1 where nothing is known
 */
export function sureness(spans: readonly ArmCounts[]): number {
  return surenessOf(spans.reduce(betOn, NO_BETS));
}

/** The bets after one more span. */
export function betOn({ spans, early, late }: Bets, span: ArmCounts): Bets {
  const table = tableOf(span);
  const { failures, inCandidate, uses } = table;
  // Without a failure, or without uses of one version, it says nothing.
  const isTelling = failures > 0 && failures < uses && inCandidate > 0 && inCandidate < uses;
  const gains = RATIOS.map((ratio) => (isTelling ? Math.exp(Math.min(logOfBet(table, ratio), LARGEST_LOG)) : 1));
  // 1/2 before the second span, 1/6 before the third, …: 1 in all.
  const part = spans === 0 ? 0 : 1 / (spans * (spans + 1));
  const grown = (bets: readonly number[], more: number) =>
    bets.map((bet, index) => Math.min((bet + more) * (gains[index] ?? 1), LARGEST));
  return { spans: spans + 1, early: grown(early, 0), late: grown(late, part) };
}

/** {@link sureness} by the bets. */
export function surenessOf({ spans, early, late }: Bets): number {
  const mean = (bets: readonly number[]) => bets.reduce((sum, bet) => sum + bet, 0) / bets.length;
  /** What is still to be placed. */
  const kept = 1 / Math.max(1, spans);
  return (mean(early) + mean(late) + kept) / 2;
}

/** What {@link sureness} has to reach for a halt, where so many tests share the chance of a false one. */
export function haltsAt(tests: number): number {
  return tests / FALSE_HALTS;
}

/** More than enough for everybody, and a number that JSON keeps. */
const LARGEST = 1e300;
const LARGEST_LOG = Math.log(LARGEST);

/** A 2 × 2 table by its margins, and the candidate's failures. */
interface Table {
  readonly uses: number;
  readonly inCandidate: number;
  readonly failures: number;
  readonly failed: number;
}

/** Metrics may come late, a failure before its use: no more fail than were used. */
function tableOf({ candidate, stable }: ArmCounts): Table {
  const failed = Math.min(candidate.failures, candidate.uses);
  return {
    uses: candidate.uses + stable.uses,
    inCandidate: candidate.uses,
    failures: failed + Math.min(stable.failures, stable.uses),
    failed,
  };
}

/** ln(θ^k₁ / E[θ^K₁]). */
function logOfBet(table: Table, ratio: number): number {
  return table.failed * Math.log(ratio) - (logOfSum(table, ratio) - logOfSum(table, 1));
}

/**
 * ln Σ C(n₁, x) C(n₀, k − x) θ^x over all x. The terms rise to one top and fall from there: they are added from the top
 * on, as parts of it, until they no longer count.
 */
function logOfSum(table: Table, ratio: number): number {
  const { uses, inCandidate, failures } = table;
  const others = uses - inCandidate;
  const least = Math.max(0, failures - others);
  const most = Math.min(failures, inCandidate);
  /** The next term by this one. */
  const step = (x: number) => (ratio * (inCandidate - x) * (failures - x)) / ((x + 1) * (others - failures + x + 1));
  const top = firstWhere(least, most, (x) => step(x) <= 1);
  let sum = 1;
  for (let x = top, term = 1; x < most && term > NEGLIGIBLE; x++) sum += term *= step(x);
  for (let x = top, term = 1; x > least && term > NEGLIGIBLE; x--) sum += term /= step(x - 1);
  return logOfChoices(inCandidate, top) + logOfChoices(others, failures - top) + top * Math.log(ratio) + Math.log(sum);
}

const NEGLIGIBLE = 1e-18;

/** The least whole number in [low, high] from which on it holds; `high` where it holds nowhere before. */
function firstWhere(low: number, high: number, holds: (x: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** ln C(n, k). */
function logOfChoices(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
