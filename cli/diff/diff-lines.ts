import type { WordChange } from '../../studio/diff/word-changes';

/** A line of a word diff: its stretches, and whether anything in it changed. */
export interface DiffLine {
  readonly parts: readonly WordChange[];
  readonly changed: boolean;
}

/** A word diff in lines. A change that goes over a line's end stands in each of the lines. */
export function diffLines(changes: readonly WordChange[]): DiffLine[] {
  const lines: { parts: WordChange[]; changed: boolean }[] = [{ parts: [], changed: false }];
  for (const { kind, text } of changes) {
    // Shown as an empty change, for there is no word to show it by.
    const isLineEndOnly = kind !== 'same' && /^\n+$/.test(text);
    text.split('\n').forEach((piece, index, pieces) => {
      if (index > 0) lines.push({ parts: [], changed: false });
      const line = lines.at(-1);
      if (!line) return;
      // A line end that was added or removed is a change of the line that it ends.
      const isLast = index === pieces.length - 1;
      if (kind !== 'same' && (piece !== '' || !isLast)) line.changed = true;
      if (piece !== '') line.parts.push({ kind, text: piece });
      else if (isLineEndOnly && !isLast) line.parts.push({ kind, text: '' });
    });
  }
  if (lines.at(-1)?.parts.length === 0 && lines.length > 1) lines.pop();
  return lines;
}

/** The changed lines with some unchanged ones around; null stands for those left out. */
export function withContext(lines: readonly DiffLine[], context: number): (DiffLine | null)[] {
  const near = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.changed);
  const result: (DiffLine | null)[] = [];
  let skipped = false;
  lines.forEach((line, index) => {
    if (near(index)) {
      if (skipped && result.length > 0) result.push(null);
      skipped = false;
      result.push(line);
    } else skipped = true;
  });
  return result;
}
