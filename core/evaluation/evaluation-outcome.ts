import type { EvaluationRow, EvaluationRun } from './evaluation-row';
import { type EvaluationSide, type EvaluationSuite, metricNames } from './evaluation-suite';
import type { PairedCounts } from './paired-interval';
import { type RunCounts, runCounts } from './run-counts';
import { type MetricVerdict, type Verdict, verdictOf, worstOf } from './verdict';

/** What one run says. */
export interface EvaluationOutcome {
  /**
   * Of all metrics together: the worst of them, and `worse` where a critical case failed. Where nothing is compared, it says
   * whether all critical cases passed.
   */
  readonly verdict: Verdict;
  readonly counts: RunCounts;
  readonly metrics: readonly MetricOutcome[];
  /** Those that came out otherwise first. */
  readonly cases: readonly CaseOutcome[];
  /** Ids of critical cases that passed in some answers and not in others. */
  readonly flaky: readonly string[];
  readonly usage: Readonly<Record<EvaluationSide, SideUsage | null>>;
}

export interface MetricOutcome {
  readonly name: string;
  readonly counts: PairedCounts;
  /** Null where nothing is compared. */
  readonly verdict: MetricVerdict | null;
}

export type CaseChange = 'lost' | 'gained' | 'fails' | 'passes';

export interface CaseOutcome {
  readonly id: string;
  readonly isCritical: boolean;
  /** What the edit changed of it: `lost` passed with what is live. */
  readonly change: CaseChange;
  /** Null where nothing is compared. */
  readonly live: boolean | null;
  readonly candidate: boolean;
  /** Why the candidate does not pass, by metric; where it does, why what is live did not. */
  readonly reasons: readonly (readonly [metric: string, reason: string])[];
}

/** Of the answers that came; null for figures of none. */
export interface SideUsage {
  readonly answers: number;
  /** Mean of an answer, read and written together. */
  readonly tokens: number;
  /** Milliseconds within which 95 of 100 answers came. */
  readonly p95: number;
}

const ORDER: readonly CaseChange[] = ['lost', 'fails', 'gained', 'passes'];

/**
 * What a run of a suite says, by its rows alone.
 *
 * @param margin a share: 0.1 are ten points
 */
export function evaluationOutcome(suite: EvaluationSuite, run: EvaluationRun, margin: number): EvaluationOutcome {
  const counts = runCounts(suite, run.rows, run.live !== null);
  const metrics = metricNames(suite).map((name): MetricOutcome => {
    const own = counts.metrics[name] as PairedCounts;
    return { name, counts: own, verdict: run.live && verdictOf(own, margin) };
  });
  const critical: Verdict = counts.criticalFailed.length > 0 ? 'worse' : 'not worse';
  const rows = new Map<string, EvaluationRow[]>();
  for (const row of run.rows) {
    const key = `${row.side} ${row.case}`;
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  const cases = suite.cases.map(({ id, critical: isCritical = false }) => {
    const live = run.live && rows.get(`live ${id}`);
    return caseOutcome(id, isCritical, rows.get(`candidate ${id}`) ?? [], live ?? null);
  });
  return {
    verdict: worstOf([critical, ...metrics.flatMap(({ verdict }) => verdict?.verdict ?? [])]),
    counts,
    metrics,
    cases: cases.toSorted((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change)),
    flaky: cases.filter(({ id }) => isFlaky(rows.get(`candidate ${id}`) ?? [])).map(({ id }) => id),
    usage: { candidate: usageOf(run.rows, 'candidate'), live: usageOf(run.rows, 'live') },
  };
}

function caseOutcome(
  id: string,
  isCritical: boolean,
  candidateRows: readonly EvaluationRow[],
  liveRows: readonly EvaluationRow[] | null,
): CaseOutcome {
  const candidate = candidateRows.length > 0 && candidateRows.every(passes);
  const [missing] = liveRows?.filter(({ error }) => error !== null) ?? [];
  // What did not come is no fail of what is live, so that it makes no candidate look better.
  const live = missing || liveRows?.length === 0 ? null : (liveRows?.every(passes) ?? null);
  const change = candidate ? (live === false ? 'gained' : 'passes') : live ? 'lost' : 'fails';
  const said =
    candidate && missing ? [noLive(missing)] : (candidate ? (liveRows ?? []) : candidateRows).flatMap(reasonsOf);
  const reasons = [...new Map(said.map((one) => [one.join(), one])).values()];
  return { id, isCritical, change, live, candidate, reasons };
}

function noLive({ answer, error }: EvaluationRow): [string, string] {
  return ['', answer === null ? `no live answer: ${error?.replace(/^no answer: /, '')}` : `no live verdict: ${error}`];
}

function passes({ metrics }: EvaluationRow): boolean {
  return Object.values(metrics).every(({ pass }) => pass);
}

function reasonsOf({ metrics, error }: EvaluationRow): [string, string][] {
  if (error !== null) return [['', error]];
  return Object.entries(metrics).flatMap(([name, { reason }]): [string, string][] =>
    reason === null ? [] : [[name, reason]],
  );
}

function isFlaky(rows: readonly EvaluationRow[]): boolean {
  return rows.some(passes) && !rows.every(passes);
}

function usageOf(rows: readonly EvaluationRow[], side: EvaluationSide): SideUsage | null {
  const answers = rows.flatMap((row) => (row.side === side && row.answer ? [row.answer] : []));
  if (answers.length === 0) return null;
  const tokens = answers.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  const latencies = answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  const p95 = latencies[Math.ceil(latencies.length * 0.95) - 1] ?? 0;
  return { answers: answers.length, tokens: Math.round(tokens / answers.length), p95 };
}
