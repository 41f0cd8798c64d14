import {
  costOfUseText,
  costText,
  durationText,
  shareText,
  tokensText,
  versionText,
} from '../../core/metrics/metric-text';
import type { PromptMetrics } from '../../core/metrics/version-metrics';
import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

const HEADINGS = ['ALIAS', 'VERSION', 'USES', 'ERRORS', 'LATENCY', 'P99', 'TOKENS A USE', 'COST A USE', 'COST'];

/** A line for each alias and version, those of an alias next to each other. */
export function metricsText({ prompt, since, until, versions }: PromptMetrics, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const span = `${timestamp(new Date(since))} to ${timestamp(new Date(until))}`;
  if (versions.length === 0) {
    const why = `${glyphs.note} no use of it was measured: the client writes metrics in run(), where its lines reach CloudWatch Logs; a search finds what got a value within two weeks`;
    return `${colors.bold(prompt)}  ${span}\n${wrapLines(colors.yellow(why), terminal.width)}`;
  }
  const rows = versions.map((one, index) => [
    one.alias === versions[index - 1]?.alias ? '' : visibleLine(one.alias),
    one.live ? `${versionText(one)} ${colors.green('live')}` : versionText(one),
    one.uses.toLocaleString('en'),
    one.errors > 0 ? colors.yellow(shareText(one)) : shareText(one),
    durationText(one.latency),
    durationText(one.highestP99),
    tokensText(one),
    costOfUseText(one),
    costText(one),
  ]);
  return `${colors.bold(prompt)}  ${span}\n${table(HEADINGS, rows, terminal)}`;
}
