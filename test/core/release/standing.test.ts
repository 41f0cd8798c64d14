import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callableVersions, historyOnTheWayBack } from '../../../core/release/standing';
import { recordsOf, type Step, steps } from '../history';

function callable(target: number | null, history: Step[], { size = 2, withdrawn = [] as number[] } = {}) {
  return callableVersions({ target, history: recordsOf(history).reverse(), size, withdrawn });
}

describe('Callable versions', () => {
  it('are the target and the one before', async () => {
    expect(await callable(1, [])).toEqual([1]);
    expect(await callable(2, [{ to: 1 }])).toEqual([2, 1]);
    expect(await callable(3, [{ to: 1 }, { to: 2 }])).toEqual([3, 2]);
    expect(await callable(1, [{ to: 1 }, { to: 2 }])).toEqual([1, 2]);
  });

  it('stay as they are when nothing moves', async () => {
    expect(await callable(2, [{ to: 1 }, { to: 2 }])).toEqual([2, 1]);
    expect(await callable(2, [{ to: 1 }, { to: 2 }, { to: 2 }, { to: 2, undo: true }])).toEqual([2, 1]);
  });

  it('are as many as asked for, each once', async () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 1 }, { to: 3 }];
    expect(await callable(4, history, { size: 5 })).toEqual([4, 3, 1, 2]);
    expect(await callable(4, history, { size: 3 })).toEqual([4, 3, 1]);
  });

  it('do not count where the alias pointed nowhere', async () => {
    expect(await callable(2, [{ to: 1 }, { to: null }])).toEqual([2, 1]);
    expect(await callable(null, [{ to: 1 }, { to: null }])).toEqual([1]);
  });

  it('exclude the withdrawn ones', async () => {
    expect(await callable(3, [{ to: 1 }, { to: 2 }], { withdrawn: [2] })).toEqual([3]);
    expect(await callable(2, [{ to: 1 }, { to: 2 }], { withdrawn: [2] })).toEqual([1]);
    expect(await callable(2, [{ to: 1 }, { to: 2 }], { withdrawn: [1, 2] })).toEqual([]);
  });

  it('never become more by withdrawing: a version that left the set stays out', async () => {
    expect(await callable(3, [{ to: 1 }, { to: 2 }, { to: 3 }], { withdrawn: [2] })).toEqual([3]);
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (history, target, size, withdrawn) => {
          const before = await callable(target, history, { size });
          const left = before.filter((version) => !withdrawn.includes(version));
          expect(await callable(target, history, { size, withdrawn })).toEqual(left);
        },
      ),
    );
  });

  it('exclude a version whose release was undone', async () => {
    expect(await callable(3, [{ to: 1 }, { to: 2 }, { to: 1, undo: true }])).toEqual([3, 1]);
    expect(await callable(1, [{ to: 1 }, { to: 2 }, { to: 1, undo: true }])).toEqual([1]);
    expect(await callable(3, [{ to: 1 }, { to: null, undo: true }])).toEqual([3]);
  });

  it('exclude two versions whose releases were undone one after the other', async () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 2, undo: true }, { to: 1, undo: true }];
    expect(await callable(1, history, { size: 5 })).toEqual([1]);
  });

  it('keep what was before an undone release', async () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 2, undo: true }];
    expect(await callable(2, history)).toEqual([2, 1]);
    expect(await callable(4, history)).toEqual([4, 2]);
  });

  it('exclude what an operation without a rollback of its own left, once the stack is rolled back', async () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 1, undo: true }];
    expect(await callable(1, history, { size: 5 })).toEqual([1]);
  });

  it('never take a version from an undo, wherever it claims to go', async () => {
    const forged = [{ to: 1 }, { to: 2 }, { to: 9, undo: true }];
    expect(await callable(3, forged, { size: 5 })).not.toContain(9);
    expect(await callable(3, [...forged, { to: 9 }], { size: 5 })).not.toContain(9);
  });

  it.each([4, 10, 60, 150])('keep the version before past %i releases that failed in a row', async (failures) => {
    const failed = Array.from({ length: failures }, () => [{ to: 3 }, { to: 2, undo: true }]).flat();
    expect(await callable(2, [{ to: 1 }, { to: 2 }, ...failed])).toEqual([2, 1]);
    expect(await callable(3, [{ to: 1 }, { to: 2 }, ...failed])).toEqual([3, 2]);
  });

  describe('remember a withdrawal', () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 3, withdrawn: [2] }];

    it('when the version is taken off the withdrawn ones again', async () => {
      expect(await callable(3, [...history, { to: 3 }])).toEqual([3]);
      expect(await callable(4, [...history, { to: 3 }], { size: 5 })).toEqual([4, 3, 1]);
    });

    it('until a release brings the version back', async () => {
      const back = [...history, { to: 3 }, { to: 2 }];
      expect(await callable(2, back)).toEqual([2, 3]);
      expect(await callable(3, back)).toEqual([3, 2]);
    });

    it('and let no version that had left the set take its place', async () => {
      expect(await callable(3, [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 3, withdrawn: [2] }])).toEqual([3]);
      expect(await callable(3, [...history, { to: 3 }])).toEqual([3]);
    });

    it('but not one that was undone with its release', async () => {
      const undone: Step[] = [{ to: 1 }, { to: 2 }, { to: 3, withdrawn: [1] }, { to: 2, undo: true }];
      expect(await callable(2, undone)).toEqual([2, 1]);
      const alone: Step[] = [{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }, { to: 2, undo: true }];
      expect(await callable(2, alone)).toEqual([2, 1]);
    });

    it('that a removal repeats, and no more than that', async () => {
      const made: Step[] = [
        { to: 1 },
        { to: null },
        { to: 3, withdrawn: [1] },
        { to: null, undo: true, withdrawn: [1] },
      ];
      expect(await callable(2, made)).toEqual([2, 1]);
    });
  });

  describe('on the way back', () => {
    const back = (target: number, withdrawn: number[], history: Step[]) =>
      callableVersions({
        target,
        history: historyOnTheWayBack(target, withdrawn, recordsOf(history).reverse()),
        size: 2,
        withdrawn,
      });

    it('count the head as undone where it moved the alias, and where it only withdrew', async () => {
      expect(await back(2, [], [{ to: 1 }, { to: 2 }, { to: 3 }])).toEqual([2, 1]);
      expect(await back(2, [], [{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }])).toEqual([2, 1]);
      expect(await back(2, [1], [{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }, { to: 2 }])).toEqual([2]);
    });

    it('are the same before and after the record that says so', async () => {
      const failed: Step[] = [{ to: 1 }, { to: 2 }, { to: 3, withdrawn: [1] }];
      expect(await back(2, [], failed)).toEqual([2, 1]);
      expect(await back(2, [], [...failed, { to: 2, undo: true }])).toEqual([2, 1]);
      expect(await back(2, [], [{ to: 1 }, { to: 2 }])).toEqual([2, 1]);
    });
  });

  it('are found without reading further than they need', async () => {
    let read = 0;
    const records = recordsOf(Array.from({ length: 200 }, (_, index) => ({ to: index + 1 }))).reverse();
    async function* counted() {
      for (const record of records) {
        read += 1;
        yield record;
      }
    }
    expect(await callableVersions({ target: 200, history: counted(), size: 2, withdrawn: [] })).toEqual([200, 199]);
    expect(read).toBe(2);
  });

  it('are what they were before, after any release and its undoing', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 6, max: 9 }),
        fc.integer({ min: 2, max: 5 }),
        async (history, failed, size) => {
          const before = history.at(-1)?.to ?? null;
          const undone = [...history, { to: failed }, { to: before, undo: true }];
          expect(await callable(before, undone, { size })).toEqual(await callable(before, history, { size }));
        },
      ),
    );
  });

  it('always begin with the target, are distinct, and are no more than asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 2, max: 5 }),
        async (history, target, size) => {
          const versions = await callable(target, history, { size });
          expect(versions[0]).toBe(target);
          expect(new Set(versions).size).toBe(versions.length);
          expect(versions.length).toBeLessThanOrEqual(size);
        },
      ),
    );
  });
});
