import type { LogRow } from '../../core/audit/release-log';
import { plural } from '../plural';

/** `1 → 2`; of a publication `2`. */
export function moveText({ kind, from, to, withdrawn }: LogRow, arrow: string, none: string): string {
  if (kind === 'publish') return String(to);
  const move = `${from ?? none} ${arrow} ${to ?? none}`;
  return withdrawn.length > 0 ? `${move}, withdrawn ${withdrawn.join(', ')}` : move;
}

/** `asked by alice, approved by bob`; empty where no gate applied. */
export function passedText({ passed }: Pick<LogRow, 'passed'>): string {
  if (!passed) return '';
  const { how, asked, approved, record } = passed;
  if (how === 'back') return `back to what was agreed as #${record}, nobody asked`;
  if (how === 'carried') return `agreed at the start of the rollout, #${record}`;
  const by = (what: string, people: readonly string[]) =>
    people.length === 0 ? [] : [`${what} by ${people.join(', ')}`];
  return [...by('asked', asked), ...by('approved', approved)].join(', ');
}

/** `2 releases, 1 withdrawal, 3 publications`. */
export function countsText(rows: readonly LogRow[]): string {
  const count = (matches: (row: LogRow) => boolean) => rows.filter(matches).length;
  const publications = count(({ kind }) => kind === 'publish');
  const withdrawals = count(({ kind }) => kind === 'withdraw');
  return [
    plural(rows.length - publications - withdrawals, 'release'),
    plural(withdrawals, 'withdrawal'),
    plural(publications, 'publication'),
  ].join(', ');
}

const VERBS: Readonly<Record<string, string>> = { promote: 'promoted', rollback: 'rolled back', remove: 'removed' };

/** `promoted`: what a release of a kind did. */
export function moveVerb(kind: string): string {
  return VERBS[kind] ?? kind;
}
