import type { EvaluationRow } from './evaluation-row';
import {
  casesOf,
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
  /** Ids of critical cases that did not pass each time, in the order of the suite. */
  readonly criticalFailed: readonly string[];
  readonly criticalCases: number;
  /** By metric; of the cases that each is about. */
  readonly metrics: Readonly<Record<string, PairedCounts>>;
  /** Answers that are missing, there twice, or that could not be had. */
  readonly errors: number;
}

/**
 * Counts the rows of a run. A case without its row, with it twice or without an answer does not pass; where nothing is live,
 * nothing passes there.
 *
 * @param hasLive whether there is something to compare with
 */
export function runCounts(suite: EvaluationSuite, rows: readonly EvaluationRow[], hasLive: boolean): RunCounts {
  const answered = new Map<string, EvaluationRow | null>();
  for (const row of rows) {
    const key = keyOf(row.side, row.case, row.repeat);
    answered.set(key, answered.has(key) ? null : row);
  }
  const rowOf = (side: EvaluationSide, one: EvaluationCase, repeat: number) =>
    answered.get(keyOf(side, one.id, repeat)) ?? undefined;
  const passes = (row: EvaluationRow | undefined, metric: string) => row?.metrics[metric]?.pass === true;

  const names = metricNames(suite);
  const metrics = names.map((name) => {
    const counts = { both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 };
    for (const one of casesOf(suite, name)) {
      const candidate = passes(rowOf('candidate', one, 1), name);
      const live = hasLive && passes(rowOf('live', one, 1), name);
      counts[candidate ? (live ? 'both' : 'onlyCandidate') : live ? 'onlyLive' : 'neither'] += 1;
    }
    return [name, counts] as const;
  });
  const critical = suite.cases.filter((one) => one.critical);
  const passesEachTime = (one: EvaluationCase) =>
    repeats(suite, one, 'candidate').every((repeat) => {
      const row = rowOf('candidate', one, repeat);
      return row?.answer != null && Object.values(row.metrics).every(({ pass }) => pass);
    });
  const wanted = suite.cases.flatMap((one) =>
    (hasLive ? (['candidate', 'live'] as const) : (['candidate'] as const)).flatMap((side) =>
      repeats(suite, one, side).map((repeat) => rowOf(side, one, repeat)),
    ),
  );
  return {
    cases: suite.cases.length,
    criticalFailed: critical.filter((one) => !passesEachTime(one)).map(({ id }) => id),
    criticalCases: critical.length,
    metrics: Object.fromEntries(metrics),
    errors: wanted.filter((row) => !row || row.answer === null).length,
  };
}

function keyOf(side: EvaluationSide, id: string, repeat: number): string {
  return JSON.stringify([side, id, repeat]);
}

function repeats(suite: EvaluationSuite, one: EvaluationCase, side: EvaluationSide): number[] {
  return Array.from({ length: repeatsOf(suite, one, side) }, (_, index) => index + 1);
}
