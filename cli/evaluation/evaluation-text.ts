import type { CaseOutcome, MetricOutcome, SideUsage } from '../../core/evaluation/evaluation-outcome';
import { relatedJudges } from '../../core/evaluation/related-judges';
import type { Verdict } from '../../core/evaluation/verdict';
import { intervalText, percent, verdictText } from '../../core/evaluation/verdict-text';
import { visibleLine } from '../../core/text/visible-text';
import { table } from '../table';
import type { Terminal } from '../terminal';
import type { Evaluation } from './evaluate-once';

/** Rows that somebody reads; `--json` and `--html` have all. */
const MOST_SHOWN = 30;

/** What a run says: cases that came out otherwise first, then each metric, then what it cost. */
export function evaluationText(evaluation: Evaluation, terminal: Terminal): string {
  const { outcome, run, suite } = evaluation;
  const { glyphs } = terminal;
  const against = run.live ? ` against ${run.live.label}` : '';
  const count = suite.cases.length;
  return [
    `${run.prompt}  ${run.candidate.label}${against}  ${count} case${count === 1 ? '' : 's'}  ${run.suite.slice(0, 16)}${glyphs.ellipsis}`,
    ...casesText(evaluation, terminal),
    '',
    metricsText(outcome.metrics, terminal),
    ...usageText(evaluation, terminal),
    ...relatedJudges(suite, [run.candidate, ...(run.live ? [run.live] : [])]).map(
      (one) => `${glyphs.note} ${visibleLine(one)}`,
    ),
    ...run.advisory.map((why) => `${glyphs.note} advisory: ${why}`),
    '',
    verdictLine(evaluation, terminal),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

function casesText({ outcome, run }: Evaluation, terminal: Terminal): string[] {
  const { glyphs, colors } = terminal;
  const told = outcome.cases.filter(({ change, reasons }) => change !== 'passes' || reasons.length > 0);
  const passes = outcome.cases.length - told.length;
  const word = (passed: boolean | null) => (passed === null ? '' : passed ? 'pass' : colors.red('FAIL'));
  const rows = told.slice(0, MOST_SHOWN).map((one) => {
    const name = `${one.isCritical ? '! ' : ''}${one.id}`;
    return [visibleLine(name), word(one.live), word(one.candidate), visibleLine(reasonsText(one))];
  });
  const hidden = told.length - rows.length;
  const more = [
    ...(hidden > 0 ? [`${hidden} more do not pass or changed`] : []),
    ...(passes > 0 ? [`${passes} ${passes === 1 ? 'case passes' : 'cases pass'}${run.live ? ' with both' : ''}`] : []),
  ];
  return [
    ...(rows.length > 0 ? ['', table(['CASE', 'LIVE', 'NEW', 'WHY'], rows, terminal)] : []),
    ...more.map((line) => colors.dim(`${glyphs.ellipsis} ${line}`)),
  ];
}

/** `mentions: "5-for-1" is missing`; of what is fixed, what it was. */
export function reasonsText({ reasons, change }: CaseOutcome): string {
  const said = reasons.map(([metric, reason]) => (metric === '' ? reason : `${metric}: ${reason}`)).join('; ');
  return change === 'gained' && said !== '' ? `was ${said}` : said;
}

function metricsText(metrics: readonly MetricOutcome[], terminal: Terminal): string {
  const { arrow } = terminal.glyphs;
  const rows = metrics.map(({ name, counts, verdict }) => {
    const cases = counts.both + counts.onlyCandidate + counts.onlyLive + counts.neither;
    if (!verdict) {
      const passed = counts.both + counts.onlyCandidate;
      return [name, percent(cases === 0 ? 0 : passed / cases), '', '', `${cases} cases`];
    }
    const { live, candidate, provable } = verdict;
    const proof = `${cases} cases, can prove ${(provable * 100).toFixed(1)}`;
    return [
      name,
      `${percent(live)} ${arrow} ${percent(candidate)}`,
      intervalText(verdict),
      verdictText(verdict),
      proof,
    ];
  });
  return table(['METRIC', 'PASS', 'DIFFERENCE', 'VERDICT', 'OF'], rows, terminal);
}

function usageText({ outcome: { usage }, known, questions, cost }: Evaluation, { glyphs }: Terminal): string[] {
  const { candidate, live } = usage;
  const change = (of: (side: SideUsage) => string) =>
    [live, candidate].flatMap((side) => (side ? [of(side)] : [])).join(` ${glyphs.arrow} `);
  const tokens = change((side) => side.tokens.toLocaleString('en'));
  const p95 = change((side) => `${(side.p95 / 1000).toFixed(2)} s`);
  const paid = [live && cost?.live, candidate && cost?.candidate].flatMap((one) => (one == null ? [] : [dollars(one)]));
  const isWhole = paid.length > 0 && paid.length === [live, candidate].filter(Boolean).length;
  const said = isWhole ? `cost ${paid.join(` ${glyphs.arrow} `)}   ` : '';
  return [`${said}tokens ${tokens} an answer   p95 ${p95}   ${questions - known} asked, ${known} from cache`];
}

/** Two figures that count: `$0.0021`. */
function dollars(cost: number): string {
  const digits = cost > 0 ? Math.max(2, 1 - Math.floor(Math.log10(cost))) : 2;
  return `$${cost.toFixed(Math.min(digits, 10))}`;
}

const SIGNS: Readonly<Record<Verdict, 'ok' | 'bad' | 'note'>> = {
  'not worse': 'ok',
  worse: 'bad',
  inconclusive: 'note',
};

function verdictLine({ outcome, run }: Evaluation, { glyphs, colors }: Terminal): string {
  const { verdict, counts, flaky } = outcome;
  const color = { 'not worse': colors.green, worse: colors.red, inconclusive: colors.yellow }[verdict];
  const failed = counts.criticalFailed;
  const notes = [
    ...(failed.length > 0 ? [`critical cases fail: ${failed.join(', ')}`] : []),
    ...(flaky.length > 0 ? [`flaky: ${flaky.join(', ')}`] : []),
    ...(counts.errors > 0 ? [`${counts.errors} without an answer or a verdict`] : []),
  ];
  const said = run.live || verdict !== 'not worse' ? verdict : 'nothing to compare with';
  return [`${color(glyphs[SIGNS[verdict]])} ${said}`, ...notes.map(visibleLine)].join(`  ${glyphs.dot}  `);
}
