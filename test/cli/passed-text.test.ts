import { describe, expect, it } from 'vitest';
import { passedText } from '../../cli/reviews/passed-text';
import { reviewKey } from '../../core/ledger/layout';
import type { LedgerRecord } from '../../core/ledger/record';
import type { Passed } from '../../core/ledger/record-schema-2';
import { passedBy } from '../../core/release/passed-by';
import { passedText as logText } from '../../studio/audit-page/row-text';

const signed = (group: string, signer: string) => {
  const address = { promptId: 'ABCDEFGHIJ', alias: 'PROD', digest: `pd1:${'c2'.repeat(32)}`, group, signer, number: 1 };
  return { key: reviewKey(address), sha256: 'ab'.repeat(32), time: '2026-12-02T09:00:00.000Z' };
};
const record = (passed: unknown) => ({ passed }) as LedgerRecord;
const gate = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 2, expires: 3_600 };

describe('what history says of a record’s gates', () => {
  it.each([
    [undefined, ''],
    [null, ''],
    [{ how: 'back', to: 3 }, 'back to #3'],
    [{ how: 'carried', plan: 4 }, 'as #4'],
    [
      {
        how: 'agreed',
        gates: [gate],
        model: null,
        reviews: [
          signed('authors', 'AROAAUTHOR00000000001:Alice@bank'),
          signed('risk', 'AROARISK0000000000001:bob'),
          signed('risk', 'AROARISK0000000000002:carol'),
        ],
      },
      'asked by alice@bank, approved by bob, carol',
    ],
    [{ how: 'agreed', gates: [{ gate: 'of tomorrow' }], model: null, reviews: [{ key: 'elsewhere' }] }, ''],
  ])('%j', (passed, text) => expect(passedText(record(passed))).toBe(text));

  it('is what the audit says, also of a group that both asks and approves', () => {
    const reviews = ['alice', 'dora'].map((person) => signed('authors', `AROAAUTHOR00000000001:${person}`));
    const passed: Passed = { how: 'agreed', gates: [{ ...gate, by: 'authors' }], model: null, reviews };
    expect(passedText(record(passed))).toBe(logText({ passed: passedBy(passed) }));
  });
});
