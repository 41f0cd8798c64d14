import { describe, expect, it } from 'vitest';
import { logCsv } from '../../cli/audit/log-csv';
import { sampleLog } from '../studio/audit-sample';

describe('The log as CSV', () => {
  const withReason = (reason: string) =>
    logCsv({ ...sampleLog, rows: sampleLog.rows.slice(0, 1).map((row) => ({ ...row, reason })) });

  it('has a line for each entry, every field quoted, and the line ends of RFC 4180', () => {
    const lines = logCsv(sampleLog).split('\r\n');
    expect(lines).toHaveLength(sampleLog.rows.length + 2);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^("(?:[^"]|"")*",?)+$/);
    expect(lines[5]).toContain('"CHG-1024, approved by the board"');
    expect(lines[5]).toContain('user/alice -> role/Deployer as alice@example.com (source identity alice) -> role/cdk-');
  });

  it('keeps commas, quotes and line ends inside their field', () => {
    expect(withReason('a, "b"\nc')).toContain('"a, ""b""\nc"');
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'makes the formula %j harmless',
    (formula) => {
      expect(withReason(formula)).toContain(`"'${formula.replaceAll('"', '""')}"`);
    },
  );
});
