import { describe, expect, it } from 'vitest';
import type { AuditedRegistry } from '../../../core/audit/audit-rule';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { releaseLog } from '../../../core/audit/release-log';
import { tags } from '../../../core/audit/rules/tags';
import { StackOperations } from '../../../core/audit/stack-operations';
import { ledgerKey, tagKey } from '../../../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../../../core/ledger/record';
import { serializeTagEntry } from '../../../core/ledger/tag-entry';

const PROMPT = 'ABCDEFGHIJ';
const digest = (letter: string) => `pd1:${letter.repeat(64)}`;
const [ONE, TWO] = [digest('a'), digest('b')];
const at = (minute: number) => new Date(Date.parse('2026-11-29T10:00:00Z') + minute * 60_000).toISOString();

const stored = (key: string, body: string, minute: number) => ({
  ...{ key, body },
  versions: [{ versionId: 'v', time: at(minute), marker: false }],
});
const entry = (tag: string, number: number, named: string, minute: number, more: object = {}) => {
  const own = {
    schema: 1 as const,
    tag,
    registry: '/p',
    prompt: 'letters',
    promptId: PROMPT,
    digest: named,
    stackId: 's',
  };
  return stored(tagKey({ promptId: PROMPT, tag, number }), serializeTagEntry({ ...own, ...more }), minute);
};
const record = (named: string, minute: number) => {
  const body: LedgerRecord = {
    ...{ schema: 1, registry: '/p', prompt: 'letters', promptId: PROMPT, alias: 'PROD', sequence: 1, kind: 'promote' },
    ...{ undo: false, from: null, to: { version: 1, digest: named, model: null }, withdrawn: [], stackId: 's' },
    ...{ logicalId: 'l', requestId: 'r', operation: null, reason: null, time: at(minute), previous: null },
  };
  return stored(ledgerKey(PROMPT, 'PROD', 1), serializeRecord(body), minute);
};
type Objects = Parameters<typeof surveyLedger>[0];

function found(...objects: Objects): string[] {
  const problems: string[] = [];
  tags.run({ survey: surveyLedger(objects) } as AuditedRegistry, (problem) => problems.push(problem));
  return problems;
}

describe('Entries of tags', () => {
  it.each<[string, Objects]>([
    ['none', []],
    [
      'a tag that moved before its content was released',
      [entry('v1', 1, ONE, 1), entry('v1', 2, TWO, 2), record(TWO, 3)],
    ],
    [
      'a tag that moved to the content that is released',
      [entry('v1', 1, ONE, 1), entry('v1', 2, TWO, 4), record(TWO, 3)],
    ],
    ['two tags of one content', [entry('v1', 1, ONE, 1), entry('v1.0', 1, ONE, 2), record(ONE, 3)]],
    ['the same content again after its release', [entry('v1', 1, ONE, 1), record(ONE, 2), entry('v1', 2, ONE, 3)]],
  ])('are in order: %s', (_, objects) => {
    expect(found(...objects)).toEqual([]);
  });

  it.each<[string, string, Objects]>([
    ['a released content lost its tag', 'TagMoved', [entry('v1', 1, ONE, 1), record(ONE, 2), entry('v1', 2, TWO, 3)]],
    ['one is missing', 'TagGap', [entry('v1', 2, ONE, 1)]],
    ['it says another tag', 'BadTag', [entry('v1', 1, ONE, 1, { tag: 'v2' })]],
    ['it says another prompt', 'BadTag', [entry('v1', 1, ONE, 1, { promptId: 'ZYXWVUTSRQ' })]],
    ['it is half-written', 'BadTag', [stored(tagKey({ promptId: PROMPT, tag: 'v1', number: 1 }), '{"schema":1', 1)]],
  ])('are found: %s', (_, problem, objects) => {
    expect(found(...objects)).toEqual([problem]);
  });

  it('name the contents in the log, by the newest of each', () => {
    const survey = surveyLedger([
      entry('v1', 1, TWO, 0),
      entry('v1', 2, ONE, 1),
      entry('good', 1, ONE, 2),
      record(ONE, 3),
    ]);
    const log = releaseLog({ survey, operations: new StackOperations([]), issuers: new Map() });
    expect(log).toMatchObject([{ alias: 'PROD', tags: ['good', 'v1'] }]);
  });
});
