import { describe, expect, it } from 'vitest';
import { logCsv } from '../../../cli/audit/log-csv';
import { logText } from '../../../cli/audit/log-text';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { releaseLog } from '../../../core/audit/release-log';
import { StackOperations } from '../../../core/audit/stack-operations';
import { auditPage } from '../../../studio/audit-page/audit-page';
import { fakeTerminal } from '../../cli/fake-terminal';
import { sampleLog } from '../../studio/audit-sample';
import { agreedHistory } from './gated-registry';

async function gatedRows() {
  const { objects, trail } = (await agreedHistory()).evidence();
  const operations = new StackOperations(trail?.events ?? []);
  return releaseLog({ survey: surveyLedger(objects), alias: 'PROD', operations, issuers: new Map() });
}

describe('The log of a registry with gates', () => {
  it('says of each move who asked and who agreed, and that a return asked nobody', async () => {
    const rows = await gatedRows();
    expect(rows.map(({ from, to, passed }) => ({ from, to, passed }))).toEqual([
      { from: 2, to: 4, passed: { how: 'agreed', asked: ['alice'], approved: ['bob'], record: null } },
      { from: 3, to: 2, passed: { how: 'back', asked: [], approved: [], record: 2 } },
      { from: 2, to: 3, passed: { how: 'agreed', asked: ['alice'], approved: ['bob'], record: null } },
      { from: 1, to: 2, passed: { how: 'agreed', asked: ['alice'], approved: ['bob'], record: null } },
      { from: null, to: 1, passed: { how: 'agreed', asked: ['alice'], approved: ['bob'], record: null } },
    ]);
  });

  it('shows it in the table, the page and the CSV, and nothing of it where no gate applied', async () => {
    const log = { ...sampleLog, rows: await gatedRows() };
    const { terminal } = fakeTerminal(300);
    expect(logText(log, terminal)).toMatch(
      /AGREED[\s\S]*asked by alice, approved by bob[\s\S]*back to what was agreed as #2/,
    );
    expect(logText(sampleLog, terminal)).not.toContain('AGREED');
    expect(auditPage(log)).toContain('asked by alice, approved by bob');
    const [header = '', newest = ''] = logCsv(log).split('\r\n');
    expect(header).toMatch(/"object","asked","approved","measured","evaluation"$/);
    expect(newest).toMatch(/,"alice","bob","",""$/);
  });

  it('shows in the CSV who signed the runs that a move passed with, and how they came out', async () => {
    const [newest, ...others] = await gatedRows();
    if (!newest) throw new Error('no row');
    const counts = (both: number, onlyCandidate: number, onlyLive: number, neither: number) => {
      return { both, onlyCandidate, onlyLive, neither };
    };
    const passed = {
      ...{ how: 'agreed' as const, asked: [], approved: [], record: null, measured: ['pipeline', 'nightly'], runs: 3 },
      metrics: { exact: counts(80, 5, 10, 5), '=brief': counts(0, 9, 0, 1) },
    };
    const lines = logCsv({ ...sampleLog, rows: [{ ...newest, passed }, ...others] }).split('\r\n');
    expect(lines[1]).toMatch(/,"","","pipeline nightly","exact 90 % -> 85 %, =brief 90 %; 3 runs"$/);
    const formula = { ...passed, metrics: { '=brief': counts(0, 9, 0, 1) }, runs: 1 };
    expect(logCsv({ ...sampleLog, rows: [{ ...newest, passed: formula }] })).toMatch(/"'=brief 90 %"\r\n$/);
  });
});
