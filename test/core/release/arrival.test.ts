import { describe, expect, it } from 'vitest';
import { arrivalAt } from '../../../core/release/arrival';
import { recordsOf } from '../history';

const newestFirst = (...steps: Parameters<typeof recordsOf>[0]) => recordsOf(steps).reverse();
const arrival = async (version: number, ...steps: Parameters<typeof recordsOf>[0]) =>
  (await arrivalAt(version, newestFirst(...steps)))?.sequence;

describe('the record by which an alias came to where it stands', () => {
  it('is the newest that moved it', async () => {
    expect(await arrival(2, { to: 1 }, { to: 2 })).toBe(2);
    expect(await arrival(1, { to: 1 }, { to: 2 }, { to: 1 })).toBe(3);
  });

  it('is no withdrawal since, and no release that failed', async () => {
    expect(await arrival(2, { to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] })).toBe(2);
    expect(await arrival(2, { to: 1 }, { to: 2 }, { to: 3 }, { to: 2, undo: true })).toBe(2);
  });

  it('is unknown where the alias stands elsewhere, or nowhere', async () => {
    expect(await arrival(1, { to: 1 }, { to: 2 })).toBeUndefined();
    expect(await arrival(1, { to: 1 }, { to: null })).toBeUndefined();
    expect(await arrival(1)).toBeUndefined();
  });
});
