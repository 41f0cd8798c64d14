import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyKind, NO_ALIAS, parseReviewKey, type ReviewAddress, reviewKey } from '../../../core/ledger/layout';
import {
  checkComment,
  parseReview,
  personOf,
  type Review,
  serializeReview,
  signedReview,
  standingReviews,
} from '../../../core/ledger/review';

const digest = `pd1:${'a1'.repeat(32)}`;
const address: ReviewAddress = {
  promptId: 'ABCDEFGHIJ',
  alias: 'PROD',
  digest,
  group: 'risk',
  signer: 'AROARISK0000000000001:bob@bank.example',
  number: 1,
};
const review: Review = {
  schema: 1,
  kind: 'approve',
  group: 'risk',
  registry: '/prompts/prod',
  promptId: 'ABCDEFGHIJ',
  prompt: 'financial-analysis',
  alias: 'PROD',
  digest,
  version: 2,
  live: null,
  comment: null,
  time: '2026-12-02T09:00:00.000Z',
};
const time = new Date('2026-12-02T09:00:01.000Z');
const signed = (change: Partial<Review>, at: Partial<ReviewAddress> = {}) =>
  signedReview(
    { key: reviewKey({ ...address, ...at }), body: `${JSON.stringify({ ...review, ...change })}\n`, time },
    '/prompts/prod',
  );

describe('The key of a review', () => {
  it('is frozen, and lists the newest of a signer first', () => {
    const key = `reviews/ABCDEFGHIJ/PROD/${digest}/@risk/AROARISK0000000000001:bob@bank.example/99999998.json`;
    expect(reviewKey(address)).toBe(key);
    expect(parseReviewKey(key)).toEqual(address);
    expect(reviewKey({ ...address, number: 2 }) < key).toBe(true);
    expect(keyKind(key)).toBe('review');
    expect(keyKind(reviewKey({ ...address, alias: NO_ALIAS }))).toBe('review');
  });

  it.each([
    { promptId: 'ABCDEFGHI' },
    { promptId: 'ABCDEFGH/J' },
    { alias: '1PROD' },
    { alias: '@risk' },
    { alias: 'PROD/x' },
    { digest: 'pd1:0' },
    { group: 'Risk' },
    { group: 'risk/@authors' },
    { signer: 'AIDAUSER000000000001' },
    { signer: 'AROARISK0000000000001:b' },
    { signer: 'AROARISK0000000000001:bob/eve' },
    { signer: 'AROARISK0000000000001:bób' },
    { signer: '111122223333:bob' },
    { number: 0 },
    { number: 100_000_000 },
    { number: 1.5 },
  ])('has no other form: %j', (change) => {
    expect(() => reviewKey({ ...address, ...change })).toThrow(expect.objectContaining({ code: 'InvalidReview' }));
  });

  it('begins and ends as one', () => {
    const key = reviewKey(address);
    for (const other of [`x${key}`, `${key}x`, `${key}\n`, `${key}/99999998.json`, key.replace('.json', 'xjson')]) {
      expect(parseReviewKey(other)).toBeUndefined();
    }
  });

  it('counts for nobody else, whatever a signer writes under their own name', () => {
    // What the bucket's policy lets Mallory write: reviews/*/${aws:userid}/????????.json, where * matches slashes.
    const mallory = 'AROARISK0000000000001:mallory';
    const part = fc.oneof(
      fc.constantFrom('ABCDEFGHIJ', 'PROD', '~', digest, '@risk', '@authors', mallory, address.signer, '99999998.json'),
      fc.constantFrom('', '..', '.', '@', 'AROARISK0000000000001:', `${address.signer}/99999998.json`, '%2F', '\n'),
      fc.string({ maxLength: 12 }),
    );
    const digits = fc.oneof(
      fc.integer({ min: 0, max: 99_999_999 }).map((number) => String(number).padStart(8, '0')),
      fc.string({ minLength: 8, maxLength: 8 }),
    );
    const isWhole = fc.constant(['ABCDEFGHIJ', 'PROD', digest, '@risk']);
    const middle = fc.oneof(
      { weight: 1, arbitrary: isWhole },
      { weight: 9, arbitrary: fc.array(part, { maxLength: 9 }) },
    );
    let parsed = 0;
    fc.assert(
      fc.property(middle, digits, (parts, number) => {
        const found = parseReviewKey(`reviews/${[...parts, mallory].join('/')}/${number}.json`);
        if (found) parsed += 1;
        return found === undefined || personOf(found.signer) === 'mallory';
      }),
      { numRuns: 12_000 },
    );
    expect(parsed).toBeGreaterThan(100);
  });
});

