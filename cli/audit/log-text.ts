import type { LogRow } from '../../core/audit/release-log';
import { visibleLine } from '../../core/text/visible-text';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { personText } from '../../studio/audit-page/person-text';
import { countsText, moveText, passedText } from '../../studio/audit-page/row-text';
import { plural } from '../../studio/plural';
import { timestamp } from '../age';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export function logText(log: AuditLog, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { rows, findings, notes } = log;
  const hasGates = rows.some(({ passed }) => passed !== undefined);
  const body =
    rows.length > 0
      ? table(
          headings(hasGates),
          rows.map((row) => cells(row, terminal, hasGates)),
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

/** The logs of a whole registry as one, newest first. */
export function logsText(title: string, logs: readonly AuditLog[], terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const rows = logs
    .flatMap(({ prompt, rows: own }) => own.map((row) => ({ prompt, row })))
    .sort((a, b) => b.row.time.localeCompare(a.row.time));
  const findings = logs.flatMap((log) => log.findings);
  const counts = countsText(rows.map(({ row }) => row));
  const line =
    findings.length === 0
      ? colors.green(`${glyphs.ok} ${colors.bold(visibleLine(title))}  ${counts}  all chains ok`)
      : colors.red(
          `${glyphs.bad} ${colors.bold(visibleLine(title))}  ${counts}  chains broken: ${plural(findings.length, 'finding')}`,
        );
  const hasGates = rows.some(({ row }) => row.passed !== undefined);
  const [when = '', ...others] = headings(hasGates);
  const withPrompt = rows.map(({ prompt, row }) => {
    const [time = '', ...rest] = cells(row, terminal, hasGates);
    return [time, colors.bold(visibleLine(prompt)), ...rest];
  });
  return [
    wrapLines(line, terminal.width),
    ...findings.map(({ problem, message }) =>
      wrapLines(colors.red(`${glyphs.bad} ${problem}: ${visibleLine(message)}`), terminal.width),
    ),
    rows.length > 0
      ? table([when, 'PROMPT', ...others], withPrompt, terminal)
      : 'nothing was released or published in this time',
    ...[...new Set(logs.flatMap(({ notes }) => notes))].map((note) =>
      wrapLines(`${colors.yellow(glyphs.note)} ${visibleLine(note)}`, terminal.width),
    ),
  ].join('\n');
}

/** @param hasGates whether some row went through a gate */
function headings(hasGates: boolean): string[] {
  const passed = hasGates ? ['AGREED'] : [];
  return ['TIME', 'ALIAS', 'VERSION', 'WHAT', 'REASON', ...passed, 'WHO', 'OPERATION'];
}

function cells(row: LogRow, { colors, glyphs }: Terminal, hasGates: boolean): string[] {
  const { time, alias, kind, undone, reason, person, operation } = row;
  return [
    timestamp(new Date(time)),
    alias === null ? '' : visibleLine(alias),
    moveText(row, glyphs.arrow, glyphs.none),
    undone ? colors.yellow(`${kind} (undone)`) : kind,
    visibleLine(reason ?? ''),
    ...(hasGates ? [visibleLine(passedText(row))] : []),
    visibleLine(personText(person, glyphs.arrow)),
    visibleLine(operation ?? ''),
  ];
}
