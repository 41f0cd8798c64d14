import { formatPatch, structuredPatch } from 'diff';
import { visibleLine, visibleText } from '../../core/text/visible-text';
import { type ContentDiff, changedSections } from '../../studio/diff/content-diff';

/** A diff for programs and files: one unified diff per changed part, as `diff -u` writes them, with what nobody sees
 * written out: `--json` has the texts themselves. Empty for equal contents. */
export function unifiedDiff(diff: ContentDiff): string {
  return changedSections(diff)
    .map(({ title, changes }) => {
      const text = (gone: 'added' | 'removed') =>
        visibleText(changes.map((change) => (change.kind === gone ? '' : change.text)).join(''));
      const [before, after] = [text('added'), text('removed')];
      const patch = structuredPatch(label(diff.before, title), label(diff.after, title), before, after, '', '', {
        context: 3,
      });
      return formatPatch(patch).replace(/^=+\n/, '').trimEnd();
    })
    .join('\n');
}

function label(content: string, section: string): string {
  return visibleLine(`${content} ${section}`);
}
