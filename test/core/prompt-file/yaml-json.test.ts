import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromptFile } from '../../../core/prompt-file/prompt-file';
import { YamlJson } from '../../../core/prompt-file/yaml-json';
import { RegistryError } from '../../../core/registry-error';

function read(yaml: string) {
  const problems: string[] = [];
  const { value } = new YamlJson(yaml, (line, message) => problems.push(`${line}: ${message}`));
  return { value, problems };
}

/** Nine of nine of nine: 43 million values in 8 lines. */
const LAUGHS = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefgh'].map((name, index) => {
    return `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`;
  }),
].join('\n');

describe('YAML is read as the JSON it stands for:', () => {
  it.each<[string, string, unknown]>([
    [
      'an anchor and its aliases, as copies',
      'a: &x { b: [1] }\nc: *x\nd: [*x]',
      { a: { b: [1] }, c: { b: [1] }, d: [{ b: [1] }] },
    ],
    ['an anchor that is given anew', 'a: &x 1\nb: &x 2\nc: *x', { a: 1, b: 2, c: 2 }],
    ['an alias as a name', 'a: &x k\n*x : 1', { a: 'k', k: 1 }],
    [
      'the tags of JSON',
      'a: !!str 5\nb: !!int "5"\nc: ! 5\nd: !!map { e: !!seq [] }',
      { a: '5', b: 5, c: '5', d: { e: [] } },
    ],
    ['octal and hexadecimal numbers', 'a: 0o17\nb: 0x1F', { a: 15, b: 31 }],
    [
      'the largest numbers that are exact',
      'a: 9007199254740992\nb: -9007199254740991',
      { a: 2 ** 53, b: -(2 ** 53 - 1) },
    ],
    ['numbers with points and exponents', 'a: 1.50\nb: 1e3\nc: -0.5', { a: 1.5, b: 1000, c: -0.5 }],
    [
      'numbers of many ways to write them',
      'a: [.5, 5., +1.0E+2, 1e21, 1.5e-9, 100e-2, -0.0, 0e5, 123456789012345680000.0, 0o17, 0x1F]',
      { a: [0.5, 5, 100, 1e21, 1.5e-9, 1, -0, 0, 123456789012345680000, 15, 31] },
    ],
    [
      'what YAML 1.1 took for a boolean, a date, a time, a number',
      'a: yes\nb: 2001-12-14\nc: 12:30:45\nd: 1_000',
      { a: 'yes', b: '2001-12-14', c: '12:30:45', d: '1_000' },
    ],
    ['names that look like numbers and booleans', '5: a\ntrue: b\n"0x5": c', { 5: 'a', true: 'b', '0x5': 'c' }],
    ['"<<" in quotes', '"<<": 1', { '<<': 1 }],
    [
      'the names that every object has',
      '__proto__: { a: 1 }\nconstructor: 2',
      JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    ],
    ['null in all its forms', 'a:\nb: ~\nc: null\n? d', { a: null, b: null, c: null, d: null }],
    [
      'block and flow scalars',
      'a: >-\n  one\n  two\nb: |\n  x\nc: "\\ud83d\\ude00"',
      { a: 'one two', b: 'x\n', c: '\u{1f600}' },
    ],
    ['comments alone', '# nothing', null],
  ])('%s', (_, yaml, value) => {
    expect(read(yaml)).toEqual({ value, problems: [] });
  });
});

