import { describe, expect, it } from 'vitest';
import { reviewKey } from '../../../core/ledger/layout';
import { personOf, type ReviewKind, serializeReview } from '../../../core/ledger/review';
import {
  currentReviews,
  nextReviewNumber,
  type ReviewSource,
  reviewedDigests,
  reviewThread,
} from '../../../core/ledger/review-source';

const digest = `pd1:${'a1'.repeat(32)}`;
const content = { promptId: 'ABCDEFGHIJ', alias: 'PROD', digest };
const bob = 'AROARISK0000000000001:bob';

function entry(kind: ReviewKind, number: number, { signer = bob, group = 'risk' } = {}): [string, string] {
  const names = { group, registry: '/p', promptId: 'ABCDEFGHIJ', prompt: 'p', alias: 'PROD', digest };
  const rest = { version: 1, live: null, comment: null, time: '2026-12-02T09:00:00.000Z' };
  const key = reviewKey({ ...content, group, signer, number });
  return [key, serializeReview({ schema: 1, kind, ...names, ...rest })];
}

class Bucket implements ReviewSource {
  readonly read: ReviewSource['read'];
  reads = 0;
  lists = 0;
  /** Times that a read began while none was under way. */
  rounds = 0;
  private underWay = 0;

  constructor(private readonly bodies: ReadonlyMap<string, string>) {
    this.read = async (key) => {
      this.reads += 1;
      this.rounds += this.underWay++ === 0 ? 1 : 0;
      await Promise.resolve();
      this.underWay--;
      return bodies.get(key);
    };
  }

  async folders(prefix: string) {
    const under = [...this.bodies.keys()].filter((key) => key.startsWith(prefix));
    return [...new Set(under.map((key) => key.slice(prefix.length)))]
      .filter((rest) => rest.includes('/'))
      .map((rest) => rest.slice(0, rest.indexOf('/')))
      .filter((name, index, names) => names.indexOf(name) === index);
  }

