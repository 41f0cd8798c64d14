import { visibleLine, visibleText } from '../../core/text/visible-text';
import { type ContentDiff, changedSections, type SectionDiff } from '../../studio/diff/content-diff';
import type { WordChange } from '../../studio/diff/word-changes';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';
import { diffLines, withContext } from './diff-lines';

const CONTEXT = 2;
const INDENT = '  ';

/** A diff for somebody who looks: changed parts with their words, removed ones red, added ones green. */
export function terminalDiff(diff: ContentDiff, terminal: Terminal): string {
  const changed = changedSections(diff);
  const { colors } = terminal;
  const head = `${colors.red(`--- ${visibleLine(diff.before)}`)}\n${colors.green(`+++ ${visibleLine(diff.after)}`)}`;
  if (changed.length === 0) return `${head}\nthe contents are equal`;
  const same = diff.sections.filter(({ status }) => status === 'same').map(({ title }) => title);
  const unchanged = same.length > 0 ? [colors.dim(`unchanged: ${same.map(visibleLine).join(', ')}`)] : [];
  return [head, ...changed.map((section) => sectionText(section, terminal)), ...unchanged]
    .map((text) => wrapLines(text, terminal.width))
    .join('\n\n');
}

function sectionText(section: SectionDiff, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const note = section.status === 'changed' ? '' : ` (${section.status})`;
  const lines = withContext(diffLines(section.changes), CONTEXT).map((line) =>
    line === null ? colors.dim(glyphs.ellipsis) : line.parts.map((part) => word(part, terminal)).join(''),
  );
  return [colors.bold(`${visibleLine(section.title)}${note}`), ...lines.map((line) => INDENT + line)].join('\n');
}

/** Without colours, and for white space which has none, the marks of `git diff --word-diff`. */
function word({ kind, text }: WordChange, { colors }: Terminal): string {
  const shown = text === '' ? '\\n' : visibleText(text);
  if (kind === 'same') return shown;
  const isBlank = text.trim() === '';
  const marked = kind === 'removed' ? `[-${shown}-]` : `{+${shown}+}`;
  if (!colors.isColorSupported) return marked;
  return kind === 'removed'
    ? colors.red(colors.strikethrough(isBlank ? marked : shown))
    : colors.green(isBlank ? marked : shown);
}
