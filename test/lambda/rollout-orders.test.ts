import { describe, expect, it, vi } from 'vitest';
import {
  ALL_SAFEGUARDS,
  prepareRollout,
  type RolloutScenario,
  rolloutScenarios,
  runRollout,
  type Safeguards,
} from './rollout-orders';
import { everyOrder, type Orders } from './schedule';

/** All of them: npm run prove -- rollout. `npm test` tries some, the gate others by the commit's hash. */
const { EVERY_ORDER, ORDERS_SEED } = process.env;

// For the whole proof, on a machine that does other things as well.
if (EVERY_ORDER) vi.setConfig({ testTimeout: 3_600_000 });

/** One that fails after its parameters has minutes of orders. */
const short = rolloutScenarios.filter(({ fails }) => fails === 'nowhere' || fails === 'record');
const quick = rolloutScenarios
  .filter(({ name, fails, isBad }) => name === 'end 2..3' && fails === 'nowhere' && isBad)
  .slice(0, 1);
const sampled = Number(ORDERS_SEED ?? 0) % short.length;
const tried = EVERY_ORDER ? rolloutScenarios : ORDERS_SEED ? short.slice(sampled, sampled + 1) : quick;

async function ordersOf(scenario: RolloutScenario, safeguards: Safeguards = ALL_SAFEGUARDS): Promise<Orders> {
  const prepared = await prepareRollout(scenario);
  return everyOrder((choose) => runRollout(prepared, safeguards, choose));
}

describe('a rollout, in every order of a stack operation and a controller that dies anywhere', () => {
  it.each(tried)(
    'is served as it is recorded, and ends as it is declared ($name, fails: $fails, $attributes, $first first, bad: $isBad)',
    async (scenario) => {
      const { orders, wrong, stories } = await ordersOf(scenario);
      if (EVERY_ORDER || ORDERS_SEED) console.log(`${orders} orders, ${wrong} wrong`);
      expect(stories).toEqual([]);
      expect(wrong).toBe(0);
    },
  );

  const bad = (name: string, fails: RolloutScenario['fails'] = 'nowhere') =>
    rolloutScenarios.find((one) => one.name === name && one.isBad && one.fails === fails) as RolloutScenario;

  it.each<[string, Partial<Safeguards>, RolloutScenario]>([
    ['takes a progress for the plan it names', { planId: false }, bad('replace 2..3 by 2..4')],
    ['sees a halt before it is recorded', { haltOrder: false }, bad('end 2..3')],
    ['has one controller', { oneController: false }, bad('end 2..3')],
  ])('and not in every order unless it %s', async (_what, without, scenario) => {
    const prepared = await prepareRollout(scenario);
    const first = everyOrder(async (choose) => {
      const wrong = await runRollout(prepared, { ...ALL_SAFEGUARDS, ...without }, choose);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return wrong;
    });
    await expect(first).rejects.toThrow(/serves (step \d without a record|after a recorded halt)/);
  });
});
