/** What Holm's procedure says of one of several questions. */
export interface HolmAnswer {
  /** The arms differ here: the chance that this is said wrongly of any of the questions is at most the level of all. */
  readonly differs: boolean;
  /** The level at which it was judged: an interval of this level leaves out 0 where, and only where, the arms differ. */
  readonly level: number;
}

/**
 * Several questions at one level (S. Holm, A simple sequentially rejective multiple test procedure, 1979). It holds however
 * the questions depend on each other. p-values that are valid at any time stay so: at the time of the look they are p-values.
 */
export function holm(pValues: readonly number[], level: number): HolmAnswer[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const answers: HolmAnswer[] = [];
  let differs = true;
  let own = level;
  for (const [rank, index] of order.entries()) {
    if (differs) {
      own = level / (pValues.length - rank);
      differs = (pValues[index] ?? 1) <= own;
    }
    answers[index] = { differs, level: own };
  }
  return answers;
}