describe('The body of a review', () => {
  it('is canonical, and read as it was written', () => {
    const body = serializeReview({ ...review, comment: 'checked against policy 7' });
    expect(body).toBe(
      `{"alias":"PROD","comment":"checked against policy 7","digest":"${digest}","group":"risk","kind":"approve","live":null,"prompt":"financial-analysis","promptId":"ABCDEFGHIJ","registry":"/prompts/prod","schema":1,"time":"2026-12-02T09:00:00.000Z","version":2}\n`,
    );
    expect(parseReview(body)).toEqual({ ...review, comment: 'checked against policy 7' });
  });

  it.each([
    ['half written', '{"schema":1,"kind":"appr'],
    ['of another schema', JSON.stringify({ ...review, schema: 9 })],
    ['no object', 'null'],
    ['without a field', JSON.stringify({ ...review, digest: undefined })],
    ['of a kind that nobody knows', JSON.stringify({ ...review, kind: 'override' })],
    ['a comment on an alias', JSON.stringify({ ...review, kind: 'comment' })],
    ['an approval of no alias', JSON.stringify({ ...review, alias: NO_ALIAS })],
    ['of 10 MB', JSON.stringify({ ...review, more: 'x'.repeat(10_000_000) })],
  ])('is refused: %s', (_, body) => {
    expect(() => parseReview(body)).toThrow(expect.objectContaining({ code: 'InvalidReview' }));
  });

  it('may have fields that are not known yet', () => {
    expect(parseReview(JSON.stringify({ ...review, kind: 'evaluate', suite: 'es1:0' })).kind).toBe('evaluate');
  });

  it.each([
    ['', 'found none'],
    ['  ', 'found none'],
    ['x'.repeat(501), 'found 501'],
    ['one\ntwo', 'U+000A'],
    ['paints\u001b[2K over', 'U+001B'],
    ['C1 \u0085', 'U+0085'],
    ['hid\u200bden', 'U+200B'],
    ['turned \u202e around', 'U+202E'],
    ['filler \u3164', 'U+3164'],
    ['tags \u{e0041}', 'U+E0041'],
    ['selector \ufe0f', 'U+FE0F'],
    ['line \u2028', 'U+2028'],
    ['half \ud800', 'U+D800'],
  ])('has a comment of which everything can be seen: %j', (comment, found) => {
    expect(() => checkComment(comment)).toThrow(expect.objectContaining({ code: 'InvalidReview' }));
    expect(() => checkComment(comment)).toThrow(found);
    expect(() => serializeReview({ ...review, comment })).toThrow(expect.objectContaining({ code: 'InvalidReview' }));
  });

  it('may be commented in any script, up to 500 characters', () => {
    for (const comment of ['geprüft', '確認しました', 'تمت المراجعة', '👍'.repeat(500)]) checkComment(comment);
  });
});

describe('A signed review', () => {
  it('counts where key and body agree', () => {
    expect(signed({})).toMatchObject({ address, time: '2026-12-02T09:00:01.000Z', review: { kind: 'approve' } });
    expect(signed({})?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    { registry: '/prompts/dev' },
    { promptId: 'BBCDEFGHIJ' },
    { alias: 'STAGING' },
    { digest: `pd1:${'b2'.repeat(32)}` },
    { group: 'authors' },
    { schema: 9 as 1 },
  ])('counts for nothing where the body says otherwise: %j', (change) => {
    expect(signed(change)).toMatchObject({ problem: expect.stringContaining('expected') });
    expect(signed(change)?.review).toBeUndefined();
  });

  it('counts for nothing where it is too large to be read', () => {
    const found = signedReview({ key: reviewKey(address), body: undefined, time }, '/prompts/prod');
    expect(found).toMatchObject({ sha256: null, problem: expect.stringContaining('65536 bytes') });
  });

  it('is of a person, whatever the role and the case', () => {
    expect(personOf('AROARISK0000000000001:Bob@Bank.Example')).toBe('bob@bank.example');
  });
});

describe('What a signer says', () => {
  const said = (...reviews: Parameters<typeof signed>[]) =>
    standingReviews(
      reviews.flatMap(([change, at]) => signed(change, at) ?? []),
      'risk',
    ).map((standing) => [standing.signed.address.number, standing.signed.review?.kind, standing.isNewest]);

  it('is the newest by number, in whatever order they are listed', () => {
    expect(said([{}, { number: 1 }], [{ kind: 'reject' }, { number: 2 }])).toEqual([[2, 'reject', true]]);
    expect(said([{ kind: 'reject' }, { number: 2 }], [{}, { number: 3 }])).toEqual([[3, 'approve', true]]);
  });

  it('is not taken back by an evaluation', () => {
    expect(said([{}, { number: 1 }], [{ kind: 'evaluate' }, { number: 2 }])).toEqual([[1, 'approve', true]]);
  });

  it('is known to be older than what cannot be read', () => {
    expect(said([{ kind: 'reject' }, { number: 1 }], [{ schema: 9 as 1 }, { number: 2 }])).toEqual([
      [1, 'reject', false],
    ]);
    expect(said([{ schema: 9 as 1 }, { number: 2 }])).toEqual([]);
  });

  it('is said as a member of the group', () => {
    expect(said([{ group: 'authors' }, { group: 'authors' }])).toEqual([]);
  });
});
