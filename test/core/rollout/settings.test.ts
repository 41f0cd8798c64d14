import { describe, expect, test } from 'vitest';
import { gateTerms } from '../../../core/release/gate';
import { alarmsOf, formatRolloutSettings, parseRolloutSettings } from '../../../core/rollout/settings';

const ALARM = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:p99 over 8 s: PROD';
const SETTINGS = { steps: [5, 25, 50], bake: 600, minimum: 50, key: 'session', guards: ['errors', ALARM] } as const;

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
