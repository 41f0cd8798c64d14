import { casesOf, type PairedCounts } from '../../core/evaluation/paired-interval';
import { type MetricVerdict, type Verdict, verdictOf, worstOf } from '../../core/evaluation/verdict';
import { metricText, percent } from '../../core/evaluation/verdict-text';
import { type Evaluation, personOf, type SignedReview } from '../../core/ledger/review';
import type { EvaluationGate, Measured } from '../../core/release/gates/evaluation';
import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';

/** How a suite came out, as somebody signed it. */
export interface MeasuredRun {
  readonly person: string;
  readonly group: string;
  /** By the clock of S3, ISO 8601. */
  readonly time: string;
  readonly suite: string;
  /** Digest of what it was compared with; null for nothing. */
  readonly baseline: string | null;
  /** Runs of this suite over this content that were signed in this group. */
  readonly runs: number;
  readonly verdict: Verdict;
  readonly cases: number;
  readonly critical: Evaluation['critical'];
  readonly errors: number;
  readonly metrics: Readonly<Record<string, PairedCounts & Partial<MetricVerdict>>>;
  /** SHA-256 of its rows. */
  readonly rows: string;
}

/** The run that a gate goes by; none where none counts. */
export function measuredRun({ gate, runs, newest }: Measured): MeasuredRun[] {
  return newest ? [runSaid(newest.signed, newest.evaluation, runs.length, gate.noWorseThanLive)] : [];
}

/** @param margins by metric; ten points of one that is not named */
export function runSaid(
  { address, time }: SignedReview,
  evaluation: Evaluation,
  runs: number,
  margins: EvaluationGate['noWorseThanLive'] = {},
): MeasuredRun {
  const { suite, baseline, cases, critical, errors, rows } = evaluation;
  const metrics = Object.entries(evaluation.metrics).map(([name, counts]) => {
    const verdict = baseline === null ? undefined : verdictOf(counts, margins[name]);
    return [name, { ...counts, ...verdict }] as const;
  });
  const failed: Verdict = critical.failed.length + critical.unnamed > 0 ? 'worse' : 'not worse';
  const verdict = worstOf([
    failed,
    ...metrics.flatMap(([, counts]) => ('verdict' in counts && counts.verdict ? counts.verdict : [])),
  ]);
  return {
    person: personOf(address.signer),
    group: address.group,
    time,
    suite,
    baseline,
    runs,
    verdict,
    cases,
    critical,
    errors,
    metrics: Object.fromEntries(metrics),
    rows,
  };
}

/** `by pipeline as measured, 2026-12-02 09:00:00 UTC: mentions 92 % → 91 %, …` */
export function runText(run: MeasuredRun): string {
  return `by ${run.person} as ${run.group}, ${timestamp(new Date(run.time))}: ${measuredText(run)}`;
}

/** `mentions 92 % → 91 %, −1.0 points, 95 % −3.4 … +1.4: not worse by 10 points, 200 cases; 3 runs` */
export function measuredText({ verdict, metrics, critical, errors, runs }: Omit<MeasuredRun, 'person'>): string {
  const failed = critical.failed.length + critical.unnamed;
  return [
    ...(failed > 0
      ? [`${failed} of ${critical.cases} critical cases fail: ${visibleLine(critical.failed.slice(0, 5).join(', '))}`]
      : []),
    ...Object.entries(metrics).map(([name, counts]) => metricSaid(name, counts)),
    ...(errors > 0 ? [`${errors} without an answer or a verdict`] : []),
    ...(runs > 1 ? [`${runs} runs`] : []),
    ...(Object.keys(metrics).length > 1 ? [verdict] : []),
  ].join('; ');
}

function metricSaid(name: string, counts: MeasuredRun['metrics'][string]): string {
  if (counts.verdict !== undefined) return metricText(name, counts as MetricVerdict);
  const cases = casesOf(counts);
  return `${name} ${percent((counts.both + counts.onlyCandidate) / cases)} of ${cases} cases`;
}
