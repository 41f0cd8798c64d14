import type { EvaluationRow, EvaluationRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { pairedInterval } from '../../core/evaluation/paired-interval';
import { type RunCounts, runCounts } from '../../core/evaluation/run-counts';
import { verdictOf } from '../../core/evaluation/verdict';

/** What became worse, and where it shows. */
export interface Worsening {
  /** Critical cases that do not pass each time. */
  readonly critical: readonly string[];
  readonly metrics: readonly WorseMetric[];
}

export interface WorseMetric {
  readonly name: string;
  readonly cases: number;
  /** Cases that pass now, and that passed with what it is compared with. */
  readonly now: number;
  readonly before: number;
  /** Ids of cases that passed with what it is compared with only. */
  readonly lost: readonly string[];
}

/** A content against what is live: worse by more than the margin, or in a critical case. Undefined where it is not. */
export function worseThanLive(suite: EvaluationSuite, { rows, live }: EvaluationRun): Worsening | undefined {
  const counts = runCounts(suite, rows, live !== null);
  const isWorse = (name: string) => live !== null && verdictOf(metricOf(counts, name)).verdict === 'worse';
  return worsening(suite, rows, counts, counts.criticalFailed, isWorse);
}

/**
 * What is live against its own last run. Nothing but chance and the model are between them, so that any loss is one that
 * chance alone makes in one run of twenty.
 */
export function worseThanBefore(
  suite: EvaluationSuite,
  now: readonly EvaluationRow[],
  before: readonly EvaluationRow[],
): Worsening | undefined {
  const candidates = (rows: readonly EvaluationRow[]) => rows.filter(({ side }) => side === 'candidate');
  const earlier = candidates(before).map((row): EvaluationRow => ({ ...row, side: 'live' }));
  const rows = [...candidates(now), ...earlier];
  const counts = runCounts(suite, rows, true);
  const failedBefore = runCounts(suite, candidates(before), false).criticalFailed;
  const critical = counts.criticalFailed.filter((id) => !failedBefore.includes(id));
  return worsening(suite, rows, counts, critical, (name) => pairedInterval(metricOf(counts, name)).high < 0);
}

function worsening(
  suite: EvaluationSuite,
  rows: readonly EvaluationRow[],
  counts: RunCounts,
  critical: readonly string[],
  isWorse: (metric: string) => boolean,
): Worsening | undefined {
  const metrics = Object.keys(counts.metrics)
    .filter(isWorse)
    .map((name): WorseMetric => {
      const { both, onlyCandidate, onlyLive, neither } = metricOf(counts, name);
      const cases = both + onlyCandidate + onlyLive + neither;
      return { name, cases, now: both + onlyCandidate, before: both + onlyLive, lost: lostCases(suite, rows, name) };
    });
  return critical.length + metrics.length > 0 ? { critical, metrics } : undefined;
}

function lostCases(suite: EvaluationSuite, rows: readonly EvaluationRow[], metric: string): string[] {
  const passes = (id: string, wanted: EvaluationRow['side']) =>
    rows.some(
      ({ side, case: one, repeat, metrics }) => side === wanted && one === id && repeat === 1 && metrics[metric]?.pass,
    );
  return suite.cases.map(({ id }) => id).filter((id) => passes(id, 'live') && !passes(id, 'candidate'));
}

function metricOf({ metrics }: RunCounts, name: string) {
  return metrics[name] ?? { both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 };
}
