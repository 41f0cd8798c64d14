import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainEntry, verifyChain } from '../../../core/ledger/chain';
import { type LedgerRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { entriesOf, recordsOf, released, steps } from '../history';

const records = recordsOf([{ to: 1 }, { to: 2 }, { to: 1, undo: true }, { to: 3 }, { to: 3 }]);
const honest = entriesOf(records);

const problems = (entries: ChainEntry[], known?: ReadonlyMap<number, string>) =>
  verifyChain(entries, known).findings.map(({ sequence, problem }) => `${sequence} ${problem}`);

function withRecord(sequence: number, change: Partial<LedgerRecord>): ChainEntry[] {
  return honest.map((entry, index) =>
    index === sequence - 1 ? { ...entry, body: serializeRecord({ ...at(sequence), ...change }) } : entry,
  );
}

function at(sequence: number): LedgerRecord {
  const record = records[sequence - 1];
  if (!record) throw new Error(`no record ${sequence}`);
  return record;
}

/** What somebody who may write everywhere would do: change a record and mend all that follow, up to `last`. */
function rechained(sequence: number, change: Partial<LedgerRecord>, last: number): ChainEntry[] {
  const forged = [...records];
  forged[sequence - 1] = { ...at(sequence), ...change };
  for (let index = sequence; index < last; index++) {
    const [before, record] = [forged[index - 1], forged[index]];
    if (before && record) {
      forged[index] = { ...record, from: before.to, previous: recordDigest(serializeRecord(before)) };
    }
  }
  return entriesOf(forged);
}

describe('Chain of a ledger', () => {
  it('holds for an honest history, in any order, and comes back oldest first', () => {
    fc.assert(
      fc.property(
        steps.chain((history) => {
          const chain = recordsOf(history);
          return fc.tuple(fc.constant(chain), fc.shuffledSubarray(entriesOf(chain), { minLength: chain.length }));
        }),
        ([chain, shuffled]) => {
          expect(verifyChain(shuffled)).toEqual({ records: chain, findings: [], notes: [] });
        },
      ),
    );
  });

  it('holds when empty', () => {
    expect(verifyChain([])).toEqual({ records: [], findings: [], notes: [] });
  });

  it('shows any byte that was flipped before the newest record', () => {
    const flips = fc.record({
      index: fc.nat({ max: honest.length - 2 }),
      place: fc.nat({ max: 10_000 }),
      bit: fc.nat({ max: 6 }),
    });
    fc.assert(
      fc.property(flips, ({ index, place, bit }) => {
        const entries = honest.map((entry, other) => {
          if (other !== index) return entry;
          const bytes = Buffer.from(entry.body);
          bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ (1 << bit);
          return { ...entry, body: bytes.toString() };
        });
        expect(verifyChain(entries).findings).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('shows a record that is missing in the middle, or at the beginning', () => {
    expect(problems(honest.filter((_, index) => index !== 2))).toEqual(['4 Gap']);
    expect(problems(honest.slice(2))).toEqual(['3 Gap']);
    expect(verifyChain(honest.slice(2)).findings[0]?.message).toBe('record 3 follows record 0: 2 missing between them');
  });

  it('shows two records that changed places', () => {
    const [one, two, three, ...rest] = honest as [ChainEntry, ChainEntry, ChainEntry];
    const swapped = [one, { ...two, body: three.body }, { ...three, body: two.body }, ...rest];
    expect(problems(swapped)).toEqual(expect.arrayContaining(['2 WrongKey', '3 WrongKey', '2 WrongPrevious']));
  });

  it('shows a fork, and accepts either branch as the one that goes on', () => {
    const [, two] = honest as [ChainEntry, ChainEntry];
    const twin = { ...two, body: serializeRecord({ ...at(2), requestId: 'another' }) };
    expect(problems([...honest, twin])).toEqual(['2 Fork']);
  });

  it('shows a record that was edited', () => {
    expect(problems(withRecord(2, { reason: 'never mind' }))).toEqual(['3 WrongPrevious']);
    expect(problems(withRecord(2, { to: released(4) }))).toEqual(['3 WrongPrevious', '3 WrongFrom']);
    expect(problems(withRecord(1, { from: released(9) }))).toEqual(['1 WrongFrom', '2 WrongPrevious']);
    expect(problems(withRecord(1, { previous: '0'.repeat(64) }))).toEqual(['1 WrongPrevious', '2 WrongPrevious']);
  });

  it('shows a record of another alias, and one under another key', () => {
    expect(problems(withRecord(5, { alias: 'STAGING' }))).toEqual(['5 WrongKey', '5 OtherAlias']);
    expect(problems(withRecord(5, { prompt: 'triage' }))).toEqual(['5 OtherAlias']);
    expect(problems(withRecord(5, { sequence: 6 }))).toEqual(['5 WrongKey']);
  });

  it('shows what is no record, and goes on behind it', () => {
    expect(problems(honest.map((entry, index) => (index === 1 ? { ...entry, body: '{}' } : entry)))).toEqual([
      '2 BadRecord',
      '3 WrongPrevious',
    ]);
    expect(problems([...honest, { key: 'ledger/notes.txt', body: 'hello' }])).toEqual(['null BadKey']);
  });

  it('shows a chain that was mended from the middle, but not to the end', () => {
    expect(problems(rechained(2, { to: released(4) }, 4))).toEqual(['5 WrongPrevious']);
  });

  describe('alone cannot show, but against digests noted elsewhere does', () => {
    const known = new Map(honest.map(({ body }, index) => [index + 1, recordDigest(body)]));

    it('that the newest records were cut off', () => {
      expect(problems(honest.slice(0, 3))).toEqual([]);
      expect(problems(honest.slice(0, 3), known)).toEqual(['4 NotAsKnown', '5 NotAsKnown']);
    });

    it('that the newest record was edited', () => {
      expect(problems(withRecord(5, { reason: 'asked for' }))).toEqual([]);
      expect(problems(withRecord(5, { reason: 'asked for' }), known)).toEqual(['5 NotAsKnown']);
    });

    it('that everything from the middle to the end was rewritten', () => {
      const forged = rechained(2, { to: released(4) }, 5);
      expect(problems(forged)).toEqual([]);
      expect(problems(forged, new Map([[5, known.get(5) ?? '']]))).toEqual(['5 NotAsKnown']);
    });

    it('nothing, when all is as noted', () => {
      expect(problems(honest, known)).toEqual([]);
    });
  });
});
