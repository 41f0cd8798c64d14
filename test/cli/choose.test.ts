import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fakeTerminal } from './fake-terminal';

const ESC = '\u001b';
const UP = `${ESC}[A`;
const DOWN = `${ESC}[B`;
const ENTER = '\r';

const choice = (name: string, closed?: string) => ({
  value: name,
  text: `${name}  since long ago`,
  short: name,
  more: `about ${name}`,
  ...(closed && { closed }),
});
const LIST = [choice('advisor'), choice('sorter', 'follows the app'), choice('triage'), choice('writer')];

describe('A list to choose from', () => {
  async function chosen(keys: readonly string[], columns = 80, choices = LIST) {
    const { terminal, output, type } = fakeTerminal(columns);
    const asked = terminal.choose('which prompt?', choices);
    asked.catch(() => {});
    for (const key of keys) {
      // The library is loaded by then, and each key is seen by itself.
      await expect.poll(output).toContain('Ctrl-C ends');
      await new Promise((resolve) => setTimeout(resolve, 20));
      type(key);
    }
    return { answer: await asked, output: stripVTControlCharacters(output()) };
  }

  it.each([
    [[ENTER], 'advisor'],
    [[DOWN, DOWN, ENTER], 'triage'],
    [[DOWN, UP, ENTER], 'advisor'],
    [['4', ENTER], 'writer'],
    [['t', 'r', ENTER], 'triage'],
    [[DOWN, ENTER, DOWN, ENTER], 'triage'],
    // It does not begin anew at its end.
    [[UP, ENTER], 'advisor'],
  ])('takes %j for %s', async (keys, name) => {
    const { answer, output } = await chosen(keys);
    expect(answer).toBe(name);
    expect(output).toContain(`which prompt? ${name}`);
  });

  it('says why one cannot be chosen, and more about the one under the cursor', async () => {
    const { output } = await chosen([DOWN, ENTER, DOWN, ENTER]);
    expect(output).toContain('2. sorter  since long ago (follows the app)');
    expect(output).toContain('this one cannot be chosen');
    expect(output).toContain('about triage');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s: nothing is chosen', async (_, key) => {
    await expect(chosen([key])).rejects.toMatchObject({
      message: expect.stringContaining('nothing was chosen'),
      exitCode: 130,
    });
  });

  it('shows names as they are, whatever they hold', async () => {
    const { output } = await chosen([ENTER], 80, [choice(`a${ESC}]0;title\u0007\u202e`)]);
    expect(output).toContain('a\\x1b]0;title\\x07\\u{202e}');
  });

  it('has the screen for itself while something is under way', async () => {
    const { terminal, output, type } = fakeTerminal(80);
    const work = terminal.progress('reading', async () => {
      const asked = terminal.choose('which prompt?', LIST);
      await expect.poll(output).toContain('Ctrl-C ends');
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(output().slice(output().indexOf('which prompt?'))).not.toContain('reading');
      type(ENTER);
      return asked;
    });
    expect(await work).toBe('advisor');
  });
});

describe('Somebody can be asked', () => {
  it.each([
    [80, {}, true],
    [undefined, {}, false],
    [80, { TERM: 'dumb' }, false],
    [80, { CI: 'true' }, false],
    [80, { CI: '1' }, false],
    [80, { CI: 'false' }, true],
    [80, { CI: '' }, true],
  ])('with %j columns and %j: %j', (columns, env, expected) => {
    expect(fakeTerminal(columns, env).terminal.canChoose).toBe(expected);
  });
});
