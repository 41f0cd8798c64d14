import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventPattern } from '../../packages/local-aws/eventbridge/event-pattern';

function matches(pattern: object, event: object): boolean {
  return new EventPattern(JSON.stringify(pattern)).matches(event);
}

/** Whether one field is matched by what a pattern says of it; undefined: the event lacks the field. */
function matchesField(tests: unknown[], value: unknown): boolean {
  return matches({ detail: { field: tests } }, { detail: value === undefined ? { other: 1 } : { field: value } });
}

describe('an event pattern matches a field', () => {
  it.each<[string, unknown[], unknown[], unknown[]]>([
    [
      'by equality',
      ['a', 1, true, null],
      ['a', 1, true, null, ['b', 'a']],
      ['A', '1', 'true', 'b', [], ['b'], undefined],
    ],
    [
      'by prefix',
      [{ prefix: '/prompts/' }],
      ['/prompts/a', ['x', '/prompts/b']],
      ['/Prompts/a', 'prompts', 1, undefined],
    ],
    ['by prefix of any case', [{ prefix: { 'equals-ignore-case': 'Ab' } }], ['abc', 'ABC'], ['bab']],
    ['by suffix', [{ suffix: '.png' }], ['a.png'], ['a.PNG', 'png', undefined]],
    ['by suffix of any case', [{ suffix: { 'equals-ignore-case': '.PNG' } }], ['a.png'], ['a.jpg']],
    ['in any case', [{ 'equals-ignore-case': 'Alice' }], ['ALICE', 'alice'], ['alic', undefined]],
    ['by wildcard', [{ wildcard: '*/lib/*' }], ['a/lib/b', '/lib/'], ['a/lib', 'a/LIB/b']],
    ['by wildcard with a star of its own', [{ wildcard: 'a\\*b*' }], ['a*b', 'a*bc'], ['axb']],
    ['by wildcard with what a regular expression would read', [{ wildcard: 'a.b(*' }], ['a.b(c'], ['axb(c']],
    ['by anything but', [{ 'anything-but': 'a' }], ['b', 1, ['a', 'b']], ['a', ['a'], undefined]],
    ['by anything but a list', [{ 'anything-but': ['a', 'b'] }], ['c'], ['a', 'b', undefined]],
    ['by anything but numbers', [{ 'anything-but': [1, 2] }], [3, 'x'], [1, undefined]],
    ['by anything but a prefix', [{ 'anything-but': { prefix: 'us-' } }], ['eu-1'], ['us-1', undefined]],
    ['by anything but prefixes', [{ 'anything-but': { prefix: ['us-', 'ap-'] } }], ['eu-1'], ['us-1', 'ap-1']],
    ['by anything but a suffix', [{ 'anything-but': { suffix: 'x' } }], ['y'], ['ax', undefined]],
    ['by anything but a wildcard', [{ 'anything-but': { wildcard: '*/lib/*' } }], ['a'], ['a/lib/b', undefined]],
    ['by anything but in any case', [{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }], ['c'], ['A', 'B']],
    ['by its presence', [{ exists: true }], ['a', null, 0], [undefined, { leaf: 1 }]],
    ['by its absence', [{ exists: false }], [undefined, { leaf: 1 }], ['a', null]],
    ['by its absence or something', [{ exists: false }, { 'anything-but': 'a' }], [undefined, 'b'], ['a']],
    ['by number', [{ numeric: ['>', 0, '<=', 5] }], [1, 5], [0, 6, '3', undefined]],
  ])('%s', (_, tests, good, bad) => {
    expect(good.filter((value) => !matchesField(tests, value))).toEqual([]);
    expect(bad.filter((value) => matchesField(tests, value))).toEqual([]);
  });
});

