import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withdrawnVersions } from '../core/release/life-of-an-alias';
import { overHistories } from '../core/release/over-histories';
import { RollingStack } from './rolling-stack';

/** As many as `npm test` has time for. */
const USUAL = 40;
const VERSIONS = 5;

type Attributes = 'stored' | 'fresh';

interface Operation {
  readonly stable: number;
  /** 0: a plain target. */
  readonly candidate: number;
  /** The target that is declared already, so that only the withdrawn versions change. */
  readonly again: boolean;
  readonly withdrawn: readonly number[];
  readonly ends: 'done' | 'failed' | 'failed early';
  readonly attributes: Attributes;
}

/** What the stack declares and what is true of it, kept without any record. */
interface Belief {
  readonly target: string;
  readonly place: number | null;
  readonly rollout: { readonly candidate: number; readonly plan: number } | null;
  readonly withdrawn: string;
}

const version = fc.integer({ min: 1, max: VERSIONS });

const operations = fc.array(
  fc.record<Operation>({
    stable: version,
    candidate: fc.oneof(fc.constant(0), version),
    again: fc.boolean(),
    withdrawn: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, withdrawnVersions),
    ends: fc.constantFrom('done', 'done', 'failed', 'failed early'),
    attributes: fc.constantFrom('stored', 'fresh'),
  }),
  { minLength: 4, maxLength: 12 },
);

/** What a release makes of the belief; undefined where it is refused. */
function after(belief: Belief, operation: Operation, next: number, target: string): Belief | undefined {
  const { stable, candidate, withdrawn } = operation;
  const out = withdrawn.join(',') || 'none';
  const { place, rollout } = belief;
  if (candidate === 0) {
    if (stable !== place && withdrawn.includes(stable)) return undefined;
    return { target, place: stable, rollout: null, withdrawn: out };
  }
  if (stable !== place) return undefined;
  const isOut = withdrawn.includes(stable) || withdrawn.includes(candidate);
  const stays = { target, place, withdrawn: out };
  if (rollout?.candidate === candidate) return { ...stays, rollout: isOut ? null : rollout };
  if (belief.target === target) return { ...stays, rollout: null };
  if (isOut || candidate <= stable) return undefined;
  return { ...stays, rollout: { candidate, plan: next } };
}

/** The versions that go into the callers' policy; the order does not matter to IAM. */
function decided(plan: Record<string, string>): unknown {
  const { Revision, PlannedAt, Direction, Terms, ...rest } = plan;
  const callable = [1, 2, 3].map((slot) => rest[`CallableArn${slot}`]).sort();
  return { ...Object.fromEntries(Object.entries(rest).filter(([name]) => !/\d$/.test(name))), callable };
}

async function expectBelief(stack: RollingStack, belief: Belief): Promise<void> {
  const { newest } = stack;
  const { plan, candidate } = belief.rollout ?? {};
  expect(newest?.to?.version ?? null).toBe(belief.place);
  expect(newest?.withdrawn.join(',') || 'none').toBe(belief.withdrawn);
  expect(newest?.rollout?.plan, 'in the ledger').toBe(plan);
  expect(newest?.rollout?.candidate.version).toBe(candidate);
  const value = stack.value as 'none' | { readonly plan: number };
  expect(value === 'none' ? undefined : value.plan, 'in the parameter').toBe(plan);
}

/** What a plan would answer if the stack went back to where it is now. */
async function planAnew(stack: RollingStack): Promise<Record<string, string>> {
  const { world } = stack;
  const status = world.stack.now;
  world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
  const plan = await world.plan(stack.target, stack.withdrawn);
  world.stack.now = status;
  return plan as Record<string, string>;
}

describe('Random histories of an alias with a rollout, by the real handlers,', { timeout: 1_800_000 }, () => {
  test('come out as the stack declares, with stored attributes and with fresh ones', async () => {
    let [begun, undone] = [0, 0];
    await overHistories(
      USUAL,
      fc.asyncProperty(operations, async (all) => {
        const stack = new RollingStack();
        stack.world.prompts.add({ name: 'default' });
        await stack.deploy('1');
        let belief: Belief = { target: '1', place: 1, rollout: null, withdrawn: 'none' };
        let stored = stack.planned;
        for (const operation of all) {
          // Most rollouts that are asked for stand where the alias does.
          const stands = operation.candidate > 1 ? (belief.place ?? 1) : operation.stable;
          const wish = operation.candidate === 0 ? `${stands}` : `${stands}..${operation.candidate}`;
          const target = operation.again ? belief.target : wish;
          const [stable = 0, candidate = 0] = target.split('..').map(Number);
          const asked = { ...operation, stable, candidate };
          const withdrawn = asked.withdrawn.join(',') || 'none';
          const next = (stack.newest?.sequence ?? 0) + 1;
          const expected = after(belief, asked, next, target);
          if (expected === undefined) {
            await expect(stack.deploy(target, withdrawn)).rejects.toMatchObject({ code: expect.any(String) });
            stack.world.stack.now = 'UPDATE_ROLLBACK_COMPLETE';
          } else if (asked.ends === 'done') {
            await stack.deploy(target, withdrawn);
            if (expected.rollout && expected.rollout.plan === next) begun += 1;
            belief = expected;
            stored = stack.planned;
          } else {
            if (asked.ends === 'failed') await stack.fail(target, withdrawn, asked.attributes);
            else await stack.failEarly(target, withdrawn, asked.attributes);
            if (belief.rollout) undone += 1;
            if (asked.attributes === 'fresh') expect(decided(stack.planned)).toEqual(decided(stored));
          }
          await expectBelief(stack, belief);
          expect(decided(await planAnew(stack))).toEqual(decided(stored));
        }
      }),
    );
    expect(begun).toBeGreaterThan(0);
    expect(undone).toBeGreaterThan(0);
  });
});
