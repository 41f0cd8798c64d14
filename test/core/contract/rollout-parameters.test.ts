import { describe, expect, it, test } from 'vitest';
import {
  formatProgress,
  formatRollout,
  parseProgress,
  parseRollout,
  progressParameterName,
  rolloutParameterName,
} from '../../../core/contract/rollout-parameters';

const SALT = `pd1:${'4'.repeat(64)}`;
const TO = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:4';
const ROLLOUT = { v: 1, plan: 3, to: TO, steps: [5, 25, 50], salt: SALT } as const;
const PROGRESS = {
  v: 1,
  plan: 3,
  n: 2,
  step: 1,
  state: 'step',
  at: '2026-11-30T12:00:00.000Z',
  until: '2026-11-30T12:30:00.000Z',
} as const;

test('A rollout’s parameters stand below the alias’s own', () => {
  expect(rolloutParameterName('/prompts/prod/p/PROD')).toBe('/prompts/prod/p/PROD/rollout');
  expect(progressParameterName('/prompts/prod/p/PROD')).toBe('/prompts/prod/p/PROD/rollout-progress');
});

describe('The value of rollout', () => {
  it('is one line of JSON in a fixed order, or none', () => {
    const text = `{"v":1,"plan":3,"to":"${TO}","steps":[5,25,50],"salt":"${SALT}"}`;
    expect(formatRollout(ROLLOUT)).toBe(text);
    expect(formatRollout({ ...ROLLOUT, key: 'session' })).toBe(text);
    expect(formatRollout({ ...ROLLOUT, key: 'none' })).toBe(text.replace(/}$/, ',"key":"none"}'));
    expect(formatRollout(null)).toBe('none');
    expect(parseRollout(text)).toEqual(ROLLOUT);
    expect(parseRollout(formatRollout({ ...ROLLOUT, key: 'none' }))?.key).toBe('none');
  });

  it('lists the scores of a split, and nothing where the plan has no end', () => {
    const text = formatRollout({ ...ROLLOUT, steps: [50], scores: ['helpful', 'polite'] });
    expect(text).toContain(`"steps":[50],"salt":"${SALT}","scores":["helpful","polite"]}`);
    expect(parseRollout(text)?.scores).toEqual(['helpful', 'polite']);
    expect(formatRollout({ ...ROLLOUT, scores: undefined })).not.toContain('scores');
    expect(parseRollout(formatRollout({ ...ROLLOUT, scores: [] }))?.scores).toEqual([]);
  });

  it('may have a field that this package does not know', () => {
    expect(parseRollout(JSON.stringify({ ...ROLLOUT, note: 'x' }))).toMatchObject(ROLLOUT);
  });

  test.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['no text', ''],
    ['none', 'none'],
    ['an ARN', TO],
    ['no JSON', '{"v":1'],
    ['null', 'null'],
    ['a list', '[1]'],
    ...Object.entries<object>({
      'another v': { v: 2 },
      'plan 0': { plan: 0 },
      'plan 1.5': { plan: 1.5 },
      'a plan in words': { plan: '3' },
      'the draft': { to: TO.replace(':4', ':DRAFT') },
      'a version in a list': { to: [TO] },
      'another service': { to: 'arn:aws:lambda:us-east-1:111122223333:function:f:4' },
      'no steps': { steps: [] },
      'steps that fall': { steps: [25, 5] },
      'a step twice': { steps: [5, 5] },
      'a step of 0': { steps: [0, 5] },
      'a step of 101': { steps: [5, 101] },
      'a step of 2.5': { steps: [2.5] },
      'a step in words': { steps: ['5'] },
      'steps that are no list': { steps: { 0: 5 } },
      'a salt that is no digest': { salt: 'pd1:abc' },
      'a salt in a list': { salt: [SALT] },
      'another key': { key: 'user' },
      'key null': { key: null },
      'scores that are no list': { scores: 'helpful' },
      'scores null': { scores: null },
    }).map(([what, change]): [string, string] => [what, JSON.stringify({ ...ROLLOUT, ...change })]),
  ])('that is %s means that nothing is rolled out', (_, text) => {
    expect(parseRollout(text)).toBeNull();
  });
});

describe('The value of rollout-progress', () => {
  it('is one line of JSON in a fixed order, or none', () => {
    const text =
      '{"v":1,"plan":3,"n":2,"step":1,"state":"step","at":"2026-11-30T12:00:00.000Z","until":"2026-11-30T12:30:00.000Z"}';
    expect(formatProgress(PROGRESS)).toBe(text);
    expect(formatProgress(null)).toBe('none');
    expect(parseProgress(text)).toEqual(PROGRESS);
    expect(parseProgress(text.replace(':"step"', ':"halt"'))?.state).toBe('halt');
  });

  it('says when a controller was there where `until` stands still', () => {
    const seen = '2026-11-30T12:20:00.000Z';
    const text = formatProgress({ ...PROGRESS, seen });
    expect(text).toContain(`"until":"2026-11-30T12:30:00.000Z","seen":"${seen}"}`);
    expect(parseProgress(text)).toEqual({ ...PROGRESS, seen });
  });

  test.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['none', 'none'],
    ['a rollout', formatRollout(ROLLOUT)],
    ...Object.entries<object>({
      'another v': { v: '1' },
      'plan 0': { plan: 0 },
      'n 0': { n: 0 },
      'a step of -1': { step: -1 },
      'a step of 0.5': { step: 0.5 },
      'another state': { state: 'hold' },
      'no state': { state: undefined },
      'a time in milliseconds': { at: 1_764_504_000_000 },
      'a time of another zone': { at: '2026-11-30T12:00:00+01:00' },
      'a day only': { until: '2026-11-30' },
      'a month 13': { until: '2026-13-30T12:00:00Z' },
      'no until': { until: undefined },
      'seen in words': { seen: 'now' },
      'seen null': { seen: null },
    }).map(([what, change]): [string, string] => [what, JSON.stringify({ ...PROGRESS, ...change })]),
  ])('that is %s means that nobody gets the candidate', (_, text) => {
    expect(parseProgress(text)).toBeNull();
  });
});
