import { describe, expect, it } from 'vitest';
import { logCsv } from '../../cli/audit/log-csv';
import { logText } from '../../cli/audit/log-text';
import { sinceOf } from '../../cli/audit/span';
import { trailPlace } from '../../cli/audit/trail-files';
import { type AuditUsage, usageText } from '../../cli/audit/usage-text';
import { type Verification, verifyText } from '../../cli/audit/verify-text';
import type { PersonChain } from '../../core/audit/person-chain';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { auditPage } from '../../studio/audit-page/audit-page';
import { personText } from '../../studio/audit-page/person-text';
import { sampleLog } from '../studio/audit-sample';
import { fakeTerminal } from './fake-terminal';

const verification: Verification = {
  ...{ bucket: 'prompts-prod-ledger', stack: 'Prompts-prod', time: sampleLog.time, heads: sampleLog.heads },
  checks: [
    { check: 'chains', looked: '1 chain, 6 records', findings: 0 },
    { check: 'parameters', looked: '1 parameter, 7 writes', findings: 1 },
    { check: 'trail files', looked: null, findings: 0 },
  ],
  findings: [
    {
      check: 'parameters',
      level: 'finding',
      problem: 'WrittenByHand',
      object: '/prompts/prod/x/PROD:7',
      message: 'was set to 1 by \u001b[31mmallory',
      events: ['e-1'],
    },
    {
      check: 'CloudTrail',
      level: 'note',
      problem: 'DraftChanged',
      object: 'prompt ABCDEFGHIJ',
      message: 'had its draft changed',
      events: ['e-2'],
    },
  ],
  notRun: [{ check: 'trail files', why: "name the trail's bucket with --trail-bucket", failed: false }],
  validateLogs: 'aws cloudtrail validate-logs --trail-arn arn:x --start-time 2026-08-24T00:00:00Z --region us-east-1',
};
const shown = (
  columns: number | undefined,
  text: (terminal: ReturnType<typeof fakeTerminal>['terminal']) => string,
  env = {},
) => text(fakeTerminal(columns, { NO_COLOR: '1', ...env }).terminal);

