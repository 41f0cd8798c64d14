import { type ContentDiff, changedSections, type SectionDiff } from '../diff/content-diff';
import { linePairs, type SideLine } from '../diff/line-pairs';
import { type Html, type HtmlValue, html, lines } from '../html';
import { plural } from '../plural';

const CONTEXT = 3;

/** The parts of a diff, changed ones first with links to each, those that are equal folded away. */
export function diffSections(diff: ContentDiff): Html {
  const changed = changedSections(diff);
  const same = diff.sections.filter(({ status }) => status === 'same');
  return html`${changed.length > 0 ? contents(changed) : html`<p>The contents are equal.</p>`}
${lines(changed.map((part, index) => section(part, `part-${index + 1}`)))}
${same.length > 0 ? unchanged(same) : ''}`;
}

function contents(sections: readonly SectionDiff[]): Html {
  const items = sections.map(
    (part, index) => html`<li><a href="#part-${index + 1}">${part.title}</a> ${tally(part)}</li>`,
  );
  return html`<nav aria-label="Changed parts"><ul>
${lines(items)}
</ul></nav>`;
}

function tally({ status, changes }: SectionDiff): Html {
  if (status !== 'changed') return html`<span class="tally">${status}</span>`;
  const count = (kind: 'added' | 'removed') =>
    changes
      .filter((change) => change.kind === kind)
      .reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
  return html`<span class="tally">${plural(count('removed'), 'word')} removed, ${plural(count('added'), 'word')} added</span>`;
}

function section(part: SectionDiff, id: string): Html {
  const note = part.status === 'changed' ? '' : html` <span class="tally">${part.status}</span>`;
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${part.title}${note}</h2>
<div class="lines">
${lines(rows(part))}
</div>
</section>`;
}

type Pair = readonly [SideLine, SideLine];

/** Changed lines side by side; long stretches of equal ones fold away. */
function rows({ changes }: SectionDiff): Html[] {
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

function unchanged(sections: readonly SectionDiff[]): Html {
  const parts = sections.map(({ title, changes }) => {
    const text = changes.map((change) => change.text).join('');
    return html`<details><summary>${title}</summary>
<p class="whole">${text}</p></details>`;
  });
  return html`<section aria-labelledby="unchanged"><h2 id="unchanged">Unchanged</h2>
${lines(parts)}
</section>`;
}
