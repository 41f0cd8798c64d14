import stringWidth from 'string-width';

/** Cells under each other, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => stringWidth(row[column] ?? '')));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(width(column) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}
