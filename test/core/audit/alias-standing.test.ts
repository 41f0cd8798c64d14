import { describe, expect, it } from 'vitest';
import { aliasStandings } from '../../../core/audit/alias-standing';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { releaseLog } from '../../../core/audit/release-log';
import { StackOperations } from '../../../core/audit/stack-operations';
import { ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../../../core/ledger/record';
import { recordsOf, type Step } from '../history';

const objectsOf = (records: readonly LedgerRecord[]) =>
  records.map((record) => ({
    key: ledgerKey(record.promptId, record.alias, record.sequence),
    body: serializeRecord(record),
    versions: [{ versionId: record.requestId, time: record.time, marker: false }],
  }));
const nobody = { operations: new StackOperations([]), issuers: new Map() };
const standing = (steps: readonly Step[], more: readonly LedgerRecord[] = []) => {
  const survey = surveyLedger(objectsOf([...recordsOf(steps), ...more]));
  return aliasStandings({ survey, ...nobody }).map(({ alias, move, withdrawn }) => [
    alias,
    move && [move.kind, move.from, move.to, move.undone, move.time.slice(11, 16)],
    withdrawn,
  ]);
};

describe('Where an alias stands', () => {
  it('is where its last move brought it, not what took a number or withdrew a version after it', () => {
    expect(standing([{ to: 1 }, { to: 2 }, { to: 1 }])).toEqual([['PROD', ['rollback', 2, 1, false, '00:02'], []]]);
    expect(standing([{ to: 1 }, { to: 2 }, { to: 2 }])).toEqual([['PROD', ['promote', 1, 2, false, '00:01'], []]]);
    expect(standing([{ to: 1 }, { to: 2 }, { to: 1, undo: true }])).toEqual([
      ['PROD', ['rollback', 2, 1, true, '00:02'], []],
    ]);
    const records = recordsOf([{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }]);
    const survey = surveyLedger(objectsOf(records.map((one, at) => (at === 2 ? { ...one, kind: 'withdraw' } : one))));
    expect(aliasStandings({ survey, ...nobody })).toMatchObject([{ move: { kind: 'promote', to: 2 }, withdrawn: [1] }]);
  });

  it('is the same however short the time that a log looks at', () => {
    const survey = surveyLedger(objectsOf(recordsOf([{ to: 1 }, { to: 2 }])));
    const since = '2027-01-01T00:00:00.000Z';
    expect(releaseLog({ survey, since, ...nobody })).toEqual([]);
    expect(aliasStandings({ survey, since, ...nobody })).toMatchObject([{ move: { to: 2 } }]);
    expect(aliasStandings({ survey, alias: 'STAGING', ...nobody })).toEqual([]);
  });

  it('is not guessed from older records where the newest cannot be read', () => {
    const objects = objectsOf(recordsOf([{ to: 1 }, { to: 2 }]));
    const hidden = objects.map((one, at) =>
      at === 1 ? { key: one.key, body: undefined, versions: one.versions } : one,
    );
    expect(aliasStandings({ survey: surveyLedger(hidden), ...nobody })).toMatchObject([{ alias: 'PROD', move: null }]);
  });

  it('is that of the youngest prompt of the name', () => {
    const reborn = recordsOf([{ to: 7 }]).map((one) => ({
      ...one,
      promptId: 'KLMNOPQRST',
      time: '2026-05-01T00:00:00.000Z',
    }));
    expect(standing([{ to: 1 }], reborn)).toEqual([['PROD', ['promote', null, 7, false, '00:00'], []]]);
  });
});
