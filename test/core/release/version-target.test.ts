import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseVersionTarget,
  placesOfTarget,
  ROLLOUT_TARGET_PATTERN,
  standingPlace,
  VERSION_TARGET_PATTERN,
} from '../../../core/release/version-target';

const digest = `pd1:${'0123456789abcdef'.repeat(4)}`;

describe('Version target', () => {
  it('is none, a version or a content digest', () => {
    expect(parseVersionTarget('none')).toEqual({ kind: 'none' });
    expect(parseVersionTarget('1')).toEqual({ kind: 'version', version: 1 });
    expect(parseVersionTarget('99999')).toEqual({ kind: 'version', version: 99999 });
    expect(parseVersionTarget(digest)).toEqual({ kind: 'digest', digest });
  });

  it('is one of two, where one stands while the other is rolled out', () => {
    const [three, four] = [3, 4].map((version) => ({ kind: 'version', version }));
    expect(parseVersionTarget('3..4')).toEqual({ kind: 'rollout', stable: three, candidate: four });
    const content = { kind: 'digest', digest };
    expect(parseVersionTarget(`${digest}..${digest}`)).toEqual({
      kind: 'rollout',
      stable: content,
      candidate: content,
    });
    expect(placesOfTarget(`3..${digest}`)).toEqual(['3', digest]);
    expect(placesOfTarget('none')).toEqual([]);
    expect(standingPlace(parseVersionTarget('3..4'))).toEqual(three);
    expect(standingPlace(parseVersionTarget('none'))).toBeNull();
  });

  it('has a pattern for aliases that roll out, and the one of before for all others', () => {
    const digests = 'pd1:[0-9a-f]{64}';
    expect(VERSION_TARGET_PATTERN).toBe(`^(none|[1-9][0-9]{0,4}|${digests})$`);
    const place = `([1-9][0-9]{0,4}|${digests})`;
    expect(ROLLOUT_TARGET_PATTERN).toBe(`^(none|${place}(\\.\\.${place})?)$`);
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
    ['3..', 'such as 3..4'],
    ['..4', 'such as 3..4'],
    ['3...4', 'such as 3..4'],
    ['3 .. 4', 'such as 3..4'],
    ['3..4..5', 'such as 3..4'],
    ['none..4', 'such as 3..4'],
    ['3..none', 'such as 3..4'],
    ['3>4', 'it is none of these'],
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
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(1|23|none)?[.]{0,3}(4|00|pd1:)?$/)), (text) => {
        try {
          const target = parseVersionTarget(text);
          const places = target.kind === 'rollout' ? [target.stable, target.candidate] : [target];
          const said = places.map((place) =>
            place.kind === 'version' ? place.version : place.kind === 'digest' ? place.digest : 'none',
          );
          expect(said.join('..')).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'InvalidVersionTarget' });
        }
      }),
    );
  });
});
