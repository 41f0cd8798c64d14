import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../core/ledger/entries';
import { ledgerKey, ledgerPrefix } from '../../core/ledger/layout';
import { AliasLedger } from '../../lambda/alias-ledger';
import { MemoryBucket } from './stores';

const PROMPT = 'ABCDEFGHIJ';

/** A bucket that notes what is asked of it, with records 1 to `length`. */
class AskedBucket extends MemoryBucket {
  lists = 0;
  reads = 0;

  constructor(length: number) {
    super();
    for (let sequence = 1; sequence <= length; sequence++) {
      this.objects.set(ledgerKey(PROMPT, 'PROD', sequence), String(sequence));
    }
  }

  override list(prefix: string, limit: number, after?: string) {
    this.lists += 1;
    return super.list(prefix, limit, after);
  }

  override read(key: string) {
    this.reads += 1;
    return super.read(key);
  }

  get ledger() {
    return new AliasLedger(this, PROMPT, 'PROD');
  }
}

async function newest(entries: AsyncIterable<LedgerEntry>, count: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of entries) if (found.push(sequence) === count) break;
  return found;
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe('the records of a ledger', () => {
  it('are found behind any number of objects that are no records', async () => {
    const bucket = new AskedBucket(30);
    for (let index = 0; index < 250; index++) {
      bucket.objects.set(`${ledgerPrefix(PROMPT, 'PROD')}0000-${String(index).padStart(3, '0')}.txt`, 'junk');
    }
    expect(await newest(bucket.ledger.entries(), 1_000)).toEqual(down(30, 1));
  });

  it('come newest first, from all pages', async () => {
    const bucket = new AskedBucket(333);
    expect(await newest(bucket.ledger.entries(), 1_000)).toEqual(down(333, 1));
    expect(bucket.reads).toBe(333);
  });

  it('are not read before somebody asks for them, and once however often they are gone through', async () => {
    const bucket = new AskedBucket(333);
    const entries = bucket.ledger.entries();
    expect(bucket).toMatchObject({ lists: 0, reads: 0 });

    expect(await newest(entries, 2)).toEqual([333, 332]);
    expect(await newest(entries, 3)).toEqual([333, 332, 331]);
    expect(bucket).toMatchObject({ lists: 1, reads: 4 });

    expect(await Promise.all([newest(entries, 60), newest(entries, 70)])).toEqual([down(333, 274), down(333, 264)]);
    expect(bucket).toMatchObject({ lists: 2 });
    expect(bucket.reads).toBeLessThan(100);
  });
});
