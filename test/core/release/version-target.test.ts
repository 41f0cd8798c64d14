import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVersionTarget } from '../../../core/release/version-target';

const digest = `pd1:${'0123456789abcdef'.repeat(4)}`;

describe('Version target', () => {
  it('is none, a version or a content digest', () => {
    expect(parseVersionTarget('none')).toEqual({ kind: 'none' });
    expect(parseVersionTarget('1')).toEqual({ kind: 'version', version: 1 });
    expect(parseVersionTarget('99999')).toEqual({ kind: 'version', version: 99999 });
    expect(parseVersionTarget(digest)).toEqual({ kind: 'digest', digest });
  });

  it.each([
    ['', 'it is empty; write none'],
    [' ', 'it has spaces around it'],
    ['1 ', 'it has spaces around it'],
    [' 1', 'it has spaces around it'],
    ['1\n', 'it has spaces around it'],
    ['0', 'versions are numbered from 1'],
    ['00', 'versions are numbered from 1'],
    ['01', 'a version number has no leading zero'],
    ['100000', 'at most 5 digits'],
    ['DRAFT', 'the draft can change at any time'],
    ['draft', 'the draft can change at any time'],
    ['latest', 'would release by surprise'],
    ['None', 'none is written in lower case'],
    ['1; drop', 'it is none of these'],
    ['-1', 'it is none of these'],
    ['1.0', 'it is none of these'],
    ['1e3', 'it is none of these'],
    ['１', 'it is none of these'],
    ['@STAGING', 'it is none of these'],
    [digest.slice(0, -1), 'exactly 64 lower-case hex digits'],
    [`${digest}0`, 'exactly 64 lower-case hex digits'],
    [digest.toUpperCase(), 'exactly 64 lower-case hex digits'],
  ])('is never %j', (text, why) => {
    expect(() => parseVersionTarget(text)).toThrow(
      expect.objectContaining({
        code: 'InvalidVersionTarget',
        message: expect.stringContaining(`found ${JSON.stringify(text)}: `),
      }),
    );
    expect(() => parseVersionTarget(text)).toThrow(why);
  });

  it('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const target = parseVersionTarget(text);
          expect(
            target.kind === 'version' ? String(target.version) : target.kind === 'digest' ? target.digest : 'none',
          ).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'InvalidVersionTarget' });
        }
      }),
    );
  });
});
