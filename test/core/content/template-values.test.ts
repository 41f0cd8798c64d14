import { describe, expect, it } from 'vitest';
import { templateValueProblems } from '../../../core/content/template-values';

const problems = (value: unknown, callsAreMeant = false) => [...templateValueProblems(value, 'it', { callsAreMeant })];

const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const circle: { of?: unknown } = {};
circle.of = circle;
const circleFree = { x: 1 };

describe('a value that goes into a template', () => {
  it.each<[string, unknown]>([
    ['empty texts, lists and objects', { a: '', b: [], c: {} }],
    ['numbers as they are', [0, -0, 1.0, 0.1, -1.5e-7, 1e21, 1e18, 2 ** 53 - 1, 1.7976931348623157e308]],
    ['texts in any language, with tab and line ends', 'Fräge 質問 😀 \u200f\u2028\ufeff \t\r\n'],
    ['what only looks like a call', { $ref: '#/a', ref: 'x', Fn: 1, 'fn::if': 1, Condition: { type: 'string' } }],
    ['a key Condition beside others', { Condition: 'x', type: 'string' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
    ['placeholders of other languages', ['${AWS::Region}', '${name}', '{{name}}', '{{ resolve:x }}', 'resolve:ssm:/a']],
    ['a hundred levels, and what stands there twice', { a: nested(100), b: [circleFree, circleFree] }],
    ['names of what every object has', { constructor: 1, toString: { hasOwnProperty: 'x' } }],
    ['undefined members', { a: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('passes with %s', (_, value) => {
    expect(problems(value)).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /^it is null, and CloudFormation refuses a template that holds null/],
    ['null in a list', { a: [1, null] }, /^it\.a\[1\] is null/],
    ['a default of null', { p: { default: null } }, /^it\.p\.default is null.*leave default out.*pydantic/],
    ['null in an enum', { p: { enum: ['a', null] } }, /^it\.p\.enum\[1\] is null.*\{ type: 'null' \} in an anyOf/],
    ['a const of null', { p: { const: null } }, /^it\.p\.const is null.*anyOf/],
    ['Ref', { properties: { Ref: { type: 'string' } } }, /^it\.properties\.Ref is a key that CloudFormation reads/],
    ['Ref beside other keys', { Ref: 'x', other: 1 }, /^it\.Ref is a key/],
    ['an intrinsic function', [{ 'Fn::Sub': 'x' }], /^it\[0\]\.Fn::Sub is a key/],
    ['a function of the future', { 'Fn::Anything': 1, a: 1 }, /^it\.Fn::Anything is a key/],
    ['the name of a condition', { Condition: 'IsProd' }, /^it\.Condition is a key/],
    ['a dynamic reference', { a: 'x {{resolve:ssm:/a:1}} y' }, /^it\.a holds \{\{resolve:.*CfnDynamicReference/],
    ['a dynamic reference to a secret', '{{resolve:secretsmanager:a}}', /^it holds \{\{resolve:/],
    ['a dynamic reference as a key', { '{{resolve:ssm:/a}}': 1 }, /^the key .* in it holds \{\{resolve:/],
    ['NaN', { a: Number.NaN }, /^it\.a is NaN, which JSON cannot represent/],
    ['infinity', [Number.NEGATIVE_INFINITY], /^it\[0\] is -Infinity/],
    ['a whole number that was rounded', { maximum: 2 ** 63 }, /^it\.maximum is 9\d+, a whole number beyond 2\^53/],
    [
      '2 ** 53 + 1, which JavaScript reads as 2 ** 53',
      JSON.parse('{"a":9007199254740993}'),
      /^it\.a is 9007199254740992, a/,
    ],
    ['the key __proto__', JSON.parse('{"a":{"__proto__":1}}'), /^it\.a\.__proto__ is a key that does not come into/],
    ['1,000 levels', nested(1_000), /^it(\.a)+\.?… is nested deeper than 180 levels/],
    ['1,000 lists', JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`), /^it[[0\]]+… is nested deeper/],
    ['itself', circle, /^it\.of holds itself/],
    ['a negative one', -(2 ** 60), /^it is -1152921504606847000/],
    ['a control character', { a: 'x\u0000' }, /^it\.a holds U\+0000/],
    ['an escape sequence', '\u001b[1m', /U\+001B/],
    ['a control character of Latin-1', '\u0085', /U\+0085/],
    ['half a character', 'x\ud83d', /U\+D83D/],
    ['no character', '\uffff', /U\+FFFF/],
    ['a control character in a key', { 'a\u0007': 1 }, /^the key .* in it holds U\+0007/],
    ['undefined in a list', [1, undefined], /^it\[1\] is undefined, which is left out of a list/],
    ['a date', { a: new Date(0) }, /^it\.a is a Date, which JSON cannot represent/],
    ['a map', new Map(), /^it is a Map/],
    ['a BigInt', 1n, /^it is a bigint/],
    ['a function', { a: () => 1 }, /^it\.a is a function/],
  ])('is refused with %s', (_, value, expected) => {
    const found = problems(value);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it('is told of all that is wrong at once', () => {
    expect(problems({ a: null, b: [null, { Ref: 'x' }] })).toHaveLength(3);
  });

  it('may hold calls where they were tokens, but no secrets and no numbers to choose from', () => {
    const meant = { a: { Ref: 'P' }, b: { 'Fn::If': ['C', 'x', 'y'] }, c: '{{resolve:ssm:/a}}', d: { Condition: 'x' } };
    expect(problems(meant, true)).toEqual([]);
    expect(problems({ a: '{{resolve:ssm-secure:/a}}', b: { 'Fn::If': ['C', 1, 2] }, c: null }, true)).toEqual([
      expect.stringMatching(/^it\.a holds a dynamic reference to a secret/),
      expect.stringMatching(/^it\.b\.Fn::If chooses between numbers or booleans/),
      expect.stringMatching(/^it\.c is null/),
    ]);
  });
});