  async listObjects(prefix: string, limit: number, after = '') {
    this.lists += 1;
    const keys = [...this.bodies.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return keys.slice(0, limit).map((key, index) => ({
      ...{ key, size: this.bodies.get(key)?.length ?? 0 },
      time: new Date(Date.UTC(2026, 11, 2) + index),
    }));
  }
}

const current = (bucket: Bucket, ...groups: string[]) => currentReviews(bucket, content, { groups, runners: [] }, '/p');

describe('A thread', () => {
  it('has the newest of each signer, and says of whom there are more', async () => {
    const alice = { signer: 'AROAAUTH0000000000001:alice', group: 'authors' };
    const many = (count: number) => Array.from({ length: count }, (_, index) => entry('evaluate', index + 1));
    const thread = (count: number) =>
      reviewThread(new Bucket(new Map([...many(count), entry('request', 1, alice)])), content, '/p');
    const older = (found: Awaited<ReturnType<typeof thread>>) =>
      found.flatMap(({ hasOlder, address }) => (hasOlder ? [[personOf(address.signer), address.number]] : []));
    const [whole, cut] = [await thread(100), await thread(1_000)];
    expect([whole.length, older(whole)]).toEqual([101, []]);
    expect([cut.length, older(cut)]).toEqual([101, [['bob', 901]]]);
  });
});

describe('Current reviews', () => {
  it('are the newest of each signer in the groups that are asked for', async () => {
    const carol = { signer: 'AROARISK0000000000001:carol' };
    const alice = { signer: 'AROAAUTH0000000000001:alice', group: 'authors' };
    const bucket = new Bucket(
      new Map([
        ...Array.from({ length: 1_000 }, (_, index) => entry('request', index + 1, alice)),
        entry('approve', 1),
        entry('reject', 2),
        entry('approve', 1, carol),
      ]),
    );
    const found = await current(bucket, 'risk', 'authors', 'risk');
    const said = found.map(({ address, review }) => [personOf(address.signer), address.number, review?.kind]);
    expect(said).toEqual([
      ['bob', 2, 'reject'],
      ['carol', 1, 'approve'],
      ['alice', 1_000, 'request'],
    ]);
    expect(bucket.reads).toBe(3);
    expect((await current(bucket, 'risk')).length).toBe(2);
  });

  it('go on past what counts for nothing and evaluations, and come to an end', async () => {
    const junk = (number: number): [string, string] => [entry('approve', number)[0], '{'];
    const found = await current(new Bucket(new Map([entry('reject', 1), entry('evaluate', 2), junk(3)])), 'risk');
    expect(found.map(({ address, review }) => [address.number, review?.kind])).toEqual([
      [3, undefined],
      [2, 'evaluate'],
      [1, 'reject'],
    ]);
    expect(found.some(({ hasOlder }) => hasOlder)).toBe(false);
  });

  it.each([
    ['100, and one more', 101, true],
    ['100, and more than a page', 1_001, true],
    ['100', 100, undefined],
    ['99 and a rejection', 99, undefined],
  ])('say where a signer has more than are read: %s', async (_, count, hasOlder) => {
    const others = Array.from({ length: count }, (_, index) => entry('evaluate', index + 2));
    const found = await current(
      new Bucket(new Map([...(count === 100 ? [] : [entry('reject', 1)]), ...others])),
      'risk',
    );
    expect(found.length).toBe(100);
    expect(found.map((review) => review.hasOlder)).toEqual([...Array(99).fill(undefined), hasOlder]);
  });

  it('are all runs of those who run suites, up to a hundred of a signer, many of them at a time', async () => {
    const runs = (count: number) => Array.from({ length: count }, (_, index) => entry('evaluate', index + 2));
    const read = async (bucket: Bucket) =>
      currentReviews(bucket, content, { groups: ['risk'], runners: ['risk'] }, '/p');
    const fifty = new Bucket(new Map([entry('approve', 1), ...runs(49)]));
    const found = await read(fifty);
    expect(found.map(({ address }) => address.number)).toEqual(Array.from({ length: 50 }, (_, index) => 50 - index));
    expect(found.some(({ hasOlder }) => hasOlder)).toBe(false);
    expect([fifty.reads, fifty.lists, fifty.rounds]).toEqual([50, 1, 2]);
    for (const [count, hasOlder] of [
      [100, undefined],
      [101, true],
      [1_200, true],
    ] as const) {
      const many = await read(new Bucket(new Map(runs(count))));
      expect([many.length, many.at(-1)?.hasOlder], `${count}`).toEqual([100, hasOlder]);
    }
  });

  it('do not read what is too large, nor keys that are none', async () => {
    const [key] = entry('approve', 1);
    const foreign = key.replace('99999998', 'approved');
    const nested = key.replace(bob, `${bob}/AROAEVIL0000000000001:eve`);
    const bucket = new Bucket(
      new Map([
        [key, 'x'.repeat(10_000_000)],
        [foreign, '{}'],
        [nested, '{}'],
      ]),
    );
    const [found, ...others] = await current(bucket, 'risk');
    expect([found?.sha256, found?.problem, others]).toEqual([null, expect.stringContaining('65536 bytes'), []]);
    expect(bucket.reads).toBe(0);
  });
});

describe('The thread of a content', () => {
  it('is all that was said about it, newest first', async () => {
    const bucket = new Bucket(
      new Map([entry('reject', 1), entry('approve', 2), entry('request', 1, { group: 'authors' })]),
    );
    const thread = await reviewThread(bucket, content, '/p');
    expect(thread.map(({ review }) => review?.kind)).toEqual(['reject', 'request', 'approve']);
    expect(await reviewedDigests(bucket, 'ABCDEFGHIJ', 'PROD')).toEqual([digest]);
    expect(await nextReviewNumber(bucket, { ...content, group: 'risk', signer: bob })).toBe(3);
    expect(await nextReviewNumber(bucket, { ...content, group: 'legal', signer: bob })).toBe(1);
  });
});
