import type { Look, MetricReadout } from '../../core/experiment/readout';
import {
  answersText,
  differenceText,
  percentText,
  planState,
  readoutNotes,
  splitFixText,
  splitText,
  unreadText,
  verdictText,
} from '../../core/experiment/readout-text';
import type { ExperimentReport, MeasuredSpan } from '../../core/experiment/report';
import { costOfUseText, durationText, tokensText } from '../../core/metrics/metric-text';
import { type Html, html, lines } from '../html';
import { LINE_PLOT_STYLE, linePlot, type PlotLine } from '../line-plot';
import { page } from '../page';
import { stackedTable } from '../stacked-table';
import { STACKED_TABLE_STYLE } from '../stacked-table-style';
import { timeElement } from '../time-element';
import { READOUT_PAGE_STYLE } from './readout-page-style';

/** A readout as a page to keep: whether it may be believed, what differs, and how it looked over time. */
export function readoutPage(report: ExperimentReport): string {
  const { prompt, registry, alias, stable, candidate, measured, metrics, isVoid } = report;
  const span = measured?.until ? measured : undefined;
  const body = html`<header>
<h1>${prompt} ${alias}: version ${candidate} against ${stable}</h1>
<p class="key">Registry ${registry}, rollout #${report.plan}, ${report.shares.join(', ')} % of the keys got the candidate. ${stateOf(report)}${span ? html` Measured from ${time(span.since)} to ${time(`${span.until}`)}.` : ''}</p>
</header>
<main id="metrics">
${splitOf(report)}
${span ? metricsTable(report) : html`<p>There is nothing to read${measured?.next ? html` yet before ${time(measured.next)}` : `: ${unreadText(report)}`}.</p>`}
${span ? usesTable(report) : ''}
<ul class="notes">
${lines(readoutNotes(report).map((note) => html`<li>${note}</li>`))}
</ul>
${span && !isVoid ? lines(metrics.filter(({ verdict }) => verdict !== 'nothing').map((metric) => plots(metric, report, span))) : ''}
</main>`;
  return page({
    title: `${prompt} ${alias}: readout`,
    style: html`${STACKED_TABLE_STYLE}${LINE_PLOT_STYLE}${READOUT_PAGE_STYLE}`,
    main: 'metrics',
    skip: 'Skip to the metrics',
    body,
  });
}

function stateOf(report: ExperimentReport): Html {
  const { word, time: when } = planState(report);
  if (when === null) return html`It is under way.`;
  const said = {
    until: 'ends at',
    over: 'is over since',
    halted: 'was halted at',
    ended: 'ended at',
    'under way': 'is under way since',
  };
  return html`It ${said[word]} ${time(when)}.`;
}

function splitOf({ split, repeats }: ExperimentReport): Html {
  if (!split || split.candidate + split.stable === 0) return html``;
  if (!split.isFaulty) return html`<p>${splitText(split)}.</p>`;
  return html`<p class="void" role="note"><strong>Void.</strong> ${splitText(split)}: no difference says anything. It says ${splitFixText(split, repeats)}.</p>`;
}

function metricsTable({ metrics, stable, candidate, isVoid }: ExperimentReport): Html {
  return stackedTable({
    label: 'How both versions did',
    columns: [
      { name: 'Metric', keep: true },
      { name: `Stable ${stable}` },
      { name: `Candidate ${candidate}` },
      ...(isVoid ? [] : [{ name: 'Difference' }, { name: 'The candidate is' }]),
    ],
    rows: metrics.map((metric) => [
      metric.name,
      answersText(metric.stable),
      answersText(metric.candidate),
      ...(isVoid ? [] : [differenceText(metric), verdictText(metric)]),
    ]),
  });
}

function usesTable({ uses, stable, candidate }: ExperimentReport): Html {
  if (!uses || uses.candidate.uses + uses.stable.uses === 0) return html``;
  const arms = [
    { name: `stable ${stable}`, arm: uses.stable },
    { name: `candidate ${candidate}`, arm: uses.candidate },
  ];
  return stackedTable({
    label: 'What both versions took',
    columns: [
      { name: 'Version', keep: true },
      { name: 'Uses' },
      { name: 'Latency' },
      { name: 'Tokens in / out a use' },
      { name: 'Cost a use' },
    ],
    rows: arms.map(({ name, arm }) => [
      name,
      arm.uses.toLocaleString('en'),
      durationText(arm.latency),
      tokensText(arm),
      costOfUseText(arm),
    ]),
  });
}

function plots({ name, looks }: MetricReadout, { stable, candidate }: ExperimentReport, span: MeasuredSpan): Html {
  const place = { from: Date.parse(span.since), to: Date.parse(`${span.until}`) };
  const line = (title: string, value: (look: Look) => number | null): PlotLine => ({
    name: title,
    points: looks.flatMap((look) => {
      const number = value(look);
      return number === null ? [] : [[look.time, number] as const];
    }),
  });
  const known = looks.filter(({ low, high }) => low > -1 && high < 1);
  const bound = (title: string, value: (look: Look) => number) => ({
    name: title,
    points: known.map((look) => [look.time, value(look)] as const),
  });
  const id = `metric-${name}`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${name} over time</h2>
${linePlot({
  ...place,
  title: 'Share of all up to then',
  lines: [line(`stable ${stable}`, (look) => look.stable), line(`candidate ${candidate}`, (look) => look.candidate)],
  say: percentText,
})}
${linePlot({
  ...place,
  title: 'Difference, and between which it is with 95 %',
  lines: [
    bound('difference', ({ difference }) => difference ?? 0),
    bound('at most', ({ high }) => high),
    bound('at least', ({ low }) => low),
  ],
  say: (value) => `${(value * 100).toFixed(1)} points`,
})}
</section>`;
}

function time(iso: string): Html {
  return timeElement(new Date(iso));
}
