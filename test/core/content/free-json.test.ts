import { describe, expect, it } from 'vitest';
import {
  freeJsonOf,
  holdsTextOfType,
  holdsTypedValue,
  sameButForTypes,
  withFreeJson,
} from '../../../core/content/free-json';
import { withPlainNumbers } from '../../../core/content/plain-numbers';
import { asciiJson } from '../../../core/text/ascii-json';

const tool = (name: string, json: unknown) => ({ toolSpec: { name, inputSchema: { json } } });
const chat = (schemas: unknown[], fields?: unknown) => ({
  ...(fields !== undefined && { additionalModelRequestFields: fields }),
  templateType: 'CHAT',
  templateConfiguration: {
    chat: { messages: [], toolConfiguration: { tools: schemas.map((json, index) => tool(`t${index}`, json)) } },
  },
});

describe('the free JSON of a variant', () => {
  it('is found and put back in one order, whatever that of the members', () => {
    const variant = chat([{ a: 1 }, {}, { b: true }], { c: 2 });
    const other = Object.fromEntries(Object.entries(variant).reverse());
    expect(freeJsonOf(variant)).toEqual([{ a: 1 }, { b: true }, { c: 2 }]);
    expect(freeJsonOf(other)).toEqual(freeJsonOf(variant));
    expect(withFreeJson(other, freeJsonOf(variant))).toEqual(variant);
  });

  it('fits only as many places as there are', () => {
    expect(withFreeJson(chat([{ a: 1 }]), [])).toBeUndefined();
    expect(withFreeJson(chat([{ a: 1 }]), [{}, {}])).toBeUndefined();
  });

  it.each<[unknown, unknown, boolean]>([
    ['300', 300, true],
    ['300.0', 300, true],
    ['1.0E21', 1e21, true],
    ['-1.5E-7', -1.5e-7, true],
    ['100000000000000000000000', 1e23, true],
    ['99999999999999991611392', 1e23, true],
    ['300.00000000000000000000', 300, true],
    ['-0.0', 0, true],
    ['0.1', 0.1, true],
    ['9007199254740993', 2 ** 53, false],
    ['300.00000000000000000001', 300, false],
    ['0.10000000000000000001', 0.1, false],
    ['false', false, true],
    [300, 300, true],
    ['', 0, false],
    ['0x10', 16, false],
    [' 1', 1, false],
    ['Infinity', 1, false],
    ['False', false, false],
    [1, true, false],
    [300, '300', false],
    [['1'], { 0: 1 }, false],
    [{ a: '1' }, { b: 1 }, false],
    [{ a: '1' }, { a: 1, b: 1 }, false],
    [null, 1, false],
  ])('%j is %j but for types: %s', (found, declared, expected) => {
    expect(sameButForTypes(found, declared)).toBe(expected);
  });

  it('may hold numbers and booleans, or texts that were some', () => {
    expect([{ a: [1] }, { a: { b: false } }, { a: '1' }, 'x'].map(holdsTypedValue)).toEqual([true, true, false, false]);
    expect([{ a: ['1'] }, { a: 'true' }, { a: 'one' }, {}].map(holdsTextOfType)).toEqual([true, true, false, false]);
  });

  it('is written in ASCII, without the question marks that CloudFormation shows for everything else', () => {
    const value = [{ ä: '😀\u2028\u007f', pattern: '^a?$', why: 'Which ticker?' }];
    expect(asciiJson(value)).not.toContain('?');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    expect(asciiJson(value)).toMatch(/^[\x00-\x7e]+$/);
    expect(JSON.parse(asciiJson(value))).toEqual(value);
  });
});

describe('numbers as the SDK reads them from Node 22 on', () => {
  class NumericValue {
    readonly type = 'bigDecimal';
    constructor(readonly string: string) {}
  }
  it('are plain ones', () => {
    const kept = { type: 'bigDecimal', string: '2' };
    expect(withPlainNumbers({ a: [10n ** 21n, new NumericValue('0.1')], kept, none: null, date: 1 })).toEqual({
      ...{ a: [1e21, 0.1], none: null, date: 1 },
      kept,
    });
  });
});
