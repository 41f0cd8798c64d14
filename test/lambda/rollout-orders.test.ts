import { describe, expect, it, vi } from 'vitest';
import { seeded } from '../core/rollout/random-counts';
import {
  ALL_SAFEGUARDS,
  type Controllers,
  type Places,
  type Prepared,
  pairScenarios,
  prepareRollout,
  type RolloutScenario,
  runRollout,
  type Safeguards,
  singleScenarios,
} from './rollout-orders';
import { type Choose, everyOrder } from './schedule';

/** All of them: npm run prove -- rollout. `npm test` tries some, the gate others by the commit's hash. */
const { EVERY_ORDER, ORDERS_SEED } = process.env;

// For the whole proof, on a machine that does other things as well.
if (EVERY_ORDER) vi.setConfig({ testTimeout: 3_600_000 });

const single = (name: string) => singleScenarios.find((one) => one.name === name) as RolloutScenario;
const quick = [single('end 2..3, whole, pointer first, good')];
/** One that fails after its parameters has minutes of orders. */
const short = singleScenarios.filter(({ updates }) => updates.every(({ fails }) => fails !== 'parameters'));
const seed = Number(ORDERS_SEED ?? 0);
const sampled = short.slice(seed % short.length).slice(0, 1);
const shared = singleScenarios
  .filter(({ updates, isBad }) => isBad && updates.every(({ fails }) => fails === 'nowhere'))
  .flatMap((one) =>
    (['two', 'late'] as const).map((controllers) => ({ ...one, controllers, name: `${one.name}; ${controllers}` })),
  );
const tried = EVERY_ORDER ? [...singleScenarios, ...shared, ...pairScenarios] : ORDERS_SEED ? sampled : quick;

/** Of a pair, in a sample. */
const AT_RANDOM = 200;

interface Found {
  readonly states: number;
  readonly orders: number;
  readonly wrong: readonly string[];
  readonly meanwhile: readonly string[];
  readonly rests: readonly string[];
}

async function ordersOf(
  prepared: Prepared,
  { places, without = {} }: { readonly places?: Places; readonly without?: Partial<Safeguards> } = {},
): Promise<Found> {
  const [wrong, rests] = [new Set<string>(), new Set<string>()];
  const { meanwhile } = prepared;
  meanwhile.clear();
  const run = (choose: Choose) =>
    runRollout(prepared, { ...ALL_SAFEGUARDS, ...without }, choose, places, (end) => {
      for (const what of end.wrong) wrong.add(what);
      rests.add(end.rest);
    });
  const { orders, states = 0 } = await everyOrder(run);
  return { states, orders, wrong: [...wrong].sort(), meanwhile: [...meanwhile].sort(), rests: [...rests].sort() };
}

describe('a rollout, in every order of stack operations and of controllers that die anywhere', () => {
  it.each(tried)('is served as it is recorded, and ends as it is declared: $name', async (scenario) => {
    const { states, orders, wrong, meanwhile } = await ordersOf(await prepareRollout(scenario));
    if (EVERY_ORDER || ORDERS_SEED) console.log(`${orders} orders, ${wrong.length} wrong, ${states} states`);
    for (const what of EVERY_ORDER ? meanwhile : []) console.log(`until the next tick: ${scenario.name}: ${what}`);
    expect(wrong).toEqual([]);
  });

  it.runIf(ORDERS_SEED)(
    'is served as it is recorded, and ends as it is declared: two operations, at random',
    async () => {
      const next = seeded(seed);
      const prepared = await prepareRollout(pairScenarios[seed % pairScenarios.length] as RolloutScenario);
      for (let order = 0; order < AT_RANDOM; order++) {
        const choose = (options: number) => Math.floor(next() * options);
        expect(await runRollout(prepared, ALL_SAFEGUARDS, choose)).toEqual([]);
      }
      console.log(`${AT_RANDOM} orders, 0 wrong, 0 states`);
    },
  );

  const bad = single('end 2..3, whole, pointer first, bad');
  const good = single('end 2..3, whole, pointer first, good');

  it.each<[string, Partial<Safeguards>, RolloutScenario, RegExp]>([
    [
      'takes a progress for the plan it names',
      { planId: false },
      single('replace 2..3 by 2..4, whole, pointer first, bad'),
      /serves (step \d without a record|after a recorded halt)/,
    ],
    ['sees a halt before it is recorded', { haltOrder: false }, bad, /serves after a recorded halt/],
    ['waits for the time of a step', { at: false }, good, /5 and 25 % at once/],
    [
      'keeps to the end of a share',
      { until: false },
      single('start 2..3, whole, pointer first, good'),
      /get the candidate though no controller is there/,
    ],
  ])('and not in every order unless it %s', async (_what, without, scenario, expected) => {
    const prepared = await prepareRollout(scenario);
    const first = everyOrder(async (choose) => {
      const wrong = await runRollout(prepared, { ...ALL_SAFEGUARDS, ...without }, choose);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return wrong;
    });
    await expect(first).rejects.toThrow(expected);
  });

  it.each<Controllers>(['two', 'late'])(
    'and not at every moment without a reserved concurrency of 1 (%s)',
    async (controllers) => {
      const prepared = await prepareRollout({ ...bad, controllers });
      const first = everyOrder(async (choose) => {
        const wrong = await runRollout(prepared, ALL_SAFEGUARDS, choose);
        if (prepared.meanwhile.size > 0) throw new Error([...prepared.meanwhile].join('\n'));
        return wrong;
      });
      await expect(first).rejects.toThrow(/serves after a recorded halt/);
    },
  );
});

describe('the places where others may get in', () => {
  const least = single('start 2..3, fails after record, fresh, pointer first, bad');
  const withEach = (one: RolloutScenario, kinds: readonly Controllers[]) =>
    kinds.map((controllers) => ({ ...one, controllers }));
  const larger = ['end 2..3, whole, pointer first, bad', 'withdraw 3 from 2..3, whole, pointer first, bad'];
  const all = EVERY_ORDER
    ? [
        { ...least, first: 'rollout' as const },
        ...withEach(least, ['one', 'two', 'late']),
        ...larger.flatMap((name) => withEach(single(name), ['one', 'late'])),
      ]
    : [least];
  const without = [{}, { planId: false }, { at: false }, { haltOrder: false }];

  it.each(all)('lead to the same ends as all calls do: $name, $controllers', async (scenario) => {
    const prepared = await prepareRollout(scenario);
    for (const safeguards of EVERY_ORDER ? without : [{}]) {
      const every = await ordersOf(prepared, { without: safeguards, places: 'every call' });
      const { states, orders, ...ends } = await ordersOf(prepared, { without: safeguards });
      expect(ends).toEqual({ wrong: every.wrong, meanwhile: every.meanwhile, rests: every.rests });
      expect(states).toBeLessThan(every.states);
    }
  });
});
