import { describe, expect, test } from 'vitest';
import { gateTerms } from '../../../core/release/gate';
import { alarmsOf, formatRolloutSettings, parseRolloutSettings } from '../../../core/rollout/settings';

const ALARM = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:p99 over 8 s: PROD';
const SETTINGS = { steps: [5, 25, 50], bake: 600, minimum: 50, key: 'session', guards: ['errors', ALARM] } as const;

const SPLIT = {
  ...{ steps: [50], bake: 600, minimum: 0, key: 'session' as const, guards: [] },
  ...{ for: 14 * 86_400, scores: ['helpful'] },
};

describe('settings of a rollout', () => {
  test('are canonical JSON', () => {
    expect(formatRolloutSettings(SETTINGS)).toBe(
      `{"bake":600,"guards":["errors","${ALARM}"],"key":"session","minimum":50,"steps":[5,25,50]}`,
    );
    expect(parseRolloutSettings(formatRolloutSettings(SETTINGS))).toEqual(SETTINGS);
    expect(alarmsOf(SETTINGS)).toEqual([ALARM]);
  });

  test.each([
    ['steps that fall', { steps: [25, 5] }],
    ['the same step twice', { steps: [5, 5] }],
    ['no steps', { steps: [] }],
    ['a step of nothing', { steps: [0, 5] }],
    ['more than everybody', { steps: [101] }],
    ['a broken percent', { steps: [2.5] }],
    ['a step in words', { steps: ['5'] }],
    ['11 steps', { steps: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }],
    ['no bake', { bake: 0 }],
    ['half a second', { bake: 0.5 }],
    ['8 days', { bake: 8 * 86_400 }],
    ['fewer than no uses', { minimum: -1 }],
    ['half a use', { minimum: 0.5 }],
    ['another key', { key: 'user' }],
    ['a guard that is none', { guards: ['slow'] }],
    ['a guard twice', { guards: ['errors', 'errors'] }],
    ['an alarm by its name', { guards: ['too slow'] }],
    ['no list of guards', { guards: 'errors' }],
  ])('are never %s', (_what, change) => {
    expect(() => parseRolloutSettings(JSON.stringify({ ...SETTINGS, ...change }))).toThrow(
      expect.objectContaining({ code: 'InvalidRollout' }),
    );
  });

  test('of a split have an end, and the scores that it is read out by', () => {
    const text = '{"bake":600,"for":1209600,"guards":[],"key":"session","minimum":0,"scores":["helpful"],"steps":[50]}';
    expect(formatRolloutSettings(SPLIT)).toBe(text);
    expect(parseRolloutSettings(text)).toEqual(SPLIT);
    for (const change of [{ for: 3_600 }, { for: 60 * 86_400 }, { scores: [] }, { steps: [1] }, { steps: [99] }]) {
      expect(parseRolloutSettings(JSON.stringify({ ...SPLIT, ...change }))).toMatchObject(change);
    }
    expect(parseRolloutSettings(formatRolloutSettings(SETTINGS))).not.toHaveProperty('for');
  });

  test.each([
    ['for nobody', { steps: [0] }],
    ['for everybody', { steps: [100] }],
    ['of half a percent', { steps: [0.5] }],
    ['in two steps', { steps: [10, 50] }],
    ['of no length', { for: 0 }],
    ['with an end in the past', { for: -86_400 }],
    ['of a minute less than an hour', { for: 3_540 }],
    ['of half a second more than an hour', { for: 3_600.5 }],
    ['of a second more than 60 days', { for: 60 * 86_400 + 1 }],
    ['of a length in words', { for: '86400' }],
    ['with scores and no end', { for: undefined }],
    ['without a list of scores', { scores: undefined }],
    ['with a score that is no list', { scores: 'helpful' }],
    ['with a score twice', { scores: ['helpful', 'helpful'] }],
    ['with six scores', { scores: ['a', 'b', 'c', 'd', 'e', 'f'] }],
    ['with a score of two words', { scores: ['is helpful'] }],
    ['with a score without a name', { scores: [''] }],
    ['with a score of 41 letters', { scores: ['x'.repeat(41)] }],
    ['with a score that is a number', { scores: [1] }],
    ['with a score called errors', { scores: ['errors'] }],
    ['with a score called slow', { scores: ['helpful', 'slow'] }],
  ])('are never a split %s', (_what, change) => {
    expect(() => parseRolloutSettings(JSON.stringify({ ...SPLIT, ...change }))).toThrow(
      expect.objectContaining({ code: 'InvalidRollout' }),
    );
  });

  test.each(['', 'null', '3', '[]', '{'])('are never %j', (text) => {
    expect(() => parseRolloutSettings(text)).toThrow(expect.objectContaining({ code: 'InvalidRollout' }));
  });

  test('change the terms, and leave those of an alias without them as they were', () => {
    const none = gateTerms([]);
    expect(none).toBe('tm1:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945');
    expect(gateTerms([], formatRolloutSettings(SETTINGS))).not.toBe(none);
    expect(gateTerms([], formatRolloutSettings({ ...SETTINGS, bake: 601 }))).not.toBe(
      gateTerms([], formatRolloutSettings(SETTINGS)),
    );
  });
});
