import type { EvaluationRow } from './evaluation-row';
import {
  casesOf,
  checksOf,
  type EvaluationCase,
  type EvaluationSide,
  type EvaluationSuite,
  metricNames,
  repeatsOf,
} from './evaluation-suite';
import type { PairedCounts } from './paired-interval';

/** How a run came out, in numbers. */
export interface RunCounts {
  /** Cases of the suite. */
  readonly cases: number;
  readonly criticalCases: number;
  /** Ids of critical cases that did not pass each time, in the order of the suite. */
  readonly criticalFailed: readonly string[];
  /** By metric; of the cases that each is about. */
  readonly metrics: Readonly<Record<string, PairedCounts>>;
  /** Answers that are missing, there twice, or not to be had or judged. */
  readonly errors: number;
  /** Ids of cases that passed at one time and did not at another, in the order of the suite. */
  readonly flaky: readonly string[];
}

/**
 * Counts the rows of a run. What did not come speaks for nobody: a case whose row is missing, there twice or without an
 * answer does not pass with the candidate, and passes with what is live. So a model that cannot be asked any more makes no
 * candidate look better than it.
 *
 * @param hasLive whether there is something to compare with; where not, nothing passes there
 */
export function runCounts(suite: EvaluationSuite, rows: readonly EvaluationRow[], hasLive: boolean): RunCounts {
  const answered = new Map<string, EvaluationRow | 'twice'>();
  for (const row of rows) {
    const key = keyOf(row.side, row.case, row.repeat);
    answered.set(key, answered.has(key) ? 'twice' : row);
  }
  const rowOf = (side: EvaluationSide, one: EvaluationCase, repeat: number) => {
    const row = answered.get(keyOf(side, one.id, repeat));
    return row === undefined || row === 'twice' || row.answer === null || row.error !== null ? undefined : row;
  };
  const metrics = metricNames(suite).map((name) => {
    const counts = { both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 };
    for (const one of casesOf(suite, name)) {
      const candidate = passes(rowOf('candidate', one, 1), name) ?? false;
      const live = hasLive && (passes(rowOf('live', one, 1), name) ?? true);
      counts[cellOf(candidate, live)] += 1;
    }
    return [name, counts] as const;
  });
  const timesOf = (one: EvaluationCase): boolean[] =>
    repeats(suite, one, 'candidate').map((repeat) => {
      const row = rowOf('candidate', one, repeat);
      const checks = checksOf(suite, one);
      return checks.length > 0 && checks.every(([name]) => passes(row, name) === true);
    });
  const critical = suite.cases.filter((one) => one.critical);
  const sides = hasLive ? (['candidate', 'live'] as const) : (['candidate'] as const);
  const wanted = suite.cases.flatMap((one) =>
    sides.flatMap((side) => repeats(suite, one, side).map((repeat) => rowOf(side, one, repeat))),
  );
  return {
    cases: suite.cases.length,
    criticalCases: critical.length,
    criticalFailed: critical.filter((one) => timesOf(one).includes(false)).map(({ id }) => id),
    metrics: Object.fromEntries(metrics),
    errors: wanted.filter((row) => row === undefined).length,
    flaky: suite.cases.filter((one) => new Set(timesOf(one)).size > 1).map(({ id }) => id),
  };
}

function cellOf(candidate: boolean, live: boolean): keyof PairedCounts {
  if (candidate) return live ? 'both' : 'onlyCandidate';
  return live ? 'onlyLive' : 'neither';
}

/** Undefined where nobody can tell. */
function passes(row: EvaluationRow | undefined, metric: string): boolean | undefined {
  return row && Object.hasOwn(row.metrics, metric) ? row.metrics[metric]?.pass : undefined;
}

function keyOf(side: EvaluationSide, id: string, repeat: number): string {
  return JSON.stringify([side, id, repeat]);
}

function repeats(suite: EvaluationSuite, one: EvaluationCase, side: EvaluationSide): number[] {
  return Array.from({ length: repeatsOf(suite, one, side) }, (_, index) => index + 1);
}
