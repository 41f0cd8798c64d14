import type { LogRow } from '../../core/audit/release-log';
import { sharesText } from '../../core/evaluation/verdict-text';
import { endText, startText } from '../../core/rollout/started-rollout';
import { plural } from '../plural';

/** `1 → 2 v1.0`; where a rollout begins `1 → 1, rolls out 2`, where it ends `1 → 2, ends rollout #7`; of a publication `2 v1.0`. */
export function moveText(row: LogRow, arrow: string, none: string): string {
  const { kind, from, to, tags = [], withdrawn, rollout, ends } = row;
  if (kind === 'publish') return [to, ...tags].join(' ');
  const stands = [from ?? none, arrow, to ?? none, ...tags].join(' ');
  return [
    stands,
    rollout ? startText(rollout) : '',
    ends === undefined ? '' : endText(ends),
    withdrawn.length > 0 ? `withdrawn ${withdrawn.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** `asked by alice, approved by bob, measured by pipeline (exact 92 % → 91 %; 3 runs)`; empty where no gate applied. */
export function passedText({ passed }: Pick<LogRow, 'passed'>): string {
  if (!passed) return '';
  const { how, asked, approved, record } = passed;
  if (how === 'back') return `back to what was agreed as #${record}, nobody asked`;
  if (how === 'carried') return `agreed at the start of the rollout, #${record}`;
  const said = peopleText({ asked, approved, measured: passed.measured ?? [] });
  const notes = runsText(passed);
  return notes === '' ? said : `${said} (${notes})`;
}

/** `exact 92 % → 91 %; 3 runs`: how the runs came out that a move passed with; empty where none was asked for. */
export function runsText(passed: LogRow['passed']): string {
  const came = sharesText(passed?.metrics ?? {});
  const runs = passed?.runs !== undefined && passed.runs > 1 ? `${passed.runs} runs` : '';
  return [came, runs].filter(Boolean).join('; ');
}

/** `asked by alice, approved by bob, carol`: who did what, where somebody did. */
export function peopleText(byDeed: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(byDeed)
    .flatMap(([deed, people]) => (people.length === 0 ? [] : `${deed} by ${people.join(', ')}`))
    .join(', ');
}

/** `2 releases, 1 withdrawal, 3 publications`. */
export function countsText(rows: readonly LogRow[]): string {
  const count = (matches: (row: LogRow) => boolean) => rows.filter(matches).length;
  const publications = count(({ kind }) => kind === 'publish');
  const withdrawals = count(({ kind }) => kind === 'withdraw');
  const halts = count(({ kind }) => kind === 'halt');
  return [
    plural(rows.length - publications - withdrawals - halts, 'release'),
    plural(withdrawals, 'withdrawal'),
    ...(halts > 0 ? [plural(halts, 'halt')] : []),
    plural(publications, 'publication'),
  ].join(', ');
}

const VERBS: Readonly<Record<string, string>> = { promote: 'promoted', rollback: 'rolled back', remove: 'removed' };

/** `promoted`: what a release of a kind did. */
export function moveVerb(kind: string): string {
  return VERBS[kind] ?? kind;
}
