import { linePairs, type SideLine } from '../diff/line-pairs';
import type { WordChange } from '../diff/word-changes';
import { type Html, type HtmlValue, html, lines } from '../html';

const CONTEXT = 3;

type Pair = readonly [SideLine, SideLine];

/** Changed lines side by side; long stretches of equal ones fold away. */
export function diffRows(changes: readonly WordChange[]): Html[] {
  const pairs = linePairs(changes);
  const isSame = (pair: Pair | undefined) => pair?.every((line) => line.every(({ kind }) => kind === 'same')) ?? true;
  const result: Html[] = [];
  for (let start = 0; start < pairs.length; ) {
    let end = start;
    while (end < pairs.length && isSame(pairs[end]) === isSame(pairs[start])) end++;
    const run = pairs.slice(start, end);
    result.push(...(isSame(pairs[start]) ? folded(run, start === 0, end === pairs.length) : run.map(changedRow)));
    start = end;
  }
  return result;
}

function folded(run: readonly Pair[], isFirst: boolean, isLast: boolean): Html[] {
  const before = isFirst ? 0 : CONTEXT;
  const after = isLast ? 0 : CONTEXT;
  if (run.length <= before + after + 2) return run.map(sameRow);
  const hidden = run.slice(before, run.length - after);
  return [
    ...run.slice(0, before).map(sameRow),
    html`<details><summary>${hidden.length} unchanged lines</summary>
${lines(hidden.map(sameRow))}
</details>`,
    ...(after > 0 ? run.slice(-after).map(sameRow) : []),
  ];
}

function sameRow([line]: Pair): Html {
  return html`<div class="row same"><p>${words(line)}</p></div>`;
}

function changedRow([left, right]: Pair): Html {
  return html`<div class="row changed">${half('before', left)}${half('after', right)}</div>`;
}

/** A line that the other side alone has keeps its place here only where the two stand side by side. */
function half(name: 'before' | 'after', line: SideLine): Html {
  return html`<p class="${name}${line.length === 0 ? ' blank' : ''}">${words(line)}</p>`;
}

function words(line: SideLine): HtmlValue {
  if (line.length === 0) return html`&nbsp;`;
  return line.map(({ kind, text }) => {
    if (kind === 'same') return text;
    return kind === 'removed'
      ? html`<del>${spoken('removed: ')}${text}${spoken(' end ')}</del>`
      : html`<ins>${spoken('added: ')}${text}${spoken(' end ')}</ins>`;
  });
}

/** For those who hear the page. */
function spoken(text: string): Html {
  return html`<span class="spoken">${text}</span>`;
}
