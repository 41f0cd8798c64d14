import type { WordChange } from './word-changes';

export type SideLine = readonly WordChange[];

type Line = WordChange[];

/** Both sides' lines, first and second text; they are level again after every line end that both have. */
export function linePairs(changes: readonly WordChange[]): (readonly [SideLine, SideLine])[] {
  const pairs: [Line, Line][] = [];
  let sides: [Line[], Line[]] = [[[]], [[]]];
  const flush = () => {
    const [left, right] = sides;
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      pairs.push([left[index] ?? [], right[index] ?? []]);
    }
    sides = [[[]], [[]]];
  };
  const write = (side: Line[], part: WordChange) =>
    part.text.split('\n').forEach((piece, index) => {
      if (index > 0) side.push([]);
      if (piece) side.at(-1)?.push({ kind: part.kind, text: piece });
    });
  for (const part of changes) {
    if (part.kind === 'removed') write(sides[0], part);
    else if (part.kind === 'added') write(sides[1], part);
    else {
      part.text.split('\n').forEach((piece, index) => {
        if (index > 0) flush();
        for (const side of sides) write(side, { kind: 'same', text: piece });
      });
    }
  }
  flush();
  return pairs;
}
