import { expect, test } from 'vitest';
import { reviewKey } from '../../core/ledger/layout';
import { handleReviewEvent } from '../../lambda/review-message/handler';

const signer = 'AROARISK000000000001:bob';
const address = { promptId: 'ABCDEFGHIJ', alias: 'PROD', digest: `pd1:${'c2'.repeat(32)}`, group: 'risk', signer };
const detail = {
  ...{ eventID: '1234', eventTime: '2026-12-02T09:00:00Z', awsRegion: 'us-east-1', recipientAccountId: '111122223333' },
  ...{ sourceIPAddress: '10.0.0.1', userIdentity: { principalId: signer } },
  requestParameters: { key: reviewKey({ ...address, number: 1 }) },
};

test('A review that cannot be read is told by its key', async () => {
  const published: string[] = [];
  const logged: unknown[] = [];
  await handleReviewEvent(
    { detail },
    {
      read: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })),
      publish: async (message) => void published.push(message),
      log: (...line) => void logged.push(line),
      registry: '/prompts/prod',
    },
  );
  expect(published).toEqual([expect.stringMatching(/^bob, as risk, wrote a review of the prompt ABCDEFGHIJ/)]);
  expect(published[0]).toContain(
    'at 2026-12-02T09:00:00.000Z. From 10.0.0.1. Event: 1234, account 111122223333, us-east-1.',
  );
  expect(logged).toEqual([['WARN', 'review not read', { error: 'AccessDenied' }]]);
});

test('A message that was not published is an error, so that Lambda tries again', async () => {
  const deps = { read: async () => undefined, log: () => {}, registry: '/prompts/prod' };
  const publish = () => Promise.reject(new Error('SNS is away'));
  await expect(handleReviewEvent({ detail }, { ...deps, publish })).rejects.toThrow('SNS is away');
});
