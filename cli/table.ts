import { styledWidth, wrapStyled } from './styled-text';
import type { Terminal } from './terminal';

const GAP = 2;
/** Longer words, such as digests, may be broken into pieces of this width; names and times are not. */
const PIECE = 24;
const LONGEST_UNBROKEN = 48;
const INDENT = '  ';

/**
 * Columns under their headings, as wide as their widest cell. Where the terminal is narrower, the widest columns shrink
 * and their cells wrap between words. Where even that does not fit, the first column gets lines of its own above a narrower
 * table, and where that does not either, each row becomes a block of lines. Nothing is cut off, and no word is cut.
 * Columns without any content are left out.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], terminal: Terminal): string {
  const used = headings.map((_, column) => rows.some((row) => row[column]));
  const pick = (row: readonly string[]) => row.filter((_, column) => used[column]);
  const lines = [pick(headings), ...rows.map(pick)];
  const columns = pick(headings).map((_, column) => lines.map((row) => row[column] ?? ''));
  const widths = columnWidths(columns, terminal.width);
  if (widths === undefined) {
    const narrow = narrowTable(lines, columns, terminal);
    return narrow ?? blocks(pick(headings), rows.map(pick), terminal);
  }
  return lines.map((row, index) => layOut(index === 0 ? row.map(terminal.colors.dim) : row, widths)).join('\n');
}

/** The first column above the others; undefined where that does not fit either. */
function narrowTable(
  lines: readonly (readonly string[])[],
  [titles = [], ...others]: readonly (readonly string[])[],
  { width, colors }: Terminal,
): string | undefined {
  const widths = columnWidths(others, width - INDENT.length);
  if (widths === undefined || titles.some((title) => styledWidth(title) > width)) return undefined;
  return lines
    .map(([title = '', ...cells], index) => {
      const isHeading = index === 0;
      const row = layOut(isHeading ? cells.map(colors.dim) : cells, widths).replace(/^/gm, INDENT);
      return [...(title ? [isHeading ? colors.dim(title) : title] : []), row].join('\n');
    })
    .join('\n');
}

/** Undefined where not even the longest words fit. */
function columnWidths(columns: readonly (readonly string[])[], width: number): number[] | undefined {
  const widest = (cells: readonly string[]) => Math.max(...cells.map((cell) => styledWidth(cell)));
  const least = columns.map((cells) => {
    const word = widest(cells.flatMap((cell) => cell.split(/\s+/)));
    return word > LONGEST_UNBROKEN ? PIECE : word;
  });
  const widths = columns.map(widest);
  const total = () => widths.reduce((sum, column) => sum + column + GAP, -GAP);
  while (total() > width) {
    const slack = widths.map((column, index) => column - (least[index] ?? 0));
    const most = slack.indexOf(Math.max(...slack));
    if ((slack[most] ?? 0) <= 0) return undefined;
    widths[most] = (widths[most] ?? 0) - 1;
  }
  return widths;
}

function layOut(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => wrapStyled(cell, widths[column] ?? 0, { hard: true }).split('\n'));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) => {
        const text = cell[line] ?? '';
        return text + ' '.repeat(Math.max(0, (widths[column] ?? 0) - styledWidth(text)));
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  ).join('\n');
}

/** One line per cell, the first cell as the block's title. */
function blocks(headings: readonly string[], rows: readonly (readonly string[])[], terminal: Terminal): string {
  const column = Math.max(...headings.slice(1).map((heading) => heading.length)) + 4;
  return rows
    .map(([title, ...cells]) => {
      const lines = cells.flatMap((cell, index) => {
        if (!cell) return [];
        const heading = terminal.colors.dim((headings[index + 1] ?? '').padEnd(column - 2));
        const wrapped = wrapStyled(cell, Math.max(terminal.width - column, 8), { hard: true });
        return [`  ${heading}${wrapped.replaceAll('\n', `\n${' '.repeat(column)}`)}`];
      });
      return [...(title ? [title] : []), ...lines].join('\n');
    })
    .join('\n\n');
}
