import { type ContentDiff, changedSections, type SectionDiff } from '../diff/content-diff';
import { type Html, html, lines } from '../html';
import { plural } from '../plural';
import { diffRows } from './diff-rows';

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
${lines(diffRows(part.changes))}
</div>
</section>`;
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
