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

  it('tells by what each review is, where a group does both', () => {
    const [alice, dora] = ['alice', 'dora'].map((person) => signed('authors', `AROAAUTHOR00000000001:${person}`));
    const dan = signed('legal', 'AROALEGAL000000000001:dan');
    const said = (review: object | undefined, kind: string) => ({ ...review, kind });
    const both = { ...gate, by: 'authors' };
    const text = (gates: object[], ...reviews: object[]) =>
      passedText(record({ how: 'agreed', gates, model: null, reviews }));
    expect(text([both], said(alice, 'approve'), said(dora, 'request'))).toBe('asked by dora, approved by alice');
    // Who approves at one gate is of the group that asks at another.
    const next = { ...gate, askedBy: 'authors', by: 'legal' };
    expect(text([both, next], said(alice, 'request'), said(dora, 'approve'), said(dan, 'approve'))).toBe(
      'asked by alice, approved by dora, dan',
    );
  });

  it('is what the audit says, also of a group that both asks and approves', () => {
    const reviews = ['alice', 'dora'].map((person) => signed('authors', `AROAAUTHOR00000000001:${person}`));
    const passed: Passed = { how: 'agreed', gates: [{ ...gate, by: 'authors' }], model: null, reviews };
    expect(passedText(record(passed))).toBe(logText({ passed: passedBy(passed) }));
  });
});
