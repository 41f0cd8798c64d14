import type { KeptRows } from '../../evaluation/kept-run';
import type { Evaluation } from '../../ledger/review';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import { evaluationsWithRows, otherThan } from '../evaluation-rows';
import type { RowsEvidence } from '../evidence';

type Problem = 'RowsDiffer' | 'RowsElsewhere' | 'CountsDiffer';

/** What was signed of a run is what its rows come to. */
export const evaluationRows: AuditRule<AuditedRegistry, Problem> = {
  name: 'evaluation-rows',
  reads: 'the counts of each signed evaluation, and the rows that somebody kept of its run (`--rows`)',
  finds: {
    RowsDiffer: 'the rows that were kept of a run are not those that were signed: one was changed, added or taken away',
    RowsElsewhere:
      'the rows that a review names are of a run of another suite, content or baseline, or of one that nobody can sign for',
    CountsDiffer: 'a review holds other counts than its rows come to: they were made up, or counted by something else',
  },
  run({ evidence: { rows = [] }, survey }, report) {
    for (const { key, evaluation, own, other } of evaluationsWithRows(survey, rows)) {
      const [first] = own;
      const fitting = own.find((one) => elsewhere(one, evaluation).length === 0);
      if (first && !fitting) {
        const found = elsewhere(first, evaluation).join(', ');
        report('RowsElsewhere', key, `names the rows of ${first.place}, which are of another run: ${found}`);
      }
      const wrong = fitting?.run.found && differences(fitting.run.found, evaluation);
      if (wrong && wrong.length > 0) {
        report('CountsDiffer', key, `does not say what the rows of ${fitting?.place} come to: ${wrong.join('; ')}`);
      }
      if (other.length > 0) report('RowsDiffer', key, otherRows(other, evaluation));
    }
  },
};

function elsewhere(one: RowsEvidence, evaluation: Evaluation): string[] {
  const { advisory, found } = one.run;
  return [
    ...otherThan(one, evaluation),
    ...(evaluation.baseline === null && found?.hasLive ? ['with answers of something that is live'] : []),
    ...advisory.map((why) => `advisory, ${why}`),
  ];
}

function otherRows(other: readonly RowsEvidence[], { rows }: Evaluation): string {
  const holds = other.map(
    ({ place, run: { found } }) => `${place} ${found ? `holds ${short(found.digest)}` : 'cannot be read'}`,
  );
  return `names rows ${short(rows)}, and of this run ${holds.join(', ')}: they were changed, or are of a run that nobody signed`;
}

/** Where the two differ: what was signed, and what the rows come to. */
function differences({ counts, repeats, answers }: KeptRows, evaluation: Evaluation): string[] {
  const { cases, errors, critical, metrics, questions } = evaluation;
  const wrong: string[] = [];
  const compare = (what: string, signed: unknown, found: unknown) => {
    if (signed !== found) wrong.push(`${what} ${signed}, by the rows ${found}`);
  };
  compare('cases', cases, counts.cases);
  compare('errors', errors, counts.errors);
  const asked = questions && questions.candidate + questions.live;
  if (asked !== undefined && asked < answers) wrong.push(`questions ${asked}, by the rows ${answers} at least`);
  // Asked once, a critical case looks like any other.
  if (repeats > 1) {
    compare('critical cases', critical.cases, counts.criticalCases);
    compare('failed critical cases', critical.failed.length + critical.unnamed, counts.criticalFailed.length);
    const failed = new Set(counts.criticalFailed);
    const passed = critical.failed.filter((id) => !failed.has(id));
    if (passed.length > 0) wrong.push(`critical cases that failed ${passed.join(', ')}, by the rows not these`);
  }
  for (const name of new Set([...Object.keys(metrics), ...Object.keys(counts.metrics)]))
    compare(name, countsText(metrics, name), countsText(counts.metrics, name));
  return wrong;
}

function countsText(metrics: Evaluation['metrics'], name: string): string {
  if (!Object.hasOwn(metrics, name)) return 'not there';
  const { both = 0, onlyCandidate = 0, onlyLive = 0, neither = 0 } = metrics[name] ?? {};
  return `${both} both, ${onlyCandidate} only candidate, ${onlyLive} only live, ${neither} neither`;
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}
