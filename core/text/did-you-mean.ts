/** The name that somebody probably meant: the same in other letters, the beginning of only one, or up to a third mistyped. */
export function didYouMean(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const same = names.find((one) => one.toLowerCase() === wanted);
  if (same) return same;
  const longer = names.filter((one) => wanted !== '' && one.toLowerCase().startsWith(wanted));
  if (longer.length === 1) return longer[0];
  const near = names
    .map((one) => ({ one, mistakes: mistakes(wanted, one.toLowerCase()) }))
    .filter(({ one, mistakes: count }) => count <= Math.max(1, Math.floor(one.length / 3)))
    .sort((a, b) => a.mistakes - b.mistakes);
  const [best, next] = near;
  return best && best.mistakes !== next?.mistakes ? best.one : undefined;
}

/** Letters to put in, take out, replace or swap with their neighbour. */
function mistakes(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let least = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
      );
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwapped) least = Math.min(least, at(row - 2, column - 2) + 1);
      rows[row]?.push(least);
    }
  }
  return at(a.length, b.length);
}
