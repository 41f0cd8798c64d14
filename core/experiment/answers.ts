/** What was answered yes or no in one arm: whether a use failed, was slow, was helpful. */
export interface Answers {
  readonly n: number;
  /** How many of them were yes. */
  readonly yes: number;
}

/** Both arms in the same span of time. */
export interface SpanAnswers {
  readonly candidate: Answers;
  readonly stable: Answers;
}

export const NO_ANSWERS: SpanAnswers = { candidate: { n: 0, yes: 0 }, stable: { n: 0, yes: 0 } };

export function addAnswers(a: SpanAnswers, b: SpanAnswers): SpanAnswers {
  const add = (arm: keyof SpanAnswers) => ({ n: a[arm].n + b[arm].n, yes: a[arm].yes + b[arm].yes });
  return { candidate: add('candidate'), stable: add('stable') };
}
