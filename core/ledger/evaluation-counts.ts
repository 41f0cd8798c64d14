import { type AnsweredQuestions, type EvaluationRun, rowsDigest } from '../evaluation/evaluation-row';
import {
  type EvaluationSuite,
  isSuiteDigest,
  MOST_CASES,
  MOST_METRICS,
  suiteDigest,
} from '../evaluation/evaluation-suite';
import { casesOf, type PairedCounts } from '../evaluation/paired-interval';
import { runCounts } from '../evaluation/run-counts';
import { RegistryError } from '../registry-error';
import { type Check, checkFields, count, digestOrNull, sha256, text, time } from './field-checks';

/**
 * What a review of kind `evaluate` says: how one run of a suite came out, in counts. It holds no verdict, which is the
 * judge's, and no text of a case or an answer.
 */
export interface EvaluationCounts {
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  /** Digest of the content that it was compared with; null where nothing was live: then no case is `both` or `onlyLive`. */
  readonly baseline: string | null;
  /** Cases of the suite. */
  readonly cases: number;
  readonly critical: {
    readonly cases: number;
    /** Ids of those that did not pass each time, at most {@link MOST_NAMED}. */
    readonly failed: readonly string[];
    /** How many more failed. */
    readonly unnamed: number;
  };
  /** By name; of the cases that each is about. */
  readonly metrics: Readonly<Record<string, PairedCounts>>;
  /** Answers that are missing, there twice or not to be judged. Each counts against the candidate. */
  readonly errors: number;
  /** SHA-256 of the run's rows in hex, as `rowsDigest()` makes it. */
  readonly rows: string;
  /** What ran it: `cdk-prompt-registry/1.2.0`. */
  readonly runner: string;
  /** Left out by what signed before they were counted. */
  readonly questions?: SignedQuestions;
}

/** So many different questions the signer's role had answered: each is a rendering in CloudTrail. */
export interface SignedQuestions extends AnsweredQuestions {
  /** When the run began, ISO 8601. */
  readonly since: string;
}

/** Ids of failed cases that a review names, so that every reader takes it for its size. */
export const MOST_NAMED = 200;

/** What a review says of a run: of all its cases, whatever rows are there. */
export function evaluationCounts(
  suite: EvaluationSuite,
  { rows, live, time, questions }: Pick<EvaluationRun, 'rows' | 'live' | 'time' | 'questions'>,
  runner: string,
): EvaluationCounts {
  const { cases, criticalCases, criticalFailed, metrics, errors } = runCounts(suite, rows, live !== null);
  const failed = criticalFailed.slice(0, MOST_NAMED);
  return {
    suite: suiteDigest(suite),
    baseline: live?.digest ?? null,
    cases,
    critical: { cases: criticalCases, failed, unnamed: criticalFailed.length - failed.length },
    metrics,
    errors,
    rows: rowsDigest(rows),
    runner,
    ...(questions && { questions: { since: time, ...questions } }),
  };
}

/**
 * Checks that counts can be those of a run: nobody can make more cases pass than there are.
 *
 * @throws RegistryError `InvalidReview`
 */
export function checkEvaluation(found: object): void {
  try {
    checkFields(found, FIELDS, 'an evaluation', 'ignored');
    const { questions } = found as EvaluationCounts;
    if (questions !== undefined) checkFields(questions, QUESTIONS, 'questions', 'ignored');
  } catch (error) {
    throw error instanceof RegistryError ? impossible(error.message) : error;
  }
  const { cases, critical, metrics, baseline } = found as EvaluationCounts;
  const failed = critical.failed.length + critical.unnamed;
  if (critical.cases > cases || failed > critical.cases || new Set(critical.failed).size < critical.failed.length) {
    throw impossible(`${failed} failed of ${critical.cases} critical cases, of ${cases} cases`);
  }
  for (const [name, counts] of Object.entries(metrics)) {
    const about = casesOf(counts);
    if (about === 0 || about > cases) throw impossible(`${about} cases of ${name}, of ${cases} cases`);
    if (baseline === null && counts.both + counts.onlyLive > 0)
      throw impossible(`that ${name} passes with what is live`);
  }
}

const COUNTS: Record<keyof PairedCounts, Check> = {
  both: count,
  onlyCandidate: count,
  onlyLive: count,
  neither: count,
};

/** Counts by the name of a metric. */
export const metrics: Check = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const found = Object.entries(value);
  return (
    found.length >= 1 &&
    // Those of the suite, and the cases' own checks.
    found.length <= MOST_METRICS + 1 &&
    found.every(([name, counts]) => checkFields(counts, COUNTS, `${path}: ${name}`, 'ignored'))
  );
};

const CRITICAL: Record<keyof EvaluationCounts['critical'], Check> = {
  cases: count,
  failed: (value, path) =>
    Array.isArray(value) && value.length <= MOST_NAMED && value.every((item) => text(item, path)),
  unnamed: count,
};

const QUESTIONS: Record<keyof SignedQuestions, Check> = { since: time, candidate: count, live: count };

const FIELDS: Record<Exclude<keyof EvaluationCounts, 'questions'>, Check> = {
  suite: isSuiteDigest,
  baseline: digestOrNull,
  cases: (value, path) => count(value, path) && Number(value) >= 1 && Number(value) <= MOST_CASES,
  critical: (value, path) => checkFields(value, CRITICAL, path, 'ignored'),
  metrics,
  errors: count,
  rows: sha256,
  runner: text,
};

function impossible(found: string): RegistryError {
  return new RegistryError('InvalidReview', `expected counts that a run can have, found ${found}: run the suite again`);
}