describe('an event pattern', () => {
  const event = { source: 'aws.ssm', detail: { eventName: 'PutParameter', names: [{ a: 1, b: 2 }], deep: { x: 'y' } } };

  it('wants all its fields, at their places, and ignores others', () => {
    expect(matches({ source: ['aws.ssm'], detail: { deep: { x: ['y'] } } }, event)).toBe(true);
    expect(matches({ source: ['aws.ssm'], detail: { x: ['y'] } }, event)).toBe(false);
    expect(matches({ source: ['aws.s3'], detail: { deep: { x: ['y'] } } }, event)).toBe(false);
  });

  it('wants one branch of $or, and all beside it', () => {
    const either = [{ eventName: ['DeleteParameter'] }, { deep: { x: ['y'] } }];
    expect(matches({ detail: { $or: either } }, event)).toBe(true);
    expect(matches({ detail: { $or: either, eventName: ['GetParameter'] } }, event)).toBe(false);
    expect(matches({ detail: { $or: either.slice(0, 1).concat({ deep: { x: ['z'] } }) } }, event)).toBe(false);
    expect(matches({ detail: { deep: { $or: [{ x: ['y'] }, { x: ['z'] }] } } }, event)).toBe(true);
  });

  it('looks into arrays of objects, one element at a time', () => {
    expect(matches({ detail: { names: { a: [1], b: [2] } } }, event)).toBe(true);
    expect(matches({ detail: { names: { a: [2] } } }, event)).toBe(false);
  });

  it('finds the absence of a field under a parent that is absent', () => {
    expect(matches({ detail: { user: { session: { arn: [{ exists: false }] } } } }, event)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['empty arrays are not allowed', { source: [] }],
    ['must be a filled object or an array', { source: 'aws.ssm' }],
    ['must be a filled object or an array', {}],
    ['must be a filled object or an array', { detail: {} }],
    ['Unrecognized match type contains', { source: [{ contains: 'ssm' }] }],
    ['expected one operator', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['expected one operator, equals-ignore-case', { source: [{ prefix: { prefix: 'a' } }] }],
    ['prefix takes a string', { source: [{ prefix: 1 }] }],
    ['anything-but takes strings only', { source: [{ 'anything-but': ['a', 1] }] }],
    ['anything-but takes strings only', { source: [{ 'anything-but': [] }] }],
    ['exists must be true or false', { source: [{ exists: 'no' }] }],
    ['numeric takes', { source: [{ numeric: ['>'] }] }],
    ['numeric takes', { source: [{ numeric: [] }] }],
    ['$or must be an array of two patterns or more', { $or: [{ source: ['a'] }] }],
    ['wildcard has consecutive *', { source: [{ wildcard: 'a**b' }] }],
    ['wildcard has consecutive *', { source: [{ wildcard: 'a\\b' }] }],
  ])('is refused: %s', (reason, pattern) => {
    expect(() => new EventPattern(JSON.stringify(pattern))).toThrow(reason);
  });

  it('is refused when it is not JSON, and by name when it asks for what is not here', () => {
    expect(() => new EventPattern('{')).toThrow('it is not JSON');
    expect(() => new EventPattern('{"detail":{"ip":[{"cidr":"10.0.0.0/8"}]}}')).toThrow(
      'local-aws does not implement event patterns with cidr',
    );
  });
});

describe('laws of event patterns', () => {
  const text = fc.string({ minLength: 1, maxLength: 8 });
  const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));

  it('a field that is there is matched by a list or by anything but that list, never by both', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (list, found) => {
        expect(matchesField([{ 'anything-but': list }], found)).toBe(!matchesField(list, found));
        expect(matchesField([{ 'anything-but': { prefix: list } }], found)).toBe(
          !matchesField(
            list.map((prefix) => ({ prefix })),
            found,
          ),
        );
      }),
    );
  });

  it('a field that is not there is matched by nothing but its absence', () => {
    const test = fc.oneof(
      value,
      fc
        .constantFrom('prefix', 'suffix', 'equals-ignore-case', 'anything-but')
        .chain((operator) => text.map((operand) => ({ [operator]: operand }))),
    );
    fc.assert(
      fc.property(fc.array(test, { minLength: 1, maxLength: 4 }), (tests) => {
        expect(matchesField(tests, undefined)).toBe(false);
        expect(matchesField([...tests, { exists: false }], undefined)).toBe(true);
      }),
    );
  });

  it('a wildcard without a star is equality, and with stars around a text it is containment', () => {
    const plain = text.map((found) => found.replace(/[*\\]/g, '-'));
    fc.assert(
      fc.property(plain, plain, (part, found) => {
        expect(matchesField([{ wildcard: part }], found)).toBe(part === found);
        expect(matchesField([{ wildcard: `*${part}*` }], `${found}${part}${found}`)).toBe(true);
        expect(matchesField([{ wildcard: `*${part}*` }], found)).toBe(found.includes(part));
      }),
    );
  });

  it('every leaf of an event makes a pattern that matches it, and one that does not', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.dictionary(key, fc.dictionary(key, value, { minKeys: 1 }), { minKeys: 1 }), (event) => {
        const leaves = Object.entries(event).flatMap(([name, inner]) =>
          Object.entries(inner).map(([leaf, found]) => [name, leaf, found] as const),
        );
        for (const [name, leaf, found] of leaves) {
          expect(matches({ [name]: { [leaf]: [found] } }, event)).toBe(true);
          expect(matches({ [name]: { [leaf]: [`not ${found}`] } }, event)).toBe(false);
        }
      }),
    );
  });
});
