import { describe, expect, it } from 'vitest';
import type { AuditedParameter } from '../../../core/audit/audited-parameter';
import { rolloutEnd } from '../../../core/audit/rules/rollout-end';
import { formatProgress } from '../../../core/contract/rollout-parameters';
import { parseRecord } from '../../../core/ledger/record';
import { POINTER, ROLLOUT, RolloutWorld } from '../../lambda/rollout-world';

const { steps: _, ...rest } = ROLLOUT;
const SPLIT = { ...rest, steps: [50], for: 7_200, scores: ['helpful'] };
const END = '2026-12-02T11:00:30.000Z';

/** What the rule says of a world as it is now, with this in the parameter. */
function problems(world: RolloutWorld, value = world.parameters.get(`${POINTER}/rollout-progress`) ?? ''): string[] {
  const records = [...world.bucket.objects]
    .filter(([key]) => key.startsWith('ledger/'))
    .map(([, body]) => parseRecord(body))
    .sort((a, b) => a.sequence - b.sequence);
  const progress = { name: `${POINTER}/rollout-progress`, value, time: '2026-12-02T10:30:00.000Z', user: 'mallory' };
  const found: string[] = [];
  rolloutEnd.run(
    { parameter: { progress }, chain: { records } } as unknown as AuditedParameter,
    (problem, _name, text) => found.push(`${problem} ${text}`),
  );
  return found;
}

const edited = (world: RolloutWorld, change: object) =>
  formatProgress({ ...(world.progress ?? expect.fail()), ...change });

describe('The parameter of a rollout with an end', () => {
  it('is as the controller writes it, at each minute, over the end, and after a halt', async () => {
    const world = new RolloutWorld(SPLIT).start();
    for (let minute = 0; minute < 130; minute++) expect(problems(await world.wait(1))).toEqual([]);
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
    expect(problems(world)).toEqual([]);
  });

  it('lets nobody go on after it: who wrote that is named, also where a later record took it over', async () => {
    const world = await new RolloutWorld(SPLIT).start().wait(60);
    const value = edited(world, { until: '2026-12-02T11:00:31.000Z' });
    const found = [
      `UntilPastEnd lets readers go on until 2026-12-02T11:00:31.000Z, as mallory wrote at 2026-12-02T10:30:00.000Z: what record 2 began is over at ${END}`,
    ];
    expect(problems(world, value)).toEqual(found);
    expect(problems(world, edited(world, { until: END }))).toEqual([]);
    world.record({
      ...{ schema: 2, kind: 'withdraw', withdrawn: [1], requires: ['rollout'], rollout: SPLIT },
      ...{ passed: null, ended: null, time: '2026-12-02T10:00:00.000Z' },
    });
    expect(problems(world, value)).toEqual(found);
  });

  it('says nothing of a halt, of another plan, of a rollout without an end, and of one that was ended', async () => {
    const late = { until: '2036-01-01T00:00:00.000Z' };
    const world = await new RolloutWorld(SPLIT).start().wait(60);
    expect(problems(world, edited(world, { ...late, state: 'halt' }))).toEqual([]);
    expect(problems(world, edited(world, { ...late, plan: 9 }))).toEqual([]);
    expect(problems(world, 'none')).toEqual([]);
    const value = edited(world, late);
    expect(problems(world.end(), value)).toEqual([]);
    const steps = await new RolloutWorld().start().wait(5);
    expect(problems(steps, edited(steps, late))).toEqual([]);
  });
});
