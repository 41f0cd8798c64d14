import { expect, it } from 'vitest';
import { type AliasHistory, historiesText } from '../../cli/history-text';
import type { VersionComment } from '../../cli/reviews/comments-on';
import { fakeTerminal } from './fake-terminal';

const comment = (version: number, time: string): VersionComment => ({
  version,
  time,
  digest: `pd1:${`c${version}`.repeat(32)}`,
  person: 'bob',
  group: 'risk',
  kind: 'comment',
  alias: null,
  comment: `about ${version}`,
});
const [older, newer] = [comment(1, '2026-11-20T09:00:00Z'), comment(2, '2026-11-29T09:00:00Z')];
const history = (alias: string, comments?: VersionComment[]): AliasHistory => ({
  alias,
  prompt: 'advisor',
  stack: 'Prompts',
  records: [],
  findings: [],
  notes: [],
  ...(comments && { comments }),
});

const said = (histories: readonly AliasHistory[], since?: Date) => {
  const text = historiesText(histories, { since, count: Number.POSITIVE_INFINITY }, fakeTerminal(undefined).terminal);
  return text.match(/:\d\s+about \d/g)?.map((line) => line.replace(/\s+/, ' ')) ?? [];
};

it('comments on versions that several aliases came to are told once, the newest first', () => {
  expect(said([history('STAGING', [newer, older]), history('PROD', [older])])).toEqual([':2 about 2', ':1 about 1']);
});

it('comments of before the span are left out', () => {
  expect(said([history('STAGING', [newer, older])], new Date('2026-11-25'))).toEqual([':2 about 2']);
  expect(said([history('STAGING', [newer, older]), history('PROD')], new Date('2026-11-30'))).toEqual([]);
});
