import { describe, expect, test } from 'vitest';
import { type Extras, gatedScenarios, prepare, run, type Scenario, scenarios } from './release-scenarios';
import { everyOrder } from './schedule';

async function everyOrderOf(scenario: Scenario, extras: Extras) {
  const prepared = await prepare(scenario);
  const found = await everyOrder((choose) => run(prepared, extras, choose));
  if (process.env.SHOW_ORDERS) {
    console.log(
      `${scenario.name}, ${scenario.attributes}, ${extras.late ?? extras.pauses}: ${found.orders} orders, ${found.wrong} wrong`,
    );
  }
  return found;
}

/**
 * The combinations with deaths are many and take seconds each. `npm test` tries one scenario, the gate one by the commit's
 * hash (ORDERS_SEED), `npm run prove -- interleavings` all (EVERY_ORDER=1).
 */
const { EVERY_ORDER, ORDERS_SEED } = process.env;
const troubled = EVERY_ORDER
  ? scenarios
  : ORDERS_SEED
    ? [scenarios[Number(ORDERS_SEED) % scenarios.length] as Scenario]
    : scenarios.filter(({ name }) => /^create/.test(name));
const gated = EVERY_ORDER
  ? gatedScenarios
  : [gatedScenarios[Number(ORDERS_SEED ?? 0) % gatedScenarios.length] as Scenario];
const callByCall: Extras = { pauses: 'every call', crashes: 0, losses: 0 };
const sharedState: Extras = { pauses: 'shared state', crashes: 0, losses: 0 };
const withLateForward: Extras = { pauses: 'shared state', crashes: 1, losses: 0, late: 'forward' };
const withLateBack: Extras = { pauses: 'shared state', crashes: 1, losses: 1, late: 'back' };

describe('a release that is given up leaves the alias where the stack says, in every order', () => {
  test.each(scenarios)(
    'with its rollback and the next release, call by call ($name, $attributes)',
    async (scenario) => {
      expect(await everyOrderOf(scenario, callByCall)).toMatchObject({ wrong: 0, stories: [] });
    },
  );

  test.each(troubled)('with invocations that die, and itself once more ($name, $attributes)', async (scenario) => {
    expect(await everyOrderOf(scenario, withLateForward)).toMatchObject({ wrong: 0, stories: [] });
  });

  test.each(troubled)(
    'with invocations that die, answers that get lost, and the rollback once more ($name, $attributes)',
    async (scenario) => {
      expect(await everyOrderOf(scenario, withLateBack)).toMatchObject({ wrong: 0, stories: [] });
    },
  );

  test.each(gated)('with a gate, and what reviewers and time do meanwhile ($name, $gated)', async (scenario) => {
    expect(await everyOrderOf(scenario, sharedState)).toMatchObject({ wrong: 0, stories: [] });
  });

  test.each(EVERY_ORDER ? gatedScenarios : [])(
    'with a gate, and invocations that die, and itself once more ($name, $gated)',
    async (scenario) => {
      expect(await everyOrderOf(scenario, withLateForward)).toMatchObject({ wrong: 0, stories: [] });
    },
  );

  test('and not in every order where a record that moves nothing takes no sequence number', async () => {
    const prepared = await prepare(scenarios[0] as Scenario);
    prepared.world.fenced = false;

    const { orders, wrong } = await everyOrder((choose) => run(prepared, callByCall, choose));

    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(orders);
  });
});
