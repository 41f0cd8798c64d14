import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ground, isBack } from '../../../core/release/ground';
import { recordsOf, type Step } from '../history';
import { type GatedLife, gatedLives } from './gated-life';
import { overHistories } from './over-histories';

/** As many as `npm test` has time for. */
const USUAL = 300;

const newestFirst = (steps: readonly Step[]) => recordsOf(steps).reverse();
const VERSIONS = [1, 2, 3, 4, 5, 6];

async function backFrom(records: ReturnType<typeof newestFirst>): Promise<number[]> {
  const found = await Promise.all(VERSIONS.map((version) => isBack(version, records)));
  return VERSIONS.filter((_, index) => found[index]);
}

describe('The ground of an alias', () => {
  const groundOf = (...steps: Step[]) => ground(newestFirst(steps));
  const agreed = { how: 'agreed', gates: [], reviews: [], model: null } as const;

  it('is what it went through forwards', async () => {
    expect(await groundOf({ to: 1 }, { to: 2 }, { to: 3, passed: agreed })).toEqual([1, 2, 3]);
  });

  it('loses what was left backwards, one step or two', async () => {
    expect(await groundOf({ to: 1 }, { to: 2 }, { to: 3 }, { to: 2 })).toEqual([1, 2]);
    expect(await groundOf({ to: 1 }, { to: 2 }, { to: 3 }, { to: 1 })).toEqual([1]);
  });

  it('loses what was withdrawn, for good, and all of it with a removal', async () => {
    expect(await groundOf({ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }, { to: 2 })).toEqual([2]);
    expect(await groundOf({ to: 1 }, { to: 2 }, { to: null }, { to: 2 })).toEqual([2]);
  });

  it('lets an alias leave a withdrawn version backwards', async () => {
    const records = newestFirst([{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [2] }]);
    expect(await isBack(1, records)).toBe(true);
    expect(await isBack(2, records)).toBe(false);
  });

  it('is the same again after a return that failed: it is free once more', async () => {
    for (const to of [2, 1]) {
      const records = newestFirst([{ to: 1 }, { to: 2 }, { to: 3 }, { to }, { to: 3, undo: true }]);
      expect(await ground(records)).toEqual([1, 2, 3]);
      expect(await isBack(to, records)).toBe(true);
    }
  });

  it('is not entered by a release that failed, nor by an undo that nobody made', async () => {
    expect(await groundOf({ to: 1 }, { to: 2, passed: agreed }, { to: 1, undo: true })).toEqual([1]);
    expect(await groundOf({ to: 1 }, { to: 9, undo: true }, { to: 2 })).not.toContain(9);
  });

  it('is what came from beyond the history that can be read, and nothing before it', async () => {
    const records = newestFirst([{ to: 1 }, { to: 4 }, { to: 5 }, { to: 1, passed: { how: 'back', to: 1 } }]);
    expect(await ground(records.slice(0, 2))).toEqual([1]);
    expect(await groundOf({ to: 4 }, { to: 5 }, { to: 2 })).toEqual([2]);
  });

  it('is read no further than a yes needs', async () => {
    let read = 0;
    const records = newestFirst(Array.from({ length: 50 }, (_, index) => ({ to: index + 1, passed: agreed })));
    async function* counted() {
      for (const record of records) {
        read += 1;
        yield record;
      }
    }
    expect(await isBack(49, counted())).toBe(true);
    expect(read).toBe(2);
  });
});

describe('The ground in random histories', { timeout: 1_800_000 }, () => {
  it('says of each version whether going there is going back', async () => {
    await overHistories(
      USUAL,
      fc.asyncProperty(gatedLives, async (life) => {
        expect(await backFrom(newestFirst(life.steps))).toEqual(VERSIONS.filter(life.isBack));
      }),
    );
  });

  it('never grows where only the newest records can be read', async () => {
    const cut = (life: GatedLife, length: number) => newestFirst(life.steps).slice(0, length);
    await overHistories(
      USUAL,
      fc.asyncProperty(gatedLives, fc.nat({ max: 12 }), async (life, length) => {
        const newest = await backFrom(cut(life, length));
        expect(VERSIONS.filter(life.isBack)).toEqual(expect.arrayContaining(newest));
      }),
    );
  });
});
