import { describe, expect, it } from 'vitest';
import { parseRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { recordsOf } from '../history';

const [, record] = recordsOf([{ to: 1 }, { to: 2 }]);
if (!record) throw new Error('expected two records');

describe('Ledger record', () => {
  it('is written in one way only', () => {
    const shuffled = Object.fromEntries(Object.entries(record).reverse()) as unknown as typeof record;
    expect(serializeRecord(shuffled)).toBe(serializeRecord(record));
    expect(serializeRecord(record)).toMatch(/^\{"alias":"PROD",.*\}\n$/);
  });

  it('is read as it was written', () => {
    expect(parseRecord(serializeRecord(record))).toEqual(record);
  });

  it('has the digest of its bytes', () => {
    expect(recordDigest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each<[string, object]>([
    ['schema: 3', { schema: 3 }],
    ['lacks requires', { schema: 2 }],
    ['alias', { alias: '' }],
    ['sequence', { sequence: 0 }],
    ['kind', { kind: 'approve' }],
    ['undo', { undo: 'no' }],
    ['from must be an object', { from: 1 }],
    ['to lacks model', { to: { version: 1, digest: record.to?.digest } }],
    ['to has a bad version: "2"', { to: { ...record.to, version: '2' } }],
    ['to has a bad digest', { to: { ...record.to, digest: 'pd1:1' } }],
    ['to has an unknown field name', { to: { ...record.to, name: 'x' } }],
    ['withdrawn', { withdrawn: [0] }],
    ['withdrawn', { withdrawn: null }],
    ['operation', { operation: 1 }],
    ['time', { time: 'yesterday' }],
    ['previous', { previous: 'abc' }],
    ['an unknown field approvedBy', { approvedBy: 'me' }],
    ['lacks requestId', { requestId: undefined }],
  ])('with another %s is refused', (message, change) => {
    expect(() => parseRecord(JSON.stringify({ ...record, ...change }))).toThrow(
      expect.objectContaining({ code: 'BadLedgerRecord', message: expect.stringContaining(message) }),
    );
  });

  it.each(['', '{', '[]', 'null', '"x"'])('is not %j', (body) => {
    expect(() => parseRecord(body)).toThrow(expect.objectContaining({ code: 'BadLedgerRecord' }));
  });
});
