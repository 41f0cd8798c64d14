import { afterEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../../cli/pace';

describe('A pace', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets so many start at once, never more within any second, and everyone in the end', async () => {
    vi.useFakeTimers();
    const pace = new Pace(10);
    const starts: number[] = [];
    const calls = Array.from({ length: 45 }, () => pace.next().then(() => void starts.push(Date.now())));
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(calls);
    const first = starts[0] ?? 0;
    expect(starts.filter((start) => start === first)).toHaveLength(10);
    for (const start of starts) {
      expect(starts.filter((other) => other >= start && other < start + 1000).length).toBeLessThanOrEqual(10);
    }
    expect((starts.at(-1) ?? 0) - first).toBeLessThan(5_000);
  });
});
