import { describe, expect, it } from 'vitest';
import { printable } from '../../cli/styled-text';
import { table } from '../../cli/table';
import { didYouMean } from '../../core/text/did-you-mean';
import { fakeTerminal } from './fake-terminal';

const HEADINGS = ['PROMPT', 'NEWEST', 'ALIAS', 'VERSION', 'SINCE', 'ALSO CALLABLE'];

describe('A table in 80 columns', () => {
  it.each([10, 24, 25, 40, 48])('cuts no name of %i characters', (length) => {
    const names = Array.from({ length: 500 }, (_, index) => `${index}-`.padEnd(length, 'financial-analysis-'));
    const rows = names.map((name) => [name, '12', 'STAGING', '12', '5 minutes ago', '11']);
    const text = printable(table(HEADINGS, rows, fakeTerminal(80, { NO_COLOR: '1' }).terminal));
    for (const name of names) expect(text).toContain(name);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    // Two lines at most for each, where cards would take six.
    expect(text.split('\n').length).toBeLessThan(2.1 * 500);
  });
});

describe('A name that was mistyped', () => {
  it.each([
    ['Advisor', 'advisor'],
    ['advsior', 'advisor'],
    ['advisr', 'advisor'],
    ['tick', 'ticket-triage'],
    ['prod', 'PROD'],
    ['xyz', undefined],
    ['', undefined],
    ['sorter', undefined],
  ])('%j may be %j', (name, meant) => {
    expect(didYouMean(name, ['advisor', 'ticket-triage', 'PROD', 'sorter-1', 'sorter-2'])).toBe(meant);
  });
});
