import { describe, expect, it } from 'vitest';
import { waitingLines } from '../../cli/reviews/waiting-lines';
import type { WaitingRequest } from '../../cli/reviews/waiting-requests';

const terminal = { glyphs: { arrow: '→' } } as Parameters<typeof waitingLines>[1];
const request = (alias: string, version: number, ...waitsFor: string[]): WaitingRequest => {
  return { prompt: 'advisor', alias, version, digest: `pd1:${'ab'.repeat(32)}`, asked: ['alice'], waitsFor };
};
const lines = (requests: WaitingRequest[], notes: string[] = []) => waitingLines({ requests, notes }, terminal);

describe('what waits for an approval', () => {
  it('is nothing where nobody asks', () => expect(lines([])).toEqual([]));

  it('is one line for each of those who are waited for', () => {
    const all = [
      request('PROD', 2, 'risk'),
      request('CANARY', 3, 'risk', 'legal'),
      request('LIVE', 2),
      request('EU', 4, 'risk'),
    ];
    expect(lines(all, ['more may not be read'])).toEqual([
      '2 requests wait for risk: advisor PROD → 2, advisor EU → 4',
      '1 request waits for risk and legal: advisor CANARY → 3',
      '1 request is agreed to and not released: advisor LIVE → 2',
      'more may not be read',
    ]);
  });
});