describe('The texts of audit', () => {
  it('tell the log, the person first, and what cannot be told', () => {
    const text = shown(undefined, (terminal) => logText(sampleLog, terminal));
    expect(text).toMatch(/^financial-analysis {2}5 releases, 1 withdrawal, 1 publication {2}chain ok\nTIME/);
    expect(text).toContain(
      'user/alice → role/Deployer as alice@example.com (source identity alice) → role/cdk-hnb659fds-deploy-role',
    );
    expect(text).toContain("? (who took this role is not in CloudTrail's reach) → role/Deployer");
    expect(text).toContain('not yet delivered: CloudTrail takes up to 15 minutes');
    expect(text).toContain('2 → 2, withdrawn 3');
    expect(text).toContain('promote (undone)');
  });

  it('show what somebody else named in its own line, without control of the terminal', () => {
    const hostile = 'x\n✔ parameters  nothing\u001b[2J\u2028\ty';
    const bad = { ...(verification.findings[0] as Verification['findings'][0]), object: hostile, message: hostile };
    const head = {
      ...(sampleLog.heads[0] as Verification['heads'][0]),
      prompt: hostile,
      alias: hostile,
      promptId: hostile,
    };
    const row = {
      ...(sampleLog.rows[0] as (typeof sampleLog.rows)[0]),
      alias: hostile,
      reason: hostile,
      operation: hostile,
    };
    const finding = {
      key: hostile,
      sequence: 1,
      problem: 'BadRecord' as const,
      message: `has an unknown field ${hostile}`,
    };
    const texts = [
      shown(undefined, (terminal) =>
        verifyText(
          {
            ...verification,
            findings: [bad],
            heads: [head],
          },
          terminal,
        ),
      ),
      shown(undefined, (terminal) =>
        logText({ ...sampleLog, rows: [row], findings: [finding], notes: [`${hostile} of the trail`] }, terminal),
      ),
    ];
    for (const text of texts) {
      expect(text).toContain('x\\x0a✔ parameters  nothing\\x1b[2J\\u{2028}\\x09y');
      expect(text).not.toMatch(/^\s*✔ parameters {2}nothing/m);
      for (const character of ['\u001b', '\u2028', '\t']) expect(text).not.toContain(character);
    }
  });

  it('name nobody where it would be a guess', () => {
    const chain = (name: string): PersonChain => ({
      links: [
        {
          ...{
            who: `arn:aws:iam::111122223333:user/${name}`,
            type: 'IAMUser',
            sessionName: null,
            sourceIdentity: null,
          },
          ...{ eventName: 'UpdateStack', eventId: name, time: sampleLog.time },
        },
      ],
      end: 'person',
    });
    const told = (...names: string[]) => personText({ links: [], end: 'one of', among: names.map(chain) }, '->');
    expect(told('jane', 'bob')).toBe('one of: user/jane; user/bob');
    expect(told('dan')).toBe('perhaps user/dan');
    const row = { ...(sampleLog.rows[0] as (typeof sampleLog.rows)[0]) };
    const log = {
      ...sampleLog,
      rows: [{ ...row, person: { links: [], end: 'one of', among: [chain('jane'), chain('bob')] } }],
    } as AuditLog;
    expect(shown(undefined, (terminal) => logText(log, terminal))).toContain('one of: user/jane; user/bob');
    expect(auditPage(log)).toContain('one of: user/jane; user/bob');
    expect(logCsv(log)).toContain('"one of: user/jane; user/bob","one of"');
  });

  it('tell findings first, then notes, then what was not looked at', () => {
    const text = shown(undefined, (terminal) => verifyText(verification, terminal));
    const places = [
      '1 finding',
      '✖ parameters',
      '– trail files  not run',
      'Findings',
      'WrittenByHand',
      'event e-1',
      'Worth knowing',
      'DraftChanged',
      'Not looked at',
      'Chain heads',
      'fdccb26b',
      'validate-logs',
    ].map((part) => text.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(-1);
    expect(text).not.toContain('\u001b[31m');
  });

  it('do not call it clean where something that was asked for could not be looked at', () => {
    const notRun = [{ check: 'CloudTrail' as const, why: 'AWS refuses', failed: true }];
    expect(shown(undefined, (terminal) => verifyText({ ...verification, findings: [], notRun }, terminal))).toMatch(
      /^Prompts-prod {2}nothing found, but not everything could be looked at/,
    );
    expect(shown(undefined, (terminal) => verifyText({ ...verification, findings: [] }, terminal))).toMatch(
      /^Prompts-prod {2}nothing found\n/,
    );
  });

  it('mark a version that nobody was to use', () => {
    const usage: AuditUsage = {
      ...{
        prompt: 'x',
        promptIds: [],
        since: '2026-11-01T00:00:00Z',
        time: sampleLog.time,
        files: 3,
        notes: ['a file cannot be used'],
      },
      uses: [
        {
          principal: 'arn:aws:iam::111122223333:role/batch',
          version: 3,
          first: sampleLog.time,
          last: sampleLog.time,
          count: 12,
          refused: 2,
          standing: 'not callable then',
        },
        {
          principal: 'arn:aws:iam::111122223333:user/bob',
          version: null,
          first: sampleLog.time,
          last: sampleLog.time,
          count: 1,
          refused: 0,
          standing: 'draft',
        },
      ],
    };
    const text = shown(undefined, (terminal) => usageText(usage, terminal));
    expect(text).toMatch(/^x {2}13 calls by 2 principals, 2026-11-01 to 2026-11-22, 3 log files\n/);
    expect(text).toMatch(/role\/batch +3 .* 12 +2 +no alias allowed it then/);
    expect(text).toMatch(/user\/bob +draft .* the draft, which no alias allows/);
  });

  it.each([40, 80, 120])('fit a terminal of %i columns', (columns) => {
    for (const text of [
      shown(columns, (terminal) => logText(sampleLog, terminal)),
      shown(columns, (terminal) => verifyText(verification, terminal)),
    ]) {
      for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(columns);
    }
  });
});

describe('What audit is told', () => {
  const now = new Date('2026-11-22T12:00:00Z');

  it.each([
    ['30d', '2026-10-23T12:00:00.000Z'],
    ['12h', '2026-11-22T00:00:00.000Z'],
    ['2w', '2026-11-08T12:00:00.000Z'],
    ['1y', '2025-11-22T12:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ])('takes --since %s for %s', (option, expected) => {
    expect(sinceOf(option, now)?.toISOString()).toBe(expected);
  });

  it.each(['yesterday', '30', '-1d', '2026-13-45', ''])('refuses --since %j', (option) => {
    expect(() => sinceOf(option, now)).toThrow('is no span of time');
  });

  it.each([
    ['trail', { bucket: 'trail', prefix: '' }],
    ['s3://trail/', { bucket: 'trail', prefix: '' }],
    ['s3://trail/audit/', { bucket: 'trail', prefix: 'audit/' }],
    ['s3://trail/a/b/AWSLogs/111122223333', { bucket: 'trail', prefix: 'a/b/' }],
  ])('takes --trail-bucket %s', (option, expected) => {
    expect(trailPlace(option)).toEqual(expected);
  });

  it.each(['', 's3:/x', 'http://x/y', 'Trail_1'])('refuses --trail-bucket %j', (option) => {
    expect(() => trailPlace(option)).toThrow('is no bucket');
  });
});
