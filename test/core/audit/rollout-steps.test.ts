import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditedRegistry } from '../../../core/audit/audit-rule';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { rolloutSteps } from '../../../core/audit/rules/rollout-steps';
import { stepKey } from '../../../core/ledger/layout';
import { recordDigest } from '../../../core/ledger/record';
import { parseStep, type RolloutStep, serializeStep } from '../../../core/ledger/rollout-step';
import { ROLLOUT, RolloutWorld } from '../../lambda/rollout-world';

const PLACE = { promptId: 'ABCDEFGHIJ', alias: 'PROD', plan: 2 };
const key = (n: number, plan = 2) => stepKey({ ...PLACE, plan, n });

/** The objects of a rollout that the real controller brought to its third step. */
let honest: ReadonlyMap<string, string>;
beforeAll(async () => {
  honest = new Map((await new RolloutWorld().start().wait(45)).bucket.objects);
});

function problems(objects: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const survey = surveyLedger(
    [...objects].map(([name, body]) => ({
      ...{ key: name, body },
      versions: [{ versionId: 'v', time: '2026-12-02T10:00:00.000Z', marker: false }],
    })),
  );
  rolloutSteps.run({ survey } as AuditedRegistry, (problem, _, _message, more) =>
    found.push(more?.level === 'note' ? `${problem} (note)` : problem),
  );
  return found;
}

/** The chain with one step told anew, and every digest after it right again. */
function retold(change: (step: RolloutStep) => RolloutStep | undefined): Map<string, string> {
  const objects = new Map(honest);
  let previous = recordDigest([...honest].find(([name]) => name.endsWith('/PROD/99999997.json'))?.[1] ?? '');
  for (const n of [1, 2, 3]) {
    const step = change(parseStep(honest.get(key(n)) ?? ''));
    objects.delete(key(n));
    if (!step) continue;
    const body = serializeStep({ ...step, previous });
    objects.set(key(n), body);
    previous = recordDigest(body);
  }
  return objects;
}

const put = (...entries: [string, string][]) => new Map([...honest, ...entries]);
const step = (n: number) => parseStep(honest.get(key(n)) ?? '');

describe('The steps of a rollout', () => {
  it('are in order as the controller writes them, at each step and after a halt', async () => {
    expect(problems(honest)).toEqual([]);
    const halted = await new RolloutWorld().start().wait(20);
    await halted.event({ halt: { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' } });
    expect(problems(halted.bucket.objects)).toEqual([]);
    expect(problems((await new RolloutWorld().start().wait(1)).bucket.objects)).toEqual([]);
  });

  it.each<[string, string, () => ReadonlyMap<string, string>]>([
    ['one is missing', 'Gap', () => new Map([...honest].filter(([name]) => name !== key(2)))],
    ['one was changed', 'WrongPrevious', () => put([key(1), serializeStep({ ...step(1), reason: 'x' })])],
    [
      'one was left out, and the chain told anew',
      'WrongFrom',
      () => retold((one) => (one.n === 2 ? { ...one, step: 2 } : one)),
    ],
    ['one goes on after a halt', 'WrongFrom', () => retold((one) => (one.n === 2 ? { ...one, kind: 'halt' } : one))],
    ['one is higher than allowed', 'StepNotAllowed', () => retold((one) => (one.n === 3 ? { ...one, step: 3 } : one))],
    ['one says that it is of another place', 'WrongKey', () => put([key(3), serializeStep({ ...step(3), n: 4 })])],
    ['one is half-written', 'BadRecord', () => put([key(3), '{"schema":1'])],
    [
      'they are of a rollout that no record began',
      'StepWithoutRollout',
      () => put([key(1, 9), serializeStep({ ...step(1), plan: 9 })]),
    ],
    [
      'the first was made for another record',
      'WrongPrevious',
      () => put([key(1), serializeStep({ ...step(1), previous: 'f'.repeat(64) })]),
    ],
  ])('are found where %s', (_, problem, objects) => {
    expect(problems(objects())).toContain(problem);
  });

  it('of a split are in order until its end and after it, also where somebody halts it then', async () => {
    const { steps: _, ...rest } = ROLLOUT;
    const world = new RolloutWorld({ ...rest, steps: [50], for: 3_600, scores: ['helpful'] }).start();
    expect(problems((await world.wait(100)).bucket.objects)).toEqual([]);
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' } });
    expect(world.steps.map(({ kind }) => kind)).toEqual(['step', 'halt']);
    expect(problems(world.bucket.objects)).toEqual([]);
  });

  it.each([
    ['at', '2026-12-02T10:00:30.000Z', ['StepAfterEnd']],
    ['after', '2026-12-03T10:00:00.000Z', ['StepAfterEnd']],
    ['just before', '2026-12-02T10:00:29.000Z', []],
  ])('of a split that hold from a time on %s its end are found', async (_when, at, found) => {
    const { steps: _, ...rest } = ROLLOUT;
    const world = await new RolloutWorld({ ...rest, steps: [50], for: 3_600, scores: [] }).start().wait(5);
    const [step] = world.steps;
    world.putStep({ ...(step as RolloutStep), at });
    expect(problems(world.bucket.objects)).toEqual(found);
  });

  it('that come after the end of a rollout are told, and prove nothing', async () => {
    const world = await new RolloutWorld().start().wait(15);
    const last = world.steps.at(-1) as RolloutStep;
    const body = world.bucket.objects.get(key(last.n)) ?? '';
    world.record({
      ...{ schema: 2, kind: 'rollout', requires: [], rollout: null, passed: null },
      ended: { plan: 2, n: last.n, head: recordDigest(body) },
    });
    world.putStep({ ...last, n: last.n + 1, step: last.step + 1, previous: recordDigest(body) });
    expect(problems(world.bucket.objects)).toEqual(['LateStep (note)']);
  });

  it('are not as the record says that ended it', async () => {
    const world = await new RolloutWorld().start().wait(15);
    world.record({
      ...{ schema: 2, kind: 'rollout', requires: [], rollout: null, passed: null },
      ended: { plan: 2, n: 1, head: 'a'.repeat(64) },
    });
    expect(problems(world.bucket.objects)).toContain('WrongEnd');
  });
});
