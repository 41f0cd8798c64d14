import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { contentDigest } from '../../../core/content/content-digest';
import { parsePromptFile } from '../../../core/prompt-file/prompt-file';

type Files = Readonly<Record<string, string>>;

const parse = (files: Files, fileName = 'prompts/x.prompt') =>
  parsePromptFile(files[fileName] ?? '', fileName, (path) => {
    const text = files[path.replaceAll('\\', '/')];
    return text === undefined ? undefined : Buffer.from(text);
  });

const textOf = (files: Files, fileName?: string) => parse(files, fileName).variant.templateConfiguration.text?.text;

const withPartials = (template: string, partials: Files) => ({
  'prompts/x.prompt': template,
  ...Object.fromEntries(Object.entries(partials).map(([name, text]) => [`prompts/_${name}.prompt`, text])),
});

const refused = (files: Files, ...lines: string[]) =>
  expect(() => parse(files)).toThrow(expect.objectContaining({ code: 'InvalidPromptFile', message: lines.join('\n') }));

describe('A partial', () => {
  it('is written out: the content and its digest are those of a file that holds the text', () => {
    const files = withPartials(
      '---\nmodel: m\ninput:\n  schema:\n    x: string\n    tone: string\n---\nSay {{x}}. {{>style}}',
      {
        style: 'Be {{tone}}.\n',
      },
    );
    const { variant, partials } = parse(files);
    expect(variant.templateConfiguration.text?.text).toBe('Say {{x}}. Be {{tone}}.');
    expect(partials).toEqual(['prompts/_style.prompt']);
    const inlined = (files['prompts/x.prompt'] ?? '').replace('{{>style}}', 'Be {{tone}}.');
    expect(contentDigest(variant)).toBe(contentDigest(parse({ 'prompts/x.prompt': inlined }).variant));
  });

  it.each([
    ['in a line', 'A {{>p}} B', 'Hi\n', 'A Hi B'],
    ['on a line of its own', 'A\n{{>p}}\nB', 'Hi\n', 'A\nHi\nB'],
    ['without a line end', 'A\n{{>p}}\nB', 'Hi', 'A\nHi\nB'],
    ['with blank lines around it', 'A\n\n{{> p }}\n\nB', '\n\nHi\n\n', 'A\n\nHi\n\nB'],
    ['of several lines, indented', 'A\n  {{>p}}\nB', 'one\ntwo\n', 'A\n  one\n  two\nB'],
    ['of Windows', 'A\r\n{{>p}}\r\nB', 'one\r\ntwo\r\n', 'A\none\ntwo\nB'],
    ['twice in a row', '{{>p}}{{>p}}', 'Hi\n', 'HiHi'],
    ['at both ends', '{{>p}}\nA\n{{>p}}', 'Hi\n', 'Hi\nA\nHi'],
  ])('stands %s', (_, template, partial, text) => {
    expect(textOf(withPartials(template, { p: partial }))).toBe(text);
  });

  it('may hold roles and other partials, and is found in the nearest folder', () => {
    const { variant } = parse(
      {
        'prompts/support/deep/x.prompt': '{{>frame}}\n{{role "user"}}\n{{>shared/ask}} {{>style}}',
        'prompts/support/_frame.prompt': '{{role "system"}}\nYou sort. {{>style}}\n',
        'prompts/support/_style.prompt': 'Be brief.',
        'prompts/_style.prompt': 'Be long.',
        'prompts/shared/_ask.prompt': 'Sort {{ticket}}.',
      },
      'prompts/support/deep/x.prompt',
    );
    expect(variant.templateConfiguration.chat).toEqual({
      system: [{ text: 'You sort. Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'Sort {{ticket}}. Be brief.' }] }],
      inputVariables: [{ name: 'ticket' }],
    });
  });

  it('is looked for from the folder of the partial that includes it', () => {
    const files = {
      'prompts/x.prompt': '{{>a/one}}',
      'prompts/a/_one.prompt': '{{>two}} {{>../two}}',
      'prompts/a/_two.prompt': 'near',
      'prompts/_two.prompt': 'above',
    };
    expect(textOf(files)).toBe('near above');
  });

  it('is one that nobody has', () => {
    refused(
      { 'prompts/a/x.prompt': '', ...withPartials('Hi\n\n{{> footer}}', {}) },
      'prompts/x.prompt:3: partial {{>footer}} has no file: expected prompts/_footer.prompt or _footer.prompt, found none; write the file, or the text itself here',
    );
    refused(
      withPartials('{{>a}}', { a: 'Hi\n{{>b}}' }),
      'prompts/_a.prompt:2: partial {{>b}} has no file: expected prompts/_b.prompt or _b.prompt, found none; write the file, or the text itself here',
    );
    expect(() => parse(withPartials('{{>"a/"}}', {}))).toThrow('prompts/x.prompt:1: partial {{>a/}} has no file');
  });

  it.each([
    ['by itself', { a: 'x\n{{>a}}' }, 'prompts/_a.prompt:2', 'prompts/_a.prompt → prompts/_a.prompt'],
    [
      'by way of others',
      { a: '{{>b}}', b: '{{>c}}', c: '\n{{>b}}' },
      'prompts/_c.prompt:2',
      'prompts/_b.prompt → prompts/_c.prompt → prompts/_b.prompt',
    ],
  ])('that includes itself %s is an error, with the circle', (_, partials: Files, place, circle) => {
    const name = place.startsWith('prompts/_c') ? 'b' : 'a';
    refused(
      withPartials('{{>a}}', partials),
      `${place}: partial {{>${name}}} includes itself: ${circle}; remove one of these`,
    );
  });

  it('that others include twice is no circle', () => {
    expect(textOf(withPartials('{{>a}} {{>b}}', { a: 'A{{>c}}', b: 'B{{>c}}', c: 'C' }))).toBe('AC BC');
  });

  it('that doubles with each file is stopped', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => [`p${index}`, `{{>p${index + 1}}} {{>p${index + 1}}}`]);
    const files = withPartials('{{>p0}}', Object.fromEntries([...doubling, ['p40', 'x']]));
    expect(() => parse(files)).toThrow(
      /^prompts\/_p\d+\.prompt:1: a prompt may include 1,000 partials and 1,000,000 characters of them, found more: include less$/,
    );
  });

  it.each([
    ['front matter', '---\nmodel: m\n---\nHi', '1: a partial has no front matter: '],
    ['front matter that is broken', ' ---\nmodel: m\n ---\nHi', '1: a partial has no front matter: '],
    ['nothing', ' \n', '1: the partial is empty: '],
    ['a block', '\n\nHi {{#if x}}yes{{/if}}', '3: block {{#if}} is not for Bedrock'],
    ['broken Handlebars', 'Hi\n{{x', '2: the template is not valid Handlebars'],
  ])('with %s is an error of its own file', (_, partial, message) => {
    const files = withPartials('Hi\n{{>p}}\n{{>p}}', { p: partial });
    expect(() => parse(files)).toThrow(
      new RegExp(`^prompts/_p\\.prompt:${message.replace(/[.{}#]/g, '\\$&')}[^\\n]*$`),
    );
  });

  it.each([
    ['values', '{{>p tone="formal"}}', 'partial {{>p}} takes nothing'],
    ['a context', '{{>p x}}', 'partial {{>p}} takes nothing'],
    ['a name that is computed', '{{>(lookup . "x")}}', "a partial's name must be text"],
    ['whitespace control', 'A {{~>p}}', 'whitespace control is not for Bedrock: write {{>p}} without ~'],
    ['a block', '{{#>p}}Hi{{/p}}', 'partial {{> p}} is not for Bedrock'],
  ])('with %s is an error', (_, template, message) => {
    expect(() => parse(withPartials(template, { p: 'Hi' }))).toThrow(`prompts/x.prompt:1: ${message}`);
  });

  it('says of its variables where they are to be declared', () => {
    refused(
      withPartials('---\nmodel: m\n---\nHi\n{{>p}}', { p: 'Be\n{{tone}}' }),
      'prompts/_p.prompt:2: {{tone}} is not declared: add tone: string under input.schema in the front matter of prompts/x.prompt',
    );
  });

  it('keeps the order of roles, with its own line', () => {
    expect(() => parse(withPartials('{{role "user"}}Hi {{>p}}', { p: 'a\n{{role "user"}}b' }))).toThrow(
      'prompts/_p.prompt:2: {{role "user"}} follows {{role "user"}}',
    );
  });

  it('that is not UTF-8 is an error of its own file', () => {
    const read = () => Buffer.from('H\u00e9', 'latin1');
    expect(() => parsePromptFile('{{>p}}', 'x.prompt', read)).toThrow('_p.prompt:1: the line is not UTF-8');
  });

  it('makes the text that Handlebars makes', () => {
    const pieces = [
      'A',
      ' ',
      '\n',
      '\n\n',
      '  ',
      '{{>p}}',
      '\n{{>p}}\n',
      '\n  {{>q}}\n',
      '{{x}}',
      '{{! c }}',
      '\n{{! c }}\n',
      '$&',
    ];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    // Handlebars takes the line end behind a partial on a line of its own, and expects one in the partial.
    const alone = /^([ \t]*\{\{>\w)(\}\}[ \t]*)$/gm;
    for (let round = 0; round < 400; round++) {
      const template = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)])
        .join('')
        .trim();
      const partials = { p: 'one\n\ntwo {{x}}', q: `a\n ${random(2) ? '{{>p}}\n' : ''}b` };
      if (template.replaceAll(/\{\{!.*?\}\}/g, '').trim() === '') continue;
      const engine = Handlebars.create();
      for (const [name, text] of Object.entries(partials)) {
        engine.registerPartial(name, text.replace(alone, '$1_$2'));
        engine.registerPartial(`${name}_`, `${text.replace(alone, '$1_$2')}\n`);
      }
      const marked = template.replace(alone, '$1_$2');
      const expected = engine.compile(marked, { noEscape: true })({ x: '{{x}}' }).trim();
      expect(textOf(withPartials(template, partials)) ?? '', JSON.stringify(template)).toBe(expected);
    }
  });
});
