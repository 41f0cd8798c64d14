import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callableVersions } from '../../core/callable-versions';
import { recordsOf, type Step, steps } from './history';

function callable(target: number | null, history: Step[], { size = 2, withdrawn = [] as number[] } = {}) {
  return callableVersions({ target, history: recordsOf(history).reverse(), size, withdrawn });
}

describe('Callable versions', () => {
  it('are the target and the one before', () => {
    expect(callable(1, [])).toEqual([1]);
    expect(callable(2, [{ to: 1 }])).toEqual([2, 1]);
    expect(callable(3, [{ to: 1 }, { to: 2 }])).toEqual([3, 2]);
    expect(callable(1, [{ to: 1 }, { to: 2 }])).toEqual([1, 2]);
  });

  it('stay as they are when nothing moves', () => {
    expect(callable(2, [{ to: 1 }, { to: 2 }])).toEqual([2, 1]);
    expect(callable(2, [{ to: 1 }, { to: 2 }, { to: 2 }, { to: 2, undo: true }])).toEqual([2, 1]);
  });

  it('are as many as asked for, each once', () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 1 }, { to: 3 }];
    expect(callable(4, history, { size: 5 })).toEqual([4, 3, 1, 2]);
    expect(callable(4, history, { size: 3 })).toEqual([4, 3, 1]);
  });

  it('do not count where the alias pointed nowhere', () => {
    expect(callable(2, [{ to: 1 }, { to: null }])).toEqual([2, 1]);
    expect(callable(null, [{ to: 1 }, { to: null }])).toEqual([1]);
  });

  it('exclude the withdrawn ones', () => {
    expect(callable(3, [{ to: 1 }, { to: 2 }], { withdrawn: [2] })).toEqual([3]);
    expect(callable(2, [{ to: 1 }, { to: 2 }], { withdrawn: [2] })).toEqual([1]);
    expect(callable(2, [{ to: 1 }, { to: 2 }], { withdrawn: [1, 2] })).toEqual([]);
  });

  it('never become more by withdrawing: a version that left the set stays out', () => {
    expect(callable(3, [{ to: 1 }, { to: 2 }, { to: 3 }], { withdrawn: [2] })).toEqual([3]);
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (history, target, size, withdrawn) => {
          const before = callable(target, history, { size });
          const left = before.filter((version) => !withdrawn.includes(version));
          expect(callable(target, history, { size, withdrawn })).toEqual(left);
        },
      ),
    );
  });

  it('exclude a version whose release was undone', () => {
    expect(callable(3, [{ to: 1 }, { to: 2 }, { to: 1, undo: true }])).toEqual([3, 1]);
    expect(callable(1, [{ to: 1 }, { to: 2 }, { to: 1, undo: true }])).toEqual([1]);
    expect(callable(3, [{ to: 1 }, { to: null, undo: true }])).toEqual([3]);
  });

  it('exclude two versions whose releases were undone one after the other', () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 2, undo: true }, { to: 1, undo: true }];
    expect(callable(1, history, { size: 5 })).toEqual([1]);
  });

  it('keep what was before an undone release', () => {
    const history = [{ to: 1 }, { to: 2 }, { to: 3 }, { to: 2, undo: true }];
    expect(callable(2, history)).toEqual([2, 1]);
    expect(callable(4, history)).toEqual([4, 2]);
  });

  it('exclude an undone version even where the records begin in the middle', () => {
    const history = recordsOf([{ to: 1 }, { to: 2 }, { to: 1, undo: true }]).reverse();
    expect(callableVersions({ target: 3, history: history.slice(0, 1), size: 5, withdrawn: [] })).toEqual([3, 1]);
  });

  it('are what they were before, after any release and its undoing', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 6, max: 9 }), fc.integer({ min: 2, max: 5 }), (history, failed, size) => {
        const before = history.at(-1)?.to ?? null;
        const undone = [...history, { to: failed }, { to: before, undo: true }];
        expect(callable(before, undone, { size })).toEqual(callable(before, history, { size }));
      }),
    );
  });

  it('always begin with the target, are distinct, and are no more than asked for', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 5 }), (history, target, size) => {
        const versions = callable(target, history, { size });
        expect(versions[0]).toBe(target);
        expect(new Set(versions).size).toBe(versions.length);
        expect(versions.length).toBeLessThanOrEqual(size);
      }),
    );
  });
});
