import { escapeHtml } from '../escape-html';
import { htmlPage } from '../html-page';
import { type ContentDiff, changedSections, type SectionDiff } from './content-diff';
import { HTML_DIFF_STYLE } from './html-diff-style';
import { linePairs, type SideLine } from './line-pairs';

const CONTEXT = 3;

export interface HtmlDiffProps {
  readonly promptName: string;
  readonly diff: ContentDiff;
  readonly time: Date;
}

/**
 * A diff as one HTML page: no network, no script at all (its own policy forbids any), light and dark, two columns where
 * there is room. Everything that comes from a prompt is escaped, control and direction characters are written out.
 */
export function htmlDiff({ promptName, diff, time }: HtmlDiffProps): string {
  const changed = changedSections(diff);
  const same = diff.sections.filter(({ status }) => status === 'same');
  const title = `${promptName}: ${diff.before} → ${diff.after}`;
  const body = `<header>
<h1>${escapeHtml(promptName)}</h1>
<dl>
<div><dt>Before</dt><dd>${escapeHtml(diff.before)}</dd></div>
<div><dt>After</dt><dd>${escapeHtml(diff.after)}</dd></div>
<div><dt>Compared</dt><dd><time datetime="${time.toISOString()}">${time.toISOString().slice(0, 16).replace('T', ' ')} UTC</time></dd></div>
</dl>
<p class="key">Removed words look <del>like this</del>, added words <ins>like this</ins>.</p>
</header>
<main id="changes">
${changed.length > 0 ? contents(changed) : '<p>The contents are equal.</p>'}
${changed.map((section, index) => sectionHtml(section, `part-${index + 1}`)).join('\n')}
${same.length > 0 ? unchanged(same) : ''}
</main>`;
  return htmlPage({ title, style: HTML_DIFF_STYLE, main: 'changes', skip: 'Skip to the changes', body });
}

function contents(sections: readonly SectionDiff[]): string {
  const items = sections.map(
    (section, index) => `<li><a href="#part-${index + 1}">${escapeHtml(section.title)}</a> ${tally(section)}</li>`,
  );
  return `<nav aria-label="Changed parts"><ul>\n${items.join('\n')}\n</ul></nav>`;
}

function tally({ status, changes }: SectionDiff): string {
  if (status !== 'changed') return `<span class="tally">${status}</span>`;
  const count = (kind: 'added' | 'removed') =>
    changes
      .filter((change) => change.kind === kind)
      .reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
  return `<span class="tally">${words(count('removed'))} removed, ${words(count('added'))} added</span>`;
}

function words(count: number): string {
  return count === 1 ? '1 word' : `${count} words`;
}

function sectionHtml(section: SectionDiff, id: string): string {
  const note = section.status === 'changed' ? '' : ` <span class="tally">${section.status}</span>`;
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escapeHtml(section.title)}${note}</h2>
<div class="lines">
${rows(section)}
</div>
</section>`;
}

type Pair = readonly [SideLine, SideLine];

/** Changed lines side by side; long stretches of equal ones fold away. */
function rows({ changes }: SectionDiff): string {
  const pairs = linePairs(changes);
  const isSame = (pair: Pair | undefined) => pair?.every((line) => line.every(({ kind }) => kind === 'same')) ?? true;
  const html: string[] = [];
  for (let start = 0; start < pairs.length; ) {
    let end = start;
    while (end < pairs.length && isSame(pairs[end]) === isSame(pairs[start])) end++;
    const run = pairs.slice(start, end);
    html.push(isSame(pairs[start]) ? folded(run, start === 0, end === pairs.length) : run.map(changedRow).join('\n'));
    start = end;
  }
  return html.join('\n');
}

function folded(run: readonly Pair[], isFirst: boolean, isLast: boolean): string {
  const before = isFirst ? 0 : CONTEXT;
  const after = isLast ? 0 : CONTEXT;
  if (run.length <= before + after + 2) return run.map(sameRow).join('\n');
  const hidden = run.slice(before, run.length - after);
  return [
    ...run.slice(0, before).map(sameRow),
    `<details><summary>${hidden.length} unchanged lines</summary>\n${hidden.map(sameRow).join('\n')}\n</details>`,
    ...(after > 0 ? run.slice(-after).map(sameRow) : []),
  ].join('\n');
}

function sameRow([line]: Pair): string {
  return `<div class="row same"><p>${lineHtml(line)}</p></div>`;
}

function changedRow([left, right]: Pair): string {
  return `<div class="row changed"><p class="before">${lineHtml(left)}</p><p class="after">${lineHtml(right)}</p></div>`;
}

function lineHtml(line: SideLine): string {
  const parts = line.map(({ kind, text }) => {
    const shown = escapeHtml(text);
    if (kind === 'same') return shown;
    const [tag, spoken] = kind === 'removed' ? ['del', 'removed'] : ['ins', 'added'];
    return `<${tag}><span class="spoken">${spoken}: </span>${shown}<span class="spoken"> end </span></${tag}>`;
  });
  return parts.join('') || '&nbsp;';
}

function unchanged(sections: readonly SectionDiff[]): string {
  const parts = sections.map(({ title, changes }) => {
    const text = changes.map((change) => change.text).join('');
    return `<details><summary>${escapeHtml(title)}</summary>\n<p class="whole">${escapeHtml(text)}</p></details>`;
  });
  return `<section aria-labelledby="unchanged"><h2 id="unchanged">Unchanged</h2>\n${parts.join('\n')}\n</section>`;
}
