import { type Evaluation, evaluationIn, parseReview, type Review } from '../ledger/review';
import { RegistryError } from '../registry-error';
import type { RowsEvidence } from './evidence';
import { type LedgerSurvey, readVersion } from './ledger-survey';

/** The clocks of S3 and of who ran the suite may differ by so much; AWS takes no request that is signed later. */
const SKEW_MS = 15 * 60_000;

/** A signed evaluation, and what is kept of its run. */
export interface EvaluationWithRows {
  readonly key: string;
  readonly evaluation: Evaluation;
  /** Files with the very rows that it names. */
  readonly own: readonly RowsEvidence[];
  /** Files that say they are of this run and hold other rows, which nobody signed for. */
  readonly other: readonly RowsEvidence[];
}

/** Each signed evaluation, and when S3 stored it. What counts for nothing is left out. */
export function signedEvaluations({ reviews }: LedgerSurvey) {
  return reviews.flatMap(({ object, address: { signer } }) => {
    const evaluation = evaluationIn(reviewIn(object.body));
    const stored = readVersion(object)?.time ?? evaluation?.time ?? '';
    return evaluation ? [{ key: object.key, signer, evaluation, stored }] : [];
  });
}

/** Each signed evaluation with what is kept of its run. */
export function evaluationsWithRows(survey: LedgerSurvey, rows: readonly RowsEvidence[]): EvaluationWithRows[] {
  const evaluations = signedEvaluations(survey);
  const signed = new Set(evaluations.map(({ evaluation }) => evaluation.rows));
  const unsigned = rows.filter(({ run }) => !signed.has(run.found?.digest ?? ''));
  return evaluations.map(({ key, evaluation, stored }) => {
    const own = rows.filter(({ run }) => run.found?.digest === evaluation.rows);
    // What was asked after the review is another run: an evaluator asks what is live again every day.
    const isOfBefore = ({ run }: RowsEvidence) => Date.parse(run.time) <= Date.parse(stored) + SKEW_MS;
    const isOfThisRun = (one: RowsEvidence) => isOfBefore(one) && otherThan(one, evaluation).length === 0;
    return { key, evaluation, own, other: own.length > 0 ? [] : unsigned.filter(isOfThisRun) };
  });
}

/** In which words a run is another one than an evaluation is of; none where it is the same. */
export function otherThan({ run }: RowsEvidence, evaluation: Evaluation): string[] {
  const { prompt, suite, digest: candidate, baseline } = evaluation;
  return Object.entries({ prompt, suite, candidate, baseline }).flatMap(([name, expected]) => {
    const found = run[name as 'prompt' | 'suite' | 'candidate' | 'baseline'];
    return found === expected ? [] : [`${name} ${found ?? 'nothing'}`];
  });
}

function reviewIn(body: string | undefined): Review | undefined {
  try {
    return body === undefined ? undefined : parseReview(body);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
