import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import type { MeasuredUsage } from './measured-usage';

const HEADINGS = ['ALIAS', 'VERSION', 'MODEL', 'USES', 'ERRORS', 'IN', 'OUT', 'CACHE READ', 'CACHE WRITTEN', 'COST'];

/** A line for each alias and version. */
export function measuredText({ prompt, since, time, measured, notes }: MeasuredUsage, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const uses = measured.reduce((sum, one) => sum + one.uses, 0);
  const rows = measured.map(({ alias, version, model, cost, ...counts }) => [
    visibleLine(alias),
    version === null ? 'fallback' : String(version),
    visibleLine(model ?? 'unknown'),
    String(counts.uses),
    ...[counts.errors, counts.inputTokens, counts.outputTokens, counts.cacheReadTokens, counts.cacheWriteTokens].map(
      (count) => (count === 0 ? '' : String(count)),
    ),
    cost === null ? 'no price' : `$${cost.toFixed(4)}`,
  ]);
  const nothing =
    'no use was measured: the client writes metrics in run(), and a search finds what got a value within two weeks';
  return [
    `${colors.bold(visibleLine(prompt))}  ${plural(uses, 'use')} by the client's metrics, ${since.slice(0, 10)} to ${time.slice(0, 10)}`,
    rows.length > 0 ? table(HEADINGS, rows, terminal) : wrapLines(nothing, terminal.width),
    ...notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${visibleLine(note)}`, terminal.width)),
  ].join('\n');
}
