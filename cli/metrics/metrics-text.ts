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
import type { PromptMetrics, VersionMetrics } from '../../core/metrics/version-metrics';
import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

const HEADINGS = ['ALIAS', 'VERSION', 'USES', 'ERRORS', 'LATENCY', 'P99', 'TOKENS A USE', 'COST A USE', 'COST'];

const SCORE_HEADINGS = ['ALIAS', 'SCORE', 'VERSION', 'YES', 'SHARE'];

/** A line for each alias and version, those of an alias next to each other; then one for each of their scores. */
export function metricsText({ prompt, since, until, versions }: PromptMetrics, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const span = `${timestamp(new Date(since))} to ${timestamp(new Date(until))}`;
  if (versions.length === 0) {
    const why = `${glyphs.note} no use of it was measured: the client writes metrics in run(), where its lines reach CloudWatch Logs; a search finds what got a value within two weeks`;
    return `${colors.bold(prompt)}  ${span}\n${wrapLines(colors.yellow(why), terminal.width)}`;
  }
  const rows = versions.map((one, index) => [
    one.alias === versions[index - 1]?.alias ? '' : visibleLine(one.alias),
    namedVersion(one, terminal),
    one.uses.toLocaleString('en'),
    one.errors > 0 ? colors.yellow(shareText(one)) : shareText(one),
    durationText(one.latency),
    durationText(one.highestP99),
    tokensText(one),
    costOfUseText(one),
    costText(one),
  ]);
  const parts = [`${colors.bold(prompt)}  ${span}\n${table(HEADINGS, rows, terminal)}`, scoresText(versions, terminal)];
  return parts.filter(Boolean).join('\n\n');
}

function scoresText(versions: readonly VersionMetrics[], terminal: Terminal): string {
  const { colors, glyphs, width } = terminal;
  if (versions.some(({ scores }) => scores === null)) {
    return wrapLines(colors.yellow(`${glyphs.note} ${SCORES_NOT_READ}`), width);
  }
  const scores = scoreRows(versions);
  if (scores.length === 0) return '';
  const rows = scores.map((score, index) => {
    const before = scores[index - 1];
    const isSameAlias = before?.of.alias === score.of.alias;
    return [
      isSameAlias ? '' : visibleLine(score.of.alias),
      isSameAlias && before?.name === score.name ? '' : visibleLine(score.name),
      namedVersion(score.of, terminal),
      answersText(score),
      yesShareText(score),
    ];
  });
  return table(SCORE_HEADINGS, rows, terminal);
}

function namedVersion(one: VersionMetrics, { colors }: Terminal): string {
  return one.live ? `${versionText(one)} ${colors.green('live')}` : versionText(one);
}
