import type {
  CaseChange,
  CaseOutcome,
  EvaluationOutcome,
  MetricOutcome,
} from '../../core/evaluation/evaluation-outcome';
import type { EvaluatedContent, EvaluationRow, EvaluationRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationCase, EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import type { ModelAnswer } from '../../core/evaluation/model-answer';
import { intervalText, percent, verdictText } from '../../core/evaluation/verdict-text';
import { wordChanges } from '../diff/word-changes';
import { DIFF_PAGE_STYLE } from '../diff-page/diff-page-style';
import { diffRows } from '../diff-page/diff-rows';
import { type Html, html, lines } from '../html';
import { page } from '../page';
import { plural } from '../plural';
import { stackedTable } from '../stacked-table';
import { STACKED_TABLE_STYLE } from '../stacked-table-style';
import { timeElement } from '../time-element';
import { EVALUATION_PAGE_STYLE } from './evaluation-page-style';

export interface EvaluationPageProps {
  readonly suite: EvaluationSuite;
  readonly run: EvaluationRun;
  readonly outcome: EvaluationOutcome;
}

/** More of them open would be nothing that anybody reads from top to bottom. */
const MOST_OPEN = 20;

const TITLES: Readonly<Record<CaseChange, string>> = {
  lost: 'Passed, and do not any more',
  fails: 'Do not pass',
  gained: 'Pass now',
  passes: 'Pass',
};

const LOOKS = { worse: 'bad', 'not worse': 'good', inconclusive: '' } as const;

/**
 * One run as a page to keep or print: what changed first, each case with both answers next to each other and the words that
 * differ.
 */
export function evaluationPage({ suite, run, outcome }: EvaluationPageProps): string {
  const { candidate, live, prompt } = run;
  const rows = new Map<string, EvaluationRow[]>();
  for (const row of run.rows) rows.set(row.case, [...(rows.get(row.case) ?? []), row]);
  const cases = new Map(suite.cases.map((one) => [one.id, one]));
  const groups = (Object.keys(TITLES) as CaseChange[]).flatMap((change) => {
    const own = outcome.cases.filter((one) => one.change === change);
    return own.length === 0 ? [] : [{ change, own }];
  });
  const body = html`<header>
<h1>${prompt}: ${candidate.label}${live ? html` against ${live.label}` : ''}</h1>
<p class="verdict"><span class="${LOOKS[outcome.verdict]}">${live || outcome.verdict === 'worse' ? outcome.verdict : 'nothing to compare with'}</span></p>
<dl class="facts">
${facts({ suite, run, outcome })}
</dl>
<p class="key">${live ? html`Words of the live answer alone look <del>like this</del>, words of the new one alone <ins>like this</ins>. ` : ''}Run ${timeElement(new Date(run.time))}.</p>
</header>
<main id="results">
<h2 id="metrics">Metrics</h2>
${metricsTable(outcome.metrics)}
${lines(
  groups.map(
    ({
      change,
      own,
    }) => html`<section aria-labelledby="${change}"><h2 id="${change}">${TITLES[change]} <span class="tally">${plural(own.length, 'case')}</span></h2>
${lines(own.map((one) => caseBlock(one, cases.get(one.id), rows.get(one.id) ?? [], change !== 'passes' && own.length <= MOST_OPEN)))}
</section>`,
  ),
)}
</main>`;
  return page({
    title: `${prompt}: ${candidate.label}${live ? ` against ${live.label}` : ''}`,
    style: html`${DIFF_PAGE_STYLE}${STACKED_TABLE_STYLE}${EVALUATION_PAGE_STYLE}`,
    main: 'results',
    skip: 'Skip to the results',
    body,
  });
}

function facts({ run, outcome }: EvaluationPageProps): Html {
  const { candidate, live, suite, advisory } = run;
  const { counts, flaky, usage } = outcome;
  const content = ({ label, digest, model }: EvaluatedContent) => `${label}, ${digest}, ${model ?? 'no model'}`;
  const cost = [usage.live, usage.candidate].flatMap((side) => (side ? [side] : []));
  const all: (readonly [string, string])[] = [
    ['New', content(candidate)],
    ...(live ? [['Live', content(live)] as const] : []),
    ['Suite', `${suite}, ${plural(counts.cases, 'case')}, ${counts.criticalCases} of them critical`],
    ...(counts.criticalFailed.length > 0 ? [['Critical', `fail: ${counts.criticalFailed.join(', ')}`] as const] : []),
    ...(flaky.length > 0 ? [['Flaky', flaky.join(', ')] as const] : []),
    ...(counts.errors > 0 ? [['No answer', plural(counts.errors, 'question')] as const] : []),
    ['Tokens', `${cost.map(({ tokens }) => tokens.toLocaleString('en')).join(' → ')} an answer`],
    ['95 % within', cost.map(({ p95 }) => `${(p95 / 1000).toFixed(2)} s`).join(' → ')],
    ...advisory.map((why) => ['Advisory', why] as const),
  ];
  return lines(all.map(([title, text]) => html`<dt>${title}</dt><dd>${text}</dd>`));
}

function metricsTable(metrics: readonly MetricOutcome[]): Html {
  const rows = metrics.map(({ name, counts, verdict }) => {
    const cases = counts.both + counts.onlyCandidate + counts.onlyLive + counts.neither;
    if (!verdict) return [name, percent((counts.both + counts.onlyCandidate) / (cases || 1)), '', '', cases];
    const { live, candidate } = verdict;
    const look = LOOKS[verdict.verdict];
    const said = html`<span class="${look}">${verdictText(verdict)}</span>`;
    return [name, `${percent(live)} → ${percent(candidate)}`, intervalText(verdict), said, cases];
  });
  const columns = ['Metric', 'Pass', 'Difference', 'Verdict', 'Cases'].map((name) => ({ name }));
  return stackedTable({ label: 'Metrics', columns, rows });
}

function caseBlock(
  { id, isCritical, reasons, change }: CaseOutcome,
  one: EvaluationCase | undefined,
  rows: readonly EvaluationRow[],
  isOpen: boolean,
): Html {
  const why = reasons.map(([metric, reason]) => (metric === '' ? reason : `${metric}: ${reason}`)).join('; ');
  const said = why === '' ? '' : html` <span class="why">${change === 'gained' ? 'was ' : ''}${why}</span>`;
  const head = html`<strong>${id}</strong>${isCritical ? ' critical' : ''}${said}`;
  const variables = Object.entries(one?.variables ?? {}).map(([name, value]) => `${name}: ${value}`);
  const content = html`<p class="asked">${variables.join('\n')}</p>
${answers(rows)}`;
  return isOpen
    ? html`<details class="case" open><summary>${head}</summary>
${content}</details>`
    : html`<details class="case"><summary>${head}</summary>
${content}</details>`;
}

/** Both first answers next to each other, then what a critical case answered when it was asked again. */
function answers(rows: readonly EvaluationRow[]): Html {
  const live = rows.find(({ side }) => side === 'live');
  const [first, ...more] = rows.filter(({ side }) => side === 'candidate').toSorted((a, b) => a.repeat - b.repeat);
  if (!first) return html``;
  return html`${live ? comparison(live, first) : alone(first)}
${lines(more.map((row) => html`<p class="asked">Asked again, ${row.repeat}:</p>${alone(row)}`))}`;
}

function comparison(live: EvaluationRow, first: EvaluationRow): Html {
  const changes = wordChanges(textOf(live), textOf(first));
  return html`<div class="columns"><div>Live${cost(live.answer)}</div><div>New${cost(first.answer)}</div></div>
<div class="said lines">
${lines(diffRows(changes))}
</div>
<ul class="results">${results('live', live)}${results('new', first)}</ul>`;
}

function alone(row: EvaluationRow): Html {
  return html`<div class="said"><p class="whole">${textOf(row)}</p></div>
<ul class="results">${results('new', row)}</ul>`;
}

function cost(answer: ModelAnswer | null): string {
  if (!answer) return '';
  return `, ${(answer.inputTokens + answer.outputTokens).toLocaleString('en')} tokens, ${(answer.latencyMs / 1000).toFixed(2)} s`;
}

function textOf({ answer, error }: EvaluationRow): string {
  if (!answer) return error ?? 'no answer';
  const calls = answer.toolCalls.map((call) => `calls ${call.name}(${JSON.stringify(call.arguments)})`);
  return [answer.text, ...calls].filter((part) => part !== '').join('\n') || '(empty)';
}

function results(whose: string, { metrics }: EvaluationRow): Html {
  return lines(
    Object.entries(metrics).map(([name, { pass, reason }]) =>
      pass
        ? html`<li>${whose}: ${name} <span class="good">pass</span></li>`
        : html`<li>${whose}: ${name} <span class="bad">fail</span>: ${reason ?? ''}</li>`,
    ),
  );
}
