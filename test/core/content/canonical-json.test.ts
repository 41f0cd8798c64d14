import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/content/canonical-json';

describe('Canonical JSON', () => {
  it('writes any JSON value as the reference package does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('passes the examples of RFC 8785', () => {
    // Section 3.2.2 and 3.2.3.
    const numbers = [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0];
    expect(canonicalJson({ numbers, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('leaves undefined members out', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  it.each([
    [Number.NaN, '$ contains NaN, which JSON cannot represent'],
    [{ a: [1, Number.POSITIVE_INFINITY] }, '$.a[1] contains Infinity'],
    ['\ud800', '$ contains an unpaired surrogate'],
    [{ '\udc00': 1 }, '$ contains an unpaired surrogate'],
    [[undefined], '$[0] contains undefined'],
    [{ at: new Date(0) }, '$.at contains object'],
    [1n, '$ contains bigint'],
    [() => 1, '$ contains function'],
  ])('refuses %o', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'NotJson', message: expect.stringContaining(message) }),
    );
  });
});
