import type { LogRow } from '../../core/audit/release-log';
import { plural } from '../plural';

/** `1 → 2`; of a publication `2`. */
export function moveText({ kind, from, to, withdrawn }: LogRow, arrow: string, none: string): string {
  if (kind === 'publish') return String(to);
  const move = `${from ?? none} ${arrow} ${to ?? none}`;
  return withdrawn.length > 0 ? `${move}, withdrawn ${withdrawn.join(', ')}` : move;
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
