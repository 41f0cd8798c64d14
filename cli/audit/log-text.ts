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
          hasGates
            ? ['TIME', 'ALIAS', 'VERSION', 'WHAT', 'REASON', 'AGREED', 'WHO', 'OPERATION']
            : ['TIME', 'ALIAS', 'VERSION', 'WHAT', 'REASON', 'WHO', 'OPERATION'],
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
