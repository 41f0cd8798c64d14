import { describe, expect, it } from 'vitest';
import { NO_ALIAS, reviewKey } from '../../../core/ledger/layout';
import { type ReviewKind, serializeReview } from '../../../core/ledger/review';
import { reviewMessage, type WrittenReview } from '../../../core/ledger/review-message';

const REGISTRY = '/prompts/prod';
const SIGNER = 'AROARISK000000000001:Bob@bank.example';
const DIGEST = `pd1:${'c2'.repeat(32)}`;

function written(kind: ReviewKind, change: Record<string, unknown> = {}): WrittenReview {
  const alias = kind === 'comment' ? NO_ALIAS : 'PROD';
  const names = { promptId: 'ABCDEFGHIJ', alias, digest: DIGEST, group: 'risk' };
  const said = { kind, registry: REGISTRY, prompt: 'financial-analysis', version: 3, live: null };
  const time = '2026-12-02T09:00:00.000Z';
  const body = serializeReview({ schema: 1, ...names, ...said, comment: 'see https://bank.example', time });
  return {
    key: reviewKey({ ...names, signer: SIGNER, number: 1 }),
    body: JSON.stringify({ ...JSON.parse(body), ...change }),
    time: new Date(time),
    writer: SIGNER,
    event: 'Event: 1234, account 111122223333, us-east-1.',
  };
}
const message = (review: WrittenReview) => reviewMessage(review, REGISTRY).split('\n');

describe('The message of a review', () => {
  it.each([
    ['request', 'asks for a release of'],
    ['approve', 'approved'],
    ['reject', 'rejected'],
    ['evaluate', 'evaluated'],
  ] as const)('says of a review of kind %s who %s what, as which group, and the command', (kind, deed) => {
    const review = written(kind);
    expect(message(review)).toEqual([
      `bob@bank.example, as risk, ${deed} financial-analysis version 3 (pd1:c2c2c2c2…) for PROD. Registry /prompts/prod, prompt ABCDEFGHIJ.`,
      `To see all of it: prompt-registry review financial-analysis PROD --to ${DIGEST}`,
      `Written by ${SIGNER} at 2026-12-02T09:00:00.000Z. Event: 1234, account 111122223333, us-east-1.`,
      `Object: ${review.key}`,
    ]);
  });

  it('says of a comment on what it is, for whatever alias', () => {
    const [what, command] = message(written('comment'));
    expect(what).toContain('commented on financial-analysis version 3 (pd1:c2c2c2c2…). Registry');
    expect(command).toBe('To see all of it: prompt-registry show financial-analysis:3');
  });

  it('holds no comment, and no name that is none', () => {
    const review = written('approve', { prompt: 'urgent: https://evil.example\n', comment: 'https://evil.example' });
    expect(message(review).join()).not.toContain('evil');
    expect(message(review)[0]).toContain('approved the prompt ABCDEFGHIJ version 3');
    expect(message(review)[1]).toContain('prompt-registry review PROMPT PROD --to');
  });

  it.each([
    ['was not read', undefined],
    ['is half written', '{"schema":1'],
    ['is of a schema to come', '{"schema":9,"kind":"approve"}'],
    ['is of another registry', written('approve', { registry: '/prompts/dev' }).body],
    ['is of another alias', written('approve', { alias: 'CANARY' }).body],
  ])('says by the key what counts for nothing: one that %s', (_, body) => {
    const [what] = message({ ...written('approve'), body });
    expect(what).toMatch(
      /^bob@bank\.example, as risk, wrote a review of .* \(pd1:c2c2c2c2…\) for PROD that counts for nothing/,
    );
  });

  it('says aloud where somebody else wrote it than its key names', () => {
    const lines = message({ ...written('approve'), writer: 'AROAADMIN00000000001:eve' });
    expect(lines[1]).toMatch(/^IT WAS NOT WRITTEN BY WHO IT NAMES, but by AROAADMIN00000000001:eve/);
  });

  it('says of an object that is no review that it is none, in lines of its own', () => {
    const lines = message({ ...written('approve'), key: 'reviews/note\nbob approved.txt' });
    expect(lines[0]).toBe('Somebody put an object under reviews/ of the registry /prompts/prod that is no review.');
    expect(lines.at(-1)).toBe('Object: reviews/note\\x0abob approved.txt');
  });
});
