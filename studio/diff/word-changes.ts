import { diffArrays } from 'diff';

/** A stretch of text that both sides have, or only one. */
export interface WordChange {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Edits up to which the shortest script is looked for; its cost grows with the square. */
const MOST_EDITS = 600;

/**
 * What changed between two texts, line by line and inside changed lines word by word.
 *
 * `same` and `removed` together are the first text, `same` and `added` the second, whatever the texts. Where two texts
 * differ too much for the shortest script, words that stand once in each hold them together, so that 200,000 characters
 * take less than a second.
 */
export function wordChanges(before: string, after: string): WordChange[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const changes: WordChange[] = [];
  compare(split(before, LINES), split(after, LINES), changes, (removed, added) =>
    compare(split(removed, WORDS), split(added, WORDS), changes, (oldWords, newWords) => {
      if (oldWords) changes.push({ kind: 'removed', text: oldWords });
      if (newWords) changes.push({ kind: 'added', text: newWords });
    }),
  );
  return merged(changes);
}

const LINES = /[^\n]*\n|[^\n]+$/g;
/** Scripts that put no spaces between words are compared sign by sign. */
const SIGN =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}]';
const WORDS = new RegExp(
  `\\n|[^\\S\\n]+|${SIGN}\\p{M}*|\\p{N}+(?:[.,]\\p{N}+)+|(?:(?!${SIGN})[\\p{L}\\p{N}\\p{M}_])+|[\\s\\S]`,
  'gu',
);

function split(text: string, pattern: RegExp): string[] {
  return text.match(pattern) ?? [];
}

type Replace = (removed: string, added: string) => void;

function compare(before: readonly string[], after: readonly string[], changes: WordChange[], replace: Replace): void {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  same(before.slice(0, start), changes);
  compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end), changes, replace);
  same(before.slice(before.length - end), changes);
}

function compareMiddle(before: readonly string[], after: readonly string[], changes: WordChange[], replace: Replace) {
  if (before.length === 0 || after.length === 0) {
    if (before.length + after.length > 0) replace(before.join(''), after.join(''));
    return;
  }
  const script = diffArrays([...before], [...after], { maxEditLength: MOST_EDITS });
  if (!script) return compareBetweenAnchors(before, after, changes, replace);
  let removed = '';
  let added = '';
  const flush = () => {
    if (removed || added) replace(removed, added);
    removed = added = '';
  };
  for (const part of script) {
    if (part.removed) removed += part.value.join('');
    else if (part.added) added += part.value.join('');
    else {
      flush();
      same(part.value, changes);
    }
  }
  flush();
}

/** Patience diff: https://bramcohen.livejournal.com/73318.html */
function compareBetweenAnchors(
  before: readonly string[],
  after: readonly string[],
  changes: WordChange[],
  replace: Replace,
): void {
  const anchors = longestRise(uniquePairs(before, after));
  if (anchors.length === 0) {
    replace(before.join(''), after.join(''));
    return;
  }
  let [left, right] = [0, 0];
  for (const [i, j] of [...anchors, [before.length, after.length] as const]) {
    compare(before.slice(left, i), after.slice(right, j), changes, replace);
    same(before.slice(i, i + 1), changes);
    [left, right] = [i + 1, j + 1];
  }
}

type Pair = readonly [before: number, after: number];

/** Places of what stands exactly once on each side, in the first side's order. */
function uniquePairs(before: readonly string[], after: readonly string[]): Pair[] {
  const places = (tokens: readonly string[]) => {
    const found = new Map<string, number>();
    tokens.forEach((token, index) => void found.set(token, found.has(token) ? -1 : index));
    return found;
  };
  const inAfter = places(after);
  return [...places(before)].flatMap(([token, i]) => {
    const j = inAfter.get(token) ?? -1;
    return i >= 0 && j >= 0 ? [[i, j] as const] : [];
  });
}

/** The longest selection of pairs that rises on both sides. */
function longestRise(pairs: readonly Pair[]): Pair[] {
  const tops: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, place], index) => {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] as number]?.[1] as number) < place) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tops[low - 1] as number) : -1;
    tops[low] = index;
  });
  const rise: Pair[] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = previous[index] as number) rise.push(pairs[index] as Pair);
  return rise.reverse();
}

function same(tokens: readonly string[], changes: WordChange[]): void {
  if (tokens.length > 0) changes.push({ kind: 'same', text: tokens.join('') });
}

/** Neighbours of one kind become one; between two `same` stretches, what was removed stands before what was added. */
function merged(changes: readonly WordChange[]): WordChange[] {
  const result: WordChange[] = [];
  let run = { removed: '', added: '' };
  const flush = () => {
    if (run.removed) result.push({ kind: 'removed', text: run.removed });
    if (run.added) result.push({ kind: 'added', text: run.added });
    run = { removed: '', added: '' };
  };
  for (const { kind, text } of joinedByWhiteSpace(changes)) {
    if (kind !== 'same') {
      run[kind] += text;
      continue;
    }
    flush();
    const last = result.at(-1);
    if (last?.kind === 'same') result[result.length - 1] = { kind, text: last.text + text };
    else result.push({ kind, text });
  }
  flush();
  return result;
}

/** A space between two changed words is taken into the change: one replaced phrase reads better than five words. */
function joinedByWhiteSpace(changes: readonly WordChange[]): WordChange[] {
  return changes.flatMap((change, index) => {
    const isBetween = index > 0 && index < changes.length - 1;
    const around = isBetween && changes[index - 1]?.kind !== 'same' && changes[index + 1]?.kind !== 'same';
    const both = bothKinds(changes, index);
    return change.kind === 'same' && around && both && /^[^\S\n]+$/.test(change.text)
      ? [
          { kind: 'removed' as const, text: change.text },
          { kind: 'added' as const, text: change.text },
        ]
      : [change];
  });
}

/** Whether both sides of the space replace something: else a word that was only added would look replaced. */
function bothKinds(changes: readonly WordChange[], index: number): boolean {
  const kindsAround = (step: 1 | -1) => {
    const kinds = new Set<string>();
    for (let at = index + step; changes[at] && changes[at]?.kind !== 'same'; at += step)
      kinds.add(changes[at]?.kind ?? '');
    return kinds;
  };
  return kindsAround(-1).size === 2 && kindsAround(1).size === 2;
}
