import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseProgress, parseRollout, type RolloutProgress } from '../../../core/contract/rollout-parameters';
import { isCandidate, placeOf, shareAt } from '../../../core/rollout/share';
import { EVEN_AT_MOST, evenness } from './evenness';

const SALT = `pd1:${'4'.repeat(64)}`;
const NOON = Date.parse('2026-11-30T12:00:00Z');
const at = (seconds: number) => new Date(NOON + seconds * 1_000).toISOString();

const rollout = parseRollout(
  JSON.stringify({
    v: 1,
    plan: 3,
    to: 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:4',
    steps: [5, 25, 50],
    salt: SALT,
  }),
);
const progress = (given: Partial<RolloutProgress> = {}) =>
  parseProgress(JSON.stringify({ v: 1, plan: 3, n: 2, step: 1, state: 'step', at: at(0), until: at(1_800), ...given }));

describe('The share that gets the candidate', () => {
  test.each<[string, number, ReturnType<typeof progress>, number]>([
    ['is that of the step', 25, progress(), 1],
    ['begins at its time', 25, progress(), 0],
    ['is that of the step before until then', 5, progress(), -0.001],
    ['is nothing before the first step', 0, progress({ n: 1, step: 0 }), -0.001],
    ['is nothing before a step that the plan has not', 0, progress({ step: 3 }), -0.001],
    ['ends with the controller’s word', 25, progress(), 1_799.999],
    ['is nothing from then on', 0, progress(), 1_800],
    ['is nothing after a halt', 0, progress({ state: 'halt' }), 1],
    ['is nothing when the progress is of an older plan', 0, progress({ plan: 2 }), 1],
    ['is nothing when the progress is of a newer plan', 0, progress({ plan: 4 }), 1],
    ['is nothing at a step that the plan has not', 0, progress({ step: 3 }), 1],
    ['is nothing before the controller wrote anything', 0, null, 1],
  ])('%s', (_, share, made, seconds) => {
    expect(shareAt(rollout, made, NOON + seconds * 1_000)).toBe(share);
  });

  it('is nothing where no rollout is declared, whatever the progress says', () => {
    expect(shareAt(null, progress(), NOON + 1)).toBe(0);
  });
});

describe('The place of a key', () => {
  const vectors: [string, string, number][] = JSON.parse(readFileSync(join(__dirname, 'golden-vectors.json'), 'utf8'));

  test('is what Python says, to the last bit', () => {
    expect(vectors.length).toBe(200);
    expect(vectors.filter(([salt, key, place]) => placeOf(salt, key) !== place)).toEqual([]);
    expect(placeOf('pd1:abc', 'user-1')).toBe(0.307071813615039);
    expect(placeOf('pd1:abc', 'Jürgen')).toBe(0.9653936463873833);
    expect(placeOf('pd1:abc', '日本')).toBe(0.5001795962452888);
  });

  test('keeps a key with the candidate at every higher share', () => {
    for (const [salt, key] of vectors) {
      const inside = Array.from({ length: 101 }, (_, percent) => isCandidate(salt, key, percent));
      expect(inside.indexOf(true)).toBe(inside.lastIndexOf(false) + 1);
      expect([inside[0], inside[100]]).toEqual([false, true]);
    }
  });

  // `npm run prove -- rollout-share`: a million keys and twenty salts.
  const keys = Number(process.env.SHARE_KEYS ?? 20_000);
  const salts = Number(process.env.SHARE_SALTS ?? 2);

  test('is even for keys of any shape, and independent of the place under another salt', { timeout: 3_600_000 }, () => {
    const cells = evenness(keys, salts, Number(process.env.SEED ?? 1));
    const wrong = cells.filter(
      ({ chiSquare, shareError, overlap }) =>
        chiSquare > EVEN_AT_MOST || shareError > 5 || Math.abs(overlap - 1) > 6 / Math.sqrt(keys / 16),
    );
    if (process.env.SHARE_KEYS) console.log(`${keys * cells.length} keys, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(cells.length).toBe(4 * salts);
  });

  test('would be found uneven if neighbouring keys, or neighbouring salts, drew alike', () => {
    const weak = (salt: string, key: string) => {
      let hash = 0x811c9dc5;
      for (const unit of `${salt}${key}`) hash = Math.imul(hash, 0x01000193) ^ unit.charCodeAt(0);
      return (hash >>> 0) / 2 ** 32;
    };
    const cells = evenness(20_000, 2, 1, weak);
    expect(Math.max(...cells.map(({ chiSquare }) => chiSquare))).toBeGreaterThan(EVEN_AT_MOST);
  });
});
