import {
  answersText,
  costOfUseText,
  costText,
  durationText,
  SCORES_NOT_READ,
  shareText,
  tokensText,
  versionText,
  yesShareText,
} from '../../core/metrics/metric-text';
import { scoreRows } from '../../core/metrics/score-rows';
import {
  errorShare,
  type MetricPoint,
  type PromptMetrics,
  type VersionMetrics,
} from '../../core/metrics/version-metrics';
import { type Html, html, lines } from '../html';
import { LINE_PLOT_STYLE, linePlot, type PlotLine } from '../line-plot';
import { page } from '../page';
import { stackedTable } from '../stacked-table';
import { STACKED_TABLE_STYLE } from '../stacked-table-style';
import { timeElement } from '../time-element';

/** What was measured of a prompt, as a page to keep: a table of all versions, one of their scores, then for each alias its versions over time. */
export function metricsPage(metrics: PromptMetrics): string {
  const { prompt, registry, since, until, versions } = metrics;
  const aliases = [...new Set(versions.map(({ alias }) => alias))];
  const body = html`<header>
<h1>${prompt}: what its versions do</h1>
<p class="key">Registry ${registry}, ${timeElement(new Date(since))} to ${timeElement(new Date(until))}. As the client measured them; costs are estimates.</p>
</header>
<main id="versions">
${versions.length === 0 ? html`<p>No use was measured in this time.</p>` : versionsTable(versions)}
${scoresPart(versions)}
${lines(aliases.map((alias) => plots(alias, metrics)))}
</main>`;
  return page({
    title: `${prompt}: metrics`,
    style: html`${STACKED_TABLE_STYLE}${LINE_PLOT_STYLE}`,
    main: 'versions',
    skip: 'Skip to the versions',
    body,
  });
}

function versionsTable(versions: readonly VersionMetrics[]): Html {
  return stackedTable({
    label: 'What was measured of each version',
    columns: [
      { name: 'Alias and version', keep: true },
      { name: 'Uses' },
      { name: 'Errors' },
      { name: 'Latency' },
      { name: 'Highest p99' },
      { name: 'Tokens in / out a use' },
      { name: 'Cost a use' },
      { name: 'Cost' },
    ],
    rows: versions.map((one) => [
      namedVersion(one),
      one.uses.toLocaleString('en'),
      shareText(one),
      durationText(one.latency),
      durationText(one.highestP99),
      tokensText(one),
      costOfUseText(one),
      costText(one),
    ]),
  });
}

function scoresPart(versions: readonly VersionMetrics[]): Html | string {
  if (versions.some(({ scores }) => scores === null)) return html`<p class="key">${SCORES_NOT_READ}.</p>`;
  const rows = scoreRows(versions);
  if (rows.length === 0) return '';
  return stackedTable({
    label: 'What people said of the answers of each version',
    caption: 'Scores: what people said of the answers, yes or no.',
    columns: [{ name: 'Score' }, { name: 'Alias and version', keep: true }, { name: 'Yes' }, { name: 'Share' }],
    rows: rows.map((score) => [score.name, namedVersion(score.of), answersText(score), yesShareText(score)]),
  });
}

function namedVersion(one: VersionMetrics): string {
  return `${one.alias} ${versionText(one)}${one.live ? ' (live)' : ''}`;
}

function plots(alias: string, { versions, since, until, period }: PromptMetrics): Html {
  const own = versions.filter((one) => one.alias === alias);
  const place = { from: Date.parse(since), to: Date.parse(until) };
  const plotted = (value: (point: MetricPoint) => number | null) =>
    own.map((one): PlotLine => {
      const points = one.points.flatMap((point) => {
        const number = value(point);
        return number === null ? [] : [[Date.parse(point.time), number] as const];
      });
      return { name: `version ${versionText(one)}`, points };
    });
  const every = period % 3_600 === 0 ? `${period / 3_600} h` : `${period / 60} min`;
  return html`<section aria-labelledby="${`alias-${alias}`}">
<h2 id="${`alias-${alias}`}">${alias} over time</h2>
${linePlot({ ...place, title: `Uses each ${every}`, lines: plotted(({ uses }) => uses), say: (value) => Math.round(value).toLocaleString('en') })}
${linePlot({ ...place, title: 'Share of uses that failed', lines: plotted(errorShare), say: (value) => `${(value * 100).toFixed(1)} %` })}
${linePlot({ ...place, title: 'Latency, mean', lines: plotted(({ latency }) => latency), say: (value) => durationText(value) || '0 ms' })}
</section>`;
}
