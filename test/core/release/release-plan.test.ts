import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRelease, type ReleasePlanProps } from '../../../core/release/release-plan';
import { replayed } from '../../../core/release/replayed';
import { parseVersionTarget } from '../../../core/release/version-target';
import { recordsOf, released, type Step, steps } from '../history';

const digestOf = (version: number) => released(version).digest;

function plan(target: string, history: Step[], change: Partial<ReleasePlanProps> = {}) {
  const records = recordsOf(history).reverse();
  return planRelease({
    promptName: 'financial-analysis',
    aliasName: 'PROD',
    target: parseVersionTarget(target),
    parameterId: 'FinancialAnalysisProdVersion',
    versions: [3, 2, 1].map((version) => ({ version, digest: digestOf(version) })),
    head: records[0] ?? null,
    history: replayed(asyncOf(records)),
    callable: 2,
    withdrawn: [],
    goingBack: false,
    ...change,
  });
}

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('Plan of a release', () => {
  it('points a new alias nowhere, or at a version', async () => {
    expect(await plan('none', [])).toEqual({ version: null, revision: 0, callable: [] });
    expect(await plan('1', [])).toEqual({ version: 1, revision: 0, callable: [1] });
  });

  it('promotes and rolls back, with the version before still callable', async () => {
    expect(await plan('3', [{ to: 1 }, { to: 2 }])).toEqual({ version: 3, revision: 2, callable: [3, 2] });
    expect(await plan('1', [{ to: 1 }, { to: 2 }])).toEqual({ version: 1, revision: 2, callable: [1, 2] });
  });

  it('finds the version that has a content digest', async () => {
    expect(await plan(digestOf(2), [{ to: 1 }])).toEqual({ version: 2, revision: 1, callable: [2, 1] });
  });

  it('takes the newest of versions with one content, but does not move an alias that stands on such a one', async () => {
    const versions = [1, 2, 3].map((version) => ({ version, digest: digestOf(1) }));
    expect((await plan(digestOf(1), [], { versions })).version).toBe(3);
    expect((await plan(digestOf(1), [{ to: 2 }], { versions })).version).toBe(2);
  });

  it('makes no version callable that does not exist any more', async () => {
    expect(
      (await plan('3', [{ to: 1 }, { to: 2 }], { versions: [{ version: 3, digest: digestOf(3) }] })).callable,
    ).toEqual([3]);
  });

  it('leaves an alias on a withdrawn version where it is, not callable', async () => {
    expect(await plan('2', [{ to: 1 }, { to: 2 }], { withdrawn: [2] })).toEqual({
      version: 2,
      revision: 2,
      callable: [1],
    });
  });

  it('lets a removed alias begin again', async () => {
    expect(await plan('none', [{ to: 1 }, { to: null }])).toEqual({ version: null, revision: 2, callable: [1] });
  });

  describe('refuses', () => {
    it('a version that does not exist, listing those that do', async () => {
      const prefixes = [1, 2, 3].map((version) => `${version} (${digestOf(version).slice(0, 12)}…)`).join(', ');
      await expect(plan('7', [{ to: 1 }])).rejects.toThrow(
        refusal(
          'NoSuchVersion',
          `alias PROD of prompt financial-analysis cannot point at version 7: the prompt has versions ${prefixes}; set stack parameter FinancialAnalysisProdVersion to one of them`,
        ),
      );
      await expect(plan('7', [], { versions: [] })).rejects.toThrow(
        refusal('NoSuchVersion', 'the prompt has no versions'),
      );
      await expect(plan('7', [], { versions: [{ version: 1, digest: null }] })).rejects.toThrow(
        refusal('NoSuchVersion', 'the prompt has version 1 (content unknown)'),
      );
    });

    it('a version that went away under the alias', async () => {
      await expect(plan('9', [{ to: 9 }])).rejects.toThrow(refusal('NoSuchVersion', 'cannot point at version 9'));
    });

    it('a content that no version has', async () => {
      await expect(plan(digestOf(9), [], { parameterId: undefined })).rejects.toThrow(
        refusal(
          'NoSuchDigest',
          `cannot point at ${digestOf(9)}: no version of the prompt has that content; it has versions 1`,
        ),
      );
    });

    it('none after a version, naming cause and fix', async () => {
      await expect(plan('none', [{ to: 1 }, { to: 3 }])).rejects.toThrow(
        refusal(
          'NoneAfterVersion',
          'alias PROD of prompt financial-analysis points at version 3 and must not be reset to none: stack parameter FinancialAnalysisProdVersion was reset to its Default',
        ),
      );
      await expect(plan('none', [{ to: 3 }])).rejects.toThrow('deploy with FinancialAnalysisProdVersion=3 to stay');
      await expect(plan('none', [{ to: 3 }], { parameterId: undefined })).rejects.toThrow(
        refusal('NoneAfterVersion', 'its target in the app was changed to none; target version 3 to stay'),
      );
    });

    it('a move to a withdrawn version', async () => {
      await expect(plan('2', [{ to: 1 }], { withdrawn: [2, 3] })).rejects.toThrow(
        refusal('VersionWithdrawn', 'cannot move to version 2: it is withdrawn (withdrawn are 2, 3)'),
      );
      await expect(plan(digestOf(2), [{ to: 1 }], { withdrawn: [2] })).rejects.toThrow(
        refusal('VersionWithdrawn', 'version 2'),
      );
    });
  });

  describe('going back', () => {
    const back = { goingBack: true };

    it('is refused by nothing', async () => {
      const targets = fc.oneof(
        fc.constant('none'),
        fc.integer({ min: 1, max: 9 }).map(String),
        fc.integer({ min: 1, max: 9 }).map(digestOf),
      );
      const withdrawn = fc.uniqueArray(fc.integer({ min: 1, max: 9 }));
      await fc.assert(
        fc.asyncProperty(
          targets,
          fc.oneof(steps, fc.constant<Step[]>([])),
          withdrawn,
          fc.boolean(),
          async (target, history, gone, empty) => {
            const versions = empty ? { versions: [] } : {};
            const { version, revision } = await plan(target, history, { ...back, ...versions, withdrawn: gone });
            if (!target.startsWith('pd1:')) expect(version).toBe(target === 'none' ? null : Number(target));
            expect(revision).toBe(history.length);
          },
        ),
      );
    });

    it('to none, to a missing and to a withdrawn version works', async () => {
      expect((await plan('none', [{ to: 1 }], back)).version).toBeNull();
      expect((await plan('7', [{ to: 1 }], back)).version).toBe(7);
      expect((await plan('2', [{ to: 1 }], { ...back, withdrawn: [2] })).version).toBe(2);
    });

    it('to a content whose version went away asks the ledger, and stays where that does not know', async () => {
      expect((await plan(digestOf(4), [{ to: 4 }, { to: 2 }], back)).version).toBe(4);
      expect((await plan(digestOf(9), [{ to: 4 }, { to: 2 }], back)).version).toBe(2);
      expect((await plan(digestOf(9), [], back)).version).toBeNull();
    });

    it('makes the same versions callable as before the release that failed', async () => {
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.integer({ min: 6, max: 9 }),
          fc.integer({ min: 2, max: 5 }),
          async (history, failed, callable) => {
            const before = history.at(-1)?.to ?? null;
            const target = before === null ? 'none' : String(before);
            const versions = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((version) => ({ version, digest: digestOf(version) }));
            const committed = await plan(target, [...history, { to: failed }], { ...back, versions, callable });
            const fenced = await plan(target, [...history, { to: failed }, { to: before, undo: true }], {
              ...back,
              versions,
              callable,
            });
            const never = await plan(target, history, { ...back, versions, callable });
            expect(committed.callable).toEqual(never.callable);
            expect(fenced.callable).toEqual(never.callable);
          },
        ),
      );
    });
  });
});
