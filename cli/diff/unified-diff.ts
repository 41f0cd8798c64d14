import { formatPatch, structuredPatch } from 'diff';
import { type ContentDiff, changedSections } from '../../studio/diff/content-diff';

/** A diff for programs and files: one unified diff per changed part, as `diff -u` writes them. Empty for equal contents. */
export function unifiedDiff(diff: ContentDiff): string {
  return changedSections(diff)
    .map(({ title, changes }) => {
      const text = (gone: 'added' | 'removed') =>
        changes.map((change) => (change.kind === gone ? '' : change.text)).join('');
      const [before, after] = [text('added'), text('removed')];
      const patch = structuredPatch(`${diff.before} ${title}`, `${diff.after} ${title}`, before, after, '', '', {
        context: 3,
      });
      return formatPatch(patch).replace(/^=+\n/, '').trimEnd();
    })
    .join('\n');
}
