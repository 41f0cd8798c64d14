import { stringify } from 'csv-stringify/sync';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { personText } from '../../studio/audit-page/person-text';
import { runsText } from '../../studio/audit-page/row-text';

const COLUMNS = [
  ...['time', 'prompt', 'alias', 'kind', 'undone', 'from', 'to', 'digest', 'withdrawn', 'reason'],
  ...['person', 'personEnd', 'eventIds', 'operation', 'stack', 'object', 'asked', 'approved', 'measured', 'evaluation'],
];

/**
 * The rows as a spreadsheet reads them: every field quoted, one that would be a formula made harmless by an apostrophe
 * (https://owasp.org/www-community/attacks/CSV_Injection), line ends as RFC 4180 has them.
 */
export function logCsv(...logs: readonly Pick<AuditLog, 'prompt' | 'rows'>[]): string {
  const all = logs.flatMap(({ prompt, rows }) => rows.map((row) => ({ prompt, row })));
  const records = all.map(({ prompt, row }) => [
    ...[
      row.time,
      prompt,
      row.alias ?? '',
      row.kind,
      String(row.undone),
      row.from ?? '',
      row.to ?? '',
      row.digest ?? '',
    ],
    ...[row.withdrawn.join(' '), row.reason ?? '', personText(row.person, '->'), row.person.end],
    row.person.links.map(({ eventId }) => eventId).join(' '),
    ...[row.operation ?? '', row.stackId ?? '', row.object],
    ...[(row.passed?.asked ?? []).join(' '), (row.passed?.approved ?? []).join(' ')],
    ...[(row.passed?.measured ?? []).join(' '), runsText(row.passed).replaceAll('→', '->')],
  ]);
  return stringify([COLUMNS, ...records], {
    quoted: true,
    quoted_empty: true,
    escape_formulas: true,
    record_delimiter: '\r\n',
  });
}
