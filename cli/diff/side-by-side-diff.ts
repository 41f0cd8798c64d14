import { visibleLine, visibleText } from '../../core/text/visible-text';
import { type ContentDiff, changedSections, type SectionDiff } from '../../studio/diff/content-diff';
import { linePairs } from '../../studio/diff/line-pairs';
import type { WordChange } from '../../studio/diff/word-changes';
import { styledWidth, wrapStyled } from '../styled-text';
import type { Terminal } from '../terminal';

/** Wide enough for two columns of a few words each. */
export const NARROWEST_SIDE_BY_SIDE = 60;
const WIDTH_WHEN_PIPED = 120;

/** A diff in two columns, the first content left and the second right. */
export function sideBySideDiff(diff: ContentDiff, terminal: Terminal): string {
  const { bar } = terminal.glyphs;
  const total = Number.isFinite(terminal.width) ? terminal.width : WIDTH_WHEN_PIPED;
  const width = Math.floor((total - 3) / 2);
  const row = (left: string, right: string) => `${pad(left, width)} ${bar} ${right}`.trimEnd();
  const changed = changedSections(diff);
  if (changed.length === 0) return 'the contents are equal';
  return [
    row(terminal.colors.red(visibleLine(diff.before)), terminal.colors.green(visibleLine(diff.after))),
    ...changed.map((section) => [
      row(terminal.colors.bold(visibleLine(section.title)), ''),
      ...rows(section, terminal, width).map(([left, right]) => row(left, right)),
    ]),
  ]
    .flat()
    .join('\n');
}

function rows({ changes }: SectionDiff, terminal: Terminal, width: number): [string, string][] {
  const result: [string, string][] = [];
  for (const [left, right] of linePairs(changes)) {
    const wrapped = [left, right].map((line) => wrap(line.map((part) => word(part, terminal)).join(''), width));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    for (let index = 0; index < height; index++) result.push([wrapped[0]?.[index] ?? '', wrapped[1]?.[index] ?? '']);
  }
  return result;
}

function word({ kind, text }: WordChange, { colors }: Terminal): string {
  const shown = visibleText(text);
  if (kind === 'same') return shown;
  if (!colors.isColorSupported) return kind === 'removed' ? `[-${shown}-]` : `{+${shown}+}`;
  return kind === 'removed' ? colors.bgRed(colors.white(shown)) : colors.bgGreen(colors.black(shown));
}

function wrap(text: string, width: number): string[] {
  return wrapStyled(text, width, { hard: true, trim: false }).split('\n');
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - styledWidth(text)));
}
