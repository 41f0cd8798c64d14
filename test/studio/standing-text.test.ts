import { describe, expect, it } from 'vitest';
import type { Person } from '../../core/audit/release-log';
import { modelSentence } from '../../studio/audit-page/model-sentence';
import { standingText } from '../../studio/audit-page/standing-text';
import { sampleLog } from './audit-sample';

const [STANDING] = sampleLog.standings;
const MOVE = STANDING?.move;
if (!STANDING || !MOVE) throw new Error('no sample');
const read = (more: Partial<typeof MOVE>, withdrawn: readonly number[] = []) =>
  standingText({ alias: 'PROD', move: { ...MOVE, reason: 'INC-7', ...more }, withdrawn })
    .toString()
    .replace(/<[^>]*>/g, '');
const chain = sampleLog.rows[3]?.person as Person;
const nobody = (end: 'not delivered' | 'too old' | 'no event' | 'not asked'): Person => ({ links: [], end });

describe('Where an alias stands, in a sentence', () => {
  it.each([
    ['rolled back by bob, because “INC-7”.', {}],
    ['promoted by bob, because “INC-7”.', { kind: 'promote' }],
    ['rolled back by bob; no reason was given.', { reason: null }],
    ['when the release of 3 by bob failed and was undone.', { undone: true, reason: null }],
    ['by somebody as role/Deployer as alice@example.com (source identity alice), because', { person: chain }],
    [
      'by one of: user/bob; user/',
      { person: { links: [], end: 'one of', among: [MOVE.person, sampleLog.rows[4]?.person] } },
    ],
    [
      'rolled back, because “INC-7”; who did it is not known yet: CloudTrail takes',
      { person: nobody('not delivered') },
    ],
    ['; who did it cannot be told', { person: nobody('too old') }],
    ['; who did it is not in CloudTrail.', { person: nobody('no event') }],
    ['; who did it is not known: CloudTrail could not be read.', { person: nobody('not asked') }],
  ] as [string, Partial<typeof MOVE>][])('%s', (expected, more) => {
    expect(read(more)).toContain(`PROD is on 2 since 2026-11-21 09:10 UTC, `);
    expect(read(more)).toContain(expected);
  });

  it('says where no version is left, and where the one that it is on is withdrawn', () => {
    expect(read({ kind: 'remove', to: null })).toMatch(/^PROD is on no version since .*, removed by bob/);
    expect(read({}, [2])).toContain('Version 2 is withdrawn: its callers are refused.');
    expect(read({}, [3])).not.toContain('withdrawn');
    expect(standingText({ alias: 'PROD', move: null, withdrawn: [] }).toString()).toContain('not known');
  });
});

describe('Until when the model of an alias goes on, in a sentence', () => {
  const [facts] = sampleLog.models;
  const HAIKU = facts?.model ?? '';
  const said = (model: string | null | undefined, more: object = {}) =>
    modelSentence({ alias: 'PROD', move: MOVE, model, withdrawn: [] }, [
      { ...facts, ...more } as NonNullable<typeof facts>,
    ])
      .toString()
      .replace(/<[^>]*>/g, '');

  it.each<[string, string | null | undefined, object]>([
    [
      ` It runs on ${HAIKU}, which ends on 2027-03-01, in 99 days; its successor is us.anthropic.claude-haiku-4-5-20251001-v1:0 (lock file of 2026-11-20).`,
      HAIKU,
      {},
    ],
    [` It runs on ${HAIKU}, which ended on 2027-03-01 (lock file of 2026-11-20).`, HAIKU, { days: 0, successor: null }],
    [` It runs on ${HAIKU}, of which no end is announced (lock`, HAIKU, { status: 'ACTIVE', end: null, days: null }],
    [
      ` It runs on ${HAIKU}, which is LEGACY, without an announced end`,
      HAIKU,
      { end: null, days: null, successor: null },
    ],
    [` It runs on ${HAIKU}; until when is not known.`, HAIKU, { status: null, end: null, read: null }],
    [' It runs on custom; until when is not known.', 'custom', {}],
  ])('%s', (expected, model, more) => {
    expect(said(model, more)).toContain(expected);
  });

  it('says nothing of a version without a model, and of a record that cannot be read', () => {
    expect([said(null), said(undefined)]).toEqual(['', '']);
  });
});
