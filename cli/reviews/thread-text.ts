import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { type ThreadEntry, unreadOf, wordsOf } from './review-thread';

/** Lines that somebody reads; `--json` has all. */
const MOST = 20;

/** An entry, and what it is about where entries of several contents stand together. */
interface ShownEntry extends ThreadEntry {
  readonly about?: string;
}

/** What people said, newest first; empty where nobody said anything. */
export function threadText(thread: readonly ShownEntry[], terminal: Terminal): string {
  if (thread.length === 0) return '';
  const { colors } = terminal;
  const rows = thread
    .slice(0, MOST)
    .map((entry) => [
      timestamp(new Date(entry.time)),
      entry.person,
      entry.group,
      entry.kind === 'reject' ? colors.red(entry.kind) : (entry.kind ?? colors.yellow('unreadable')),
      entry.about ?? entry.alias ?? '',
      visibleLine(wordsOf(entry)),
    ]);
  const more = thread.length - MOST;
  const text = table(['SAID', 'BY', 'AS', 'WHAT', 'FOR', 'COMMENT'], rows, terminal);
  const unread = unreadOf(thread);
  return [
    text,
    ...(more > 0 ? [colors.dim(`${more} older: --json shows them`)] : []),
    ...(unread.length > 0 ? [colors.yellow(unreadText(unread))] : []),
  ].join('\n');
}

export function unreadText(people: readonly string[]): string {
  return `what ${people.join(', ')} said before that is not read`;
}
