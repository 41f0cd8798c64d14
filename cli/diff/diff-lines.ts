import type { WordChange } from '../../studio/diff/word-changes';

/** A line of a word diff: its stretches, and whether anything in it changed. */
export interface DiffLine {
  readonly parts: readonly WordChange[];
  readonly changed: boolean;
}

/** A word diff in lines. A change that goes over a line's end stands in each of the lines. */
export function diffLines(changes: readonly WordChange[]): DiffLine[] {
  const lines: { parts: WordChange[]; changed: boolean }[] = [{ parts: [], changed: false }];
  for (const change of changes) {
    linesOf(change).forEach(({ parts, changed }, index) => {
      if (index > 0) lines.push({ parts: [], changed: false });
      const line = lines.at(-1);
      if (!line) return;
      line.changed ||= changed;
      line.parts.push(...parts);
    });
  }
  if (lines.at(-1)?.parts.length === 0 && lines.length > 1) lines.pop();
  return lines;
}

/** What a change puts into each of the lines that it goes over. */
function linesOf({ kind, text }: WordChange): DiffLine[] {
  const isChange = kind !== 'same';
  // Shown as an empty change, for there is no word to show it by.
  const isLineEndOnly = isChange && /^\n+$/.test(text);
  return text.split('\n').map((piece, index, pieces) => {
    const endsLine = index < pieces.length - 1;
    const isShown = piece !== '' || (isLineEndOnly && endsLine);
    // A line end that was added or removed is a change of the line that it ends.
    return { parts: isShown ? [{ kind, text: piece }] : [], changed: isChange && (piece !== '' || endsLine) };
  });
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
