import { describe, expect, it } from 'vitest';
import { doubling, retry } from '../../lambda/retry';

/** Fails so often, and shows how often it was asked and what was slept. */
function failing(times: number) {
  const slept: number[] = [];
  let tries = 0;
  const work = async () => {
    if (++tries <= times) throw new Error(`failure ${tries}`);
    return tries;
  };
  const clock = { now: () => 0, sleep: async (pause: number) => void slept.push(pause) };
  return { work, clock, slept, tries: () => tries };
}

describe('A second try', () => {
  it.each([0, 1, 3])('comes after each pause, until it succeeds: %i failures', async (times) => {
    const { work, clock, slept } = failing(times);
    expect(await retry(work, { pauses: [1, 2, 3], clock })).toBe(times + 1);
    expect(slept).toEqual([1, 2, 3].slice(0, times));
  });

  it('is not made without a pause left, and the last error is thrown', async () => {
    const { work, clock, slept } = failing(9);
    await expect(retry(work, { pauses: [1, 2], clock })).rejects.toThrow('failure 3');
    expect(slept).toEqual([1, 2]);
  });

  it('is not made where the error is not worth it', async () => {
    const { work, clock, slept, tries } = failing(9);
    const isWorthIt = (error: unknown, pause: number) => pause < 4 && (error as Error).message !== 'failure 9';
    await expect(retry(work, { pauses: doubling(1), isWorthIt, clock })).rejects.toThrow('failure 3');
    expect([tries(), slept]).toEqual([3, [1, 2]]);
  });

  it('waits twice as long each time, up to the longest', () => {
    expect([...doubling(1_000, 10_000, 6)]).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect([...doubling(100, undefined, 3)]).toEqual([100, 200, 400]);
  });
});
