import { describe, expect, test } from 'vitest';
import { swappedFile } from '../../cli/models/swapped-file';

const [OLD, NEW] = ['amazon.nova-pro-v1:0', 'us.amazon.nova-lite-v1:0'];
const nothing = () => undefined;
const swap = (source: string, models: [string, string] = [OLD, NEW]) =>
  swappedFile('prompts/advisor.prompt', new TextEncoder().encode(source), models, nothing);

const REST =
  'config:\n  temperature: 0.2\ninput:\n  schema:\n    ticker: string\n---\nExplain {{ticker}}, as model: amazon.nova-pro-v1:0 would\n';

describe('a prompt file on another model', () => {
  test.each([
    ['plain', `---\nmodel: ${OLD}\n${REST}`],
    ['in double quotes', `---\nmodel: "${OLD}"\n${REST}`],
    ['in single quotes', `---\nmodel: '${OLD}'\n${REST}`],
    ['with a comment', `---\nmodel:   ${OLD}   # until 2027\n${REST}`],
    ['behind other fields', `---\ndescription: on ${OLD}\nmetadata: { model: '${OLD}' }\nmodel: ${OLD}\n${REST}`],
    ['as JSON', `---\n"model": "${OLD}"\n${REST}`],
    ['with line ends of Windows', `---\nmodel: ${OLD}\n${REST}`.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF---\nmodel: ${OLD}\n${REST}`],
    ['without a line end', `---\nmodel: ${OLD}\n${REST}`.trimEnd()],
  ])('differs in one line: %s', (_, source) => {
    const swapped = swap(source);
    const [before, after] = [source, swapped?.source ?? ''].map((text) => text.split('\n'));
    expect(after).toHaveLength(before?.length ?? 0);
    const changed = (before ?? []).flatMap((line, index) => (line === after?.[index] ? [] : [[line, after?.[index]]]));
    expect(changed).toEqual([[expect.stringMatching(/model/), changed[0]?.[0]?.replace(OLD, NEW)]]);
    expect(swapped).toMatchObject({ promptName: 'advisor', digest: expect.stringMatching(/^pd1:/) });
    expect(swap(swapped?.source ?? '', [NEW, OLD])?.source).toBe(source);
  });

  test.each([
    ['another model', `---\nmodel: amazon.nova-pro-v1:00\n${REST}`],
    ['no model', `---\n${REST}`],
    ['the model in the text only', '---\ninput:\n  schema: {}\n---\nmodel: amazon.nova-pro-v1:0\n'],
  ])('is left alone with %s', (_, source) => {
    expect(swap(source)).toBeUndefined();
  });

  test.each([
    ['a block of text', `---\nmodel: >-\n  ${OLD}\n${REST}`],
    ['an alias of YAML', `---\nmetadata: { like: &m ${OLD} }\nmodel: *m\n${REST}`],
  ])('that cannot be changed in place is named: %s', (_, source) => {
    expect(() => swap(source)).toThrow(/^prompts\/advisor\.prompt: .*by hand/);
  });

  test('that is no prompt file is an error', () => {
    const latin = Uint8Array.from([...new TextEncoder().encode(`---\nmodel: ${OLD}\n---\n`), 0xe9]);
    expect(() => swappedFile('a.prompt', latin, [OLD, NEW], nothing)).toThrow();
  });
});
