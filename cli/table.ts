import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Terminal } from './terminal';

const GAP = 2;
const NARROWEST = 6;

/**
 * Columns under their headings, as wide as their widest cell. Where the terminal is narrower, the widest columns shrink
 * and their cells wrap; nothing is cut off. Columns without any content are left out.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], terminal: Terminal): string {
  const used = headings.map((_, column) => rows.some((row) => row[column]));
  const pick = (row: readonly string[]) => row.filter((_, column) => used[column]);
  const lines = [pick(headings), ...rows.map(pick)];
  const widths = fit(
    pick(headings).map((_, column) => Math.max(...lines.map((row) => stringWidth(row[column] ?? '')))),
    terminal.width,
  );
  return lines.map((row, index) => layOut(index === 0 ? row.map(terminal.colors.dim) : row, widths)).join('\n');
}

function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, column) => sum + column + GAP, -GAP);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function layOut(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => wrapAnsi(cell, widths[column] ?? 0, { hard: true }).split('\n'));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) => {
        const text = cell[line] ?? '';
        return text + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(text)));
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  ).join('\n');
}