describe('YAML that JSON cannot say is refused with its line:', () => {
  it.each([
    ['a cycle', 'm: 1\na: &x\n  b: *x', /^3: an anchor stands within what it names.*write the value out/],
    ['a cycle in a list', 'a: &x [1, *x]', /^1: an anchor stands within/],
    ['a cycle over two anchors', 'a: &x { b: &y [*x] }', /^1: an anchor stands within/],
    ['a billion laughs', LAUGHS, /found more than 20000 values: write less/],
    ['very many levels', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, /^1: expected at most 200 levels/],
    ['many levels', `a: ${'['.repeat(300)}${']'.repeat(300)}`, /^1: expected .* found more than 200 levels/],
    ['an alias to nowhere', 'm: 1\na: *none', /^2: .*Unresolved alias \*none: write &none/],
    ['an alias to nowhere as a name', '*none : 1', /^1: a field's name must be a text/],
    ['bytes', 'a: !!binary aGk=', /^1: the tag !!binary means nothing in JSON: remove it/],
    ['a set', 'a: !!set { x, y }', /^1: the tag !!set means/],
    ['an ordered map', 'a: !!omap [x: 1]', /^1: the tag !!omap means/],
    ['a time', 'a: !!timestamp 2001-01-01', /^1: the tag !!timestamp means/],
    ['a tag of its own', 'm: 1\na: !mine 1', /^2: .*Unresolved tag: !mine/],
    [
      'a merge',
      'b: &b { x: 1 }\na:\n  <<: *b',
      /^3: merge keys \(<<\) are not part of YAML 1\.2: write the fields out/,
    ],
    ['a name that is a list', '? [a, b]\n: 1', /^1: a field's name must be a text: write it in quotes/],
    ['a name that is a map', '? { a: 1 }\n: 1', /^1: a field's name must be a text: write it in quotes/],
    ['a name that is null', 'm: 1\n~: 1', /^2: a field's name must be a text, found ~/],
    ['no name', ': 1', /^1: a field's name must be a text, found none/],
    ['a name that is a number written otherwise', '0x5: 1', /^1: a field's name must be a text, found 0x5/],
    ['a field twice', 'a: 1\na: 2', /^2: .*Map keys must be unique/],
    ['a field twice, with quotes once', '1: a\n"1": b', /^2: the field 1 is there twice/],
    ['a field twice, by an alias', 'a: &x k\nk: 1\n*x : 2', /^3: the field k is there twice/],
    ['no number', 'a: .nan', /^1: \.nan is no number of JSON/],
    ['no end', 'a: -.inf', /^1: -\.inf is no number of JSON/],
    ['too large', 'a: 1e999', /^1: 1e999 is no number of JSON/],
    [
      'a number that would be rounded',
      'a: 9007199254740993',
      /^1: 9007199254740993 would be rounded to 9007199254740992/,
    ],
    ['a negative one', 'a: -12345678901234567890', /^1: -12345678901234567890 would be rounded/],
    ['a hexadecimal one', 'a: 0xFFFFFFFFFFFFFFFFF', /^1: 0xFFFFFFFFFFFFFFFFF would be rounded/],
    [
      'a whole one with a point',
      'a: 9007199254740993.0',
      /^1: 9007199254740993\.0 would be rounded to 9007199254740992/,
    ],
    ['one in quotes, with a tag', 'a: !!int "9007199254740993"', /^1: 9007199254740993 would be rounded/],
    ['one with an exponent', 'a: 12345678901234567891e3', /^1: 12345678901234567891e3 would be rounded/],
    ['one too small', 'a: 1e-400', /^1: 1e-400 would be rounded to 0/],
    ['one of more digits than are kept', 'a: 0.12345678901234567891', /^1: 0\.12345678901234567891 would be rounded/],
    ['a number with zeros before it', 'a: 0777', /^1: 0777 would be 777: write it without zeros/],
    ['a directive', '# c\n%YAML 1.1\na: yes', /^2: directives .* have no place in front matter: remove the line$/],
    ['a tag directive', '%TAG ! tag:x\na: 1', /^1: directives/],
    ['two documents', 'a: 1\n...\nb: 2', /^3: front matter is one YAML document/],
    ['a tab', 'a:\n\tb: 1', /^2: tabs cannot indent YAML: write spaces$/],
    ['half a character', 'a: 1\nb: "\\ud800"', /^2: half of a character/],
    ['half a character in a name', '"\\udc00": 1', /^1: half of a character/],
  ])('%s', (_, yaml, message) => {
    const { value, problems } = read(yaml);
    expect(problems[0]).toMatch(message);
    expect(new Set(problems).size).toBeLessThan(3);
    expect(value).toBeUndefined();
  });
});

it('A prompt file says where a value stands that an alias brings', () => {
  const file = (line: string) => `---\nconfig: &c\n  temperature: ${line}\nmetadata: *c\n---\nHi`;
  expect(() => parsePromptFile(file('0.5'), 'x.prompt')).toThrow(
    /^x\.prompt:3: metadata\.temperature must be a text, found 0\.5: correct it/,
  );
  expect(() => parsePromptFile(file('*c'), 'x.prompt')).toThrow(/^x\.prompt:3: an anchor stands within what it names/);
});

it('Whatever the front matter is, it is read or refused with a line', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '&a ',
      '*a',
      '*a : ',
      '<<: ',
      '!!set ',
      '!x ',
      '? ',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '\n',
      '\n  ',
    ),
    fc.constantFrom(
      'model',
      'config',
      'toolDefs',
      'input',
      'metadata',
      'x',
      '0x1',
      '.nan',
      '~',
      '"',
      "'",
      '|',
      '>',
      '%',
      '#',
      '\t',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      try {
        parsePromptFile(`---\n${pieces.join('')}\n---\nHi`, 'x.prompt');
      } catch (error) {
        expect(error).toBeInstanceOf(RegistryError);
        expect((error as Error).message).toMatch(/^x\.prompt:\d+: /);
      }
    }),
    { numRuns: 3_000 },
  );
});
