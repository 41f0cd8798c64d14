import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import type { InvocationCosts } from './invocation-costs';

/** A line for each alias and version. */
export function costsText({ prompt, since, files, costs, notes }: InvocationCosts, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const rows = costs.map(({ alias, version, model, calls, cost, ...tokens }) => [
    visibleLine(alias),
    String(version),
    visibleLine(model ?? 'unknown'),
    String(calls),
    ...[tokens.inputTokens, tokens.outputTokens, tokens.cacheReadTokens, tokens.cacheWriteTokens].map((count) =>
      count === 0 ? '' : String(count),
    ),
    cost === null ? 'no price' : `$${cost.toFixed(4)}`,
  ]);
  const headings = ['ALIAS', 'VERSION', 'MODEL', 'CALLS', 'IN', 'OUT', 'CACHE READ', 'CACHE WRITTEN', 'COST'];
  return [
    `${colors.bold(visibleLine(prompt))}  estimated cost since ${since.slice(0, 10)}, ${plural(files, 'log file')}`,
    rows.length > 0 ? table(headings, rows, terminal) : 'no call of it in this time, as far as the logs tell',
    ...notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${visibleLine(note)}`, terminal.width)),
  ].join('\n');
}
