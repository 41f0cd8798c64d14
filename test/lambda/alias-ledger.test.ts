import { describe, expect, it } from 'vitest';
import { ledgerKey, ledgerPrefix } from '../../core/ledger-key';
import { AliasLedger } from '../../lambda/alias-ledger';
import { MemoryBucket } from './stores';

const PROMPT = 'ABCDEFGHIJ';

/** Records 1 to 30, and before them in the alphabet as many objects that are none. */
function ledgerWithJunk(): AliasLedger {
  const bucket = new MemoryBucket();
  const prefix = ledgerPrefix(PROMPT, 'PROD');
  for (let index = 0; index < 250; index++)
    bucket.objects.set(`${prefix}0000-${String(index).padStart(3, '0')}.txt`, 'junk');
  for (let sequence = 1; sequence <= 30; sequence++) {
    bucket.objects.set(ledgerKey(PROMPT, 'PROD', sequence), String(sequence));
  }
  return new AliasLedger(bucket, PROMPT, 'PROD');
}

describe('the newest records of a ledger', () => {
  it('are found behind any number of objects that are no records', async () => {
    const found = await ledgerWithJunk().newest(20);
    expect(found.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => 30 - index));
  });

  it('go back to the sequence number that is asked for', async () => {
    const found = await ledgerWithJunk().newest(2, 25);
    expect(found.map(({ sequence }) => sequence)).toEqual([30, 29, 28, 27, 26]);
  });
});
