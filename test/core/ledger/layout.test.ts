import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  archiveKey,
  claimKey,
  FOLDERS,
  groupKeys,
  groupsOfPolicy,
  keyKind,
  ledgerKey,
  ledgerPrefix,
  parseArchiveKey,
  parseClaimKey,
  reasonKey,
  sequenceOfKey,
} from '../../../core/ledger/layout';

const sequences = fc.integer({ min: 1, max: 99_999_998 });
const digest = `pd1:${'a1'.repeat(32)}`;

describe('Ledger keys', () => {
  it('are frozen', () => {
    expect(ledgerPrefix('ABCDEFGHIJ', 'PROD')).toBe('ledger/ABCDEFGHIJ/PROD/');
    expect(ledgerKey('ABCDEFGHIJ', 'PROD', 1)).toBe('ledger/ABCDEFGHIJ/PROD/99999998.json');
    expect(ledgerKey('ABCDEFGHIJ', 'PROD', 99_999_998)).toBe('ledger/ABCDEFGHIJ/PROD/00000001.json');
    expect(archiveKey('ABCDEFGHIJ', 3, digest)).toBe(`versions/ABCDEFGHIJ/3-${digest}.json`);
  });

  it('list the newest first', () => {
    fc.assert(
      fc.property(sequences, sequences, (one, other) => {
        const [first, second] = [ledgerKey('P', 'A', one), ledgerKey('P', 'A', other)];
        expect(first < second).toBe(one > other);
      }),
    );
  });

  it('tell their sequence number', () => {
    fc.assert(fc.property(sequences, (sequence) => sequenceOfKey(ledgerKey('P', 'A', sequence)) === sequence));
  });

  it.each([0, -1, 1.5, 99_999_999, Number.NaN])('refuse the sequence number %d', (sequence) => {
    expect(() => ledgerKey('P', 'A', sequence)).toThrow(expect.objectContaining({ code: 'BadLedgerKey' }));
  });

  it.each([
    '',
    'ledger/P/A/1.json',
    'ledger/P/A/99999999.json',
    'ledger/P/99999998.json',
    'x/ledger/P/A/99999998.json',
  ])('refuse the key %j', (key) => {
    expect(() => sequenceOfKey(key)).toThrow(expect.objectContaining({ code: 'BadLedgerKey' }));
  });

  it('of the archive tell prompt, version and digest, and ignore foreign objects', () => {
    const parsed = { promptId: 'ABCDEFGHIJ', version: 12, digest };
    expect(parseArchiveKey(archiveKey('ABCDEFGHIJ', 12, digest))).toEqual(parsed);
    expect(parseArchiveKey('versions/ABCDEFGHIJ/12.json')).toBeUndefined();
    expect(parseArchiveKey(`versions/ABCDEFGHIJ/0-${digest}.json`)).toBeUndefined();
    expect(parseArchiveKey(`ledger/ABCDEFGHIJ/12-${digest}.json`)).toBeUndefined();
  });
});

describe('The layout of the ledger bucket', () => {
  it('knows what each key is for', () => {
    const digest = `pd1:${'0'.repeat(64)}`;
    expect(keyKind(ledgerKey('ABCDEFGHIJ', 'PROD', 1))).toBe('record');
    expect(keyKind(archiveKey('ABCDEFGHIJ', 3, digest))).toBe('archive');
    expect(keyKind(claimKey('ABCDEFGHIJ', digest, 3))).toBe('claim');
    expect(parseClaimKey(claimKey('ABCDEFGHIJ', digest, 3))).toEqual({ promptId: 'ABCDEFGHIJ', digest, after: 3 });
    expect(keyKind(reasonKey('arn:aws:cloudformation:…', 1_700_000_000_000))).toBe('reason');
    expect(['reviews/x', 'ledger/x.json', `versions/A/claims/${digest}-after-x.json`].map(keyKind)).toEqual([
      ...[null, null, null],
    ]);
  });

  it('tells which groups a policy names', () => {
    const resources = ['risk', 'legal-2', 'risk'].map((group) => ({
      'Fn::Join': ['', ['arn', `/${groupKeys(group)}`]],
    }));
    expect(groupsOfPolicy(JSON.stringify({ resources, others: [`${FOLDERS.reviews}*`] }))).toEqual(['legal-2', 'risk']);
  });

  it('is written nowhere else', () => {
    const sources = ['core', 'lambda', 'cli', 'lib', 'client', 'studio', 'bin'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    );
    const own = sources.filter((file) => file.endsWith('.ts') && file !== join('core', 'ledger', 'layout.ts'));
    const second = own.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(
          (line) =>
            /(['`]|\/\^)(ledger|versions|reasons|reviews)\\?\//.test(line) && !/^\s*(\*|\/\*|\/\/|')/.test(line),
        )
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(second).toEqual([]);
  });
});
