import type { LogRow } from '../../core/audit/release-log';
import type { ChainFinding } from '../../core/ledger/chain';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { visibleLine } from '../visible-text';
import { wrapLines } from '../wrap-lines';
import { personText } from './person-text';
import { type ChainHead, plural } from './verify-text';

/** What `audit log` tells; `--json` prints it. */
export interface AuditLog {
  readonly prompt: string;
  readonly promptIds: readonly string[];
  /** Parameter prefix of the registry; null for a ledger that outlived its stack and holds no record. */
  readonly registry: string | null;
  readonly bucket: string;
  readonly alias: string | null;
  /** Since when; null for everything. */
  readonly since: string | null;
  /** When it was made, by AWS's clock. */
  readonly time: string;
  /** Newest first. */
  readonly rows: readonly LogRow[];
  readonly heads: readonly ChainHead[];
  /** What is wrong with the chains that the rows come from; empty where they hold. */
  readonly findings: readonly ChainFinding[];
  readonly notes: readonly string[];
}

export function logText(log: AuditLog, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { rows, findings, notes } = log;
  const body =
    rows.length > 0
      ? table(
          ['TIME', 'ALIAS', 'VERSION', 'WHAT', 'REASON', 'WHO', 'OPERATION'],
          rows.map((row) => cells(row, terminal)),
          terminal,
        )
      : 'nothing was released or published in this time';
  const chain =
    findings.length === 0
      ? colors.green('chain ok')
      : colors.red(`chain broken: ${plural(findings.length, 'finding')}`);
  return [
    wrapLines(`${colors.bold(visibleLine(log.prompt))}  ${countsText(rows)}  ${chain}`, terminal.width),
    body,
    ...findings.map(({ problem, message }) =>
      wrapLines(colors.red(`${glyphs.bad} ${problem}: ${visibleLine(message)}`), terminal.width),
    ),
    ...notes.map((note) => wrapLines(`${colors.yellow(glyphs.note)} ${visibleLine(note)}`, terminal.width)),
  ].join('\n');
}

function cells(row: LogRow, { colors, glyphs }: Terminal): string[] {
  const { time, alias, kind, undone, reason, person, operation } = row;
  return [
    timestamp(new Date(time)),
    alias === null ? '' : visibleLine(alias),
    moveText(row, glyphs.arrow, glyphs.none),
    undone ? colors.yellow(`${kind} (undone)`) : kind,
    visibleLine(reason ?? ''),
    visibleLine(personText(person, glyphs.arrow)),
    visibleLine(operation ?? ''),
  ];
}

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
