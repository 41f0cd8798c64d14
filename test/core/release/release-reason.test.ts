import { describe, expect, it } from 'vitest';
import { reasonKey, reasonPrefix, timeOfReasonKey } from '../../../core/ledger/layout';
import {
  checkReleaseReason,
  parseReason,
  RELEASE_REASON_PATTERN,
  type ReleaseReason,
  serializeReason,
} from '../../../core/release/release-reason';

const STACK = 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts-prod/0f0e';
const REASON: ReleaseReason = {
  schema: 1,
  ...{ stackId: STACK, operation: 'deploy-1', operationTime: 'time:2026-11-22T00:00:00.000Z' },
  ...{ reason: 'ticket 4711: „Zinsen“', requestId: 'r1', time: '2026-11-22T00:00:01.000Z' },
};

describe('the key of a reason', () => {
  it('lists the newest first, under one hash per stack', () => {
    const times = [0, 999, Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 22) + 1, Date.UTC(2200, 0, 1)];
    const keys = times.map((time) => reasonKey(STACK, time));
    expect([...keys].sort()).toEqual([...keys].reverse());
    expect(keys.map(timeOfReasonKey)).toEqual(times);
    expect(keys[0]).toMatch(/^reasons\/[0-9a-f]{64}\/9{13}\.json$/);
    expect(reasonPrefix(STACK)).not.toBe(reasonPrefix(STACK.replace('0f0e', '0f0f')));
  });

  it('is told from other objects', () => {
    expect(timeOfReasonKey('ledger/ABCDEFGHIJ/PROD/99999998.json')).toBeUndefined();
  });
});

describe('a reason', () => {
  it('is read as it was written', () => {
    expect(parseReason(serializeReason(REASON))).toEqual(REASON);
  });

  it.each(['', '{}', 'null', '[]', serializeReason(REASON).slice(0, 40), '{"schema":2}'])('is not %s', (body) => {
    expect(() => parseReason(body)).toThrow(expect.objectContaining({ code: 'BadReleaseReason' }));
  });

  it.each([
    ['', 'found none'],
    ['   ', 'found none'],
    ['x'.repeat(501), 'found 501: shorten it'],
    ['one\ntwo', 'a line break'],
    ['\u001b[31mred', 'another control character'],
    ['\u0085', 'a line break, another control character'],
    ['{{resolve:secretsmanager:bank}}', 'or {{'],
  ])('that reads %j is refused', (text, message) => {
    expect(() => checkReleaseReason(text)).toThrow(message);
  });

  it.each(['ticket 4711', 'x'.repeat(500), 'für Anna — 審査済み {ok}'])('may read %s', (text) => {
    checkReleaseReason(text);
    expect(new RegExp(`^(?:${RELEASE_REASON_PATTERN})$`).test(text)).toBe(true);
  });
});
