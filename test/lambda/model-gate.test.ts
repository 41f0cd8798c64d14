import { beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import type { ModelLife } from '../../core/models/model-facts';
import { formatGatesByAlias } from '../../core/release/gate';
import type { ModelGate } from '../../core/release/gates/model';
import { event, variant } from './events';
import { type Properties, ReleaseWorld } from './release-world';
import { MemoryModels, MemoryPrompts } from './stores';

const DAY = 86_400_000;
const OLD = 'amazon.nova-pro-v1:0';
const NEW = 'amazon.nova-lite-v1:0';
const gate: ModelGate = { gate: 'model', endsAfter: 30 * 86_400, among: [OLD, NEW] };

/** Versions 1 to 3 on the old model, 4 on the new one. */
function versions(): MemoryPrompts {
  const prompts = new MemoryPrompts(variant('draft'));
  for (const [text, modelId] of [
    ['one', OLD],
    ['two', OLD],
    ['three', OLD],
    ['four', NEW],
  ] as const) {
    const content = { ...variant(text), modelId };
    prompts.add(content, contentDigest(content));
  }
  return prompts;
}

let world: ReleaseWorld;
let models: MemoryModels;
let stored: Properties | undefined;

beforeEach(() => {
  world = new ReleaseWorld('every call', versions());
  models = new MemoryModels();
  world.models = models;
  world.gates = formatGatesByAlias({ '*': [gate] });
  stored = undefined;
});

const release = async (target: string, withdrawn = 'none') => {
  stored = await world.release(target, stored, withdrawn);
};
const objects = () => [...world.bucket.objects].filter(([key]) => key.startsWith('ledger/'));

/** What a model comes to, in the time of the world. */
const STATES: Readonly<Record<string, (model: string) => void>> = {
  ACTIVE: (model) => set(model, { status: 'ACTIVE' }),
  LEGACY: (model) => set(model, { status: 'LEGACY', ends: inDays(90) }),
  'ends within 30 days': (model) => set(model, { status: 'LEGACY', ends: inDays(20) }),
  ended: (model) => set(model, { status: 'LEGACY', ends: inDays(-1) }),
  unknown: (model) => set(model, undefined),
  'not among': () => {
    world.gates = formatGatesByAlias({ '*': [{ ...gate, among: ['amazon.nova-micro-v1:0'] }] });
  },
  'no answer': () => {
    const away = () => Promise.reject(Object.assign(new Error('away'), { name: 'AccessDeniedException' }));
    Object.assign(models, { model: away, profile: away });
  },
};
const set = (model: string, life: ModelLife | undefined) => {
  models.lives[model] = life;
};
const inDays = (days: number) => new Date(world.now() + days * DAY);

/** Moves, each with where the alias stands before. */
const MOVES: Readonly<Record<string, { before: () => Promise<void>; model: string; move: () => Promise<void> }>> = {
  first: { before: async () => {}, model: OLD, move: () => release('1') },
  promote: { before: () => release('1'), model: NEW, move: () => release('4') },
  // Until rollouts settle by themselves a settle is a move like another: to a content that was live for nobody.
  settle: { before: () => release('1'), model: OLD, move: () => release('2') },
  'rollback by hand': {
    before: async () => {
      await release('1');
      await release('4');
    },
    model: OLD,
    move: () => release('1'),
  },
  'un-withdraw': {
    before: async () => {
      await release('1');
      await release('2', '1');
    },
    model: OLD,
    move: () => release('2', 'none'),
  },
};
const REFUSED: Readonly<Record<string, string>> = {
  'ends within 30 days': 'ModelEnds',
  ended: 'ModelEnds',
  unknown: 'NoSuchModel',
  'not among': 'ModelNotAmong',
};
const cells = Object.keys(MOVES).flatMap((move) => Object.keys(STATES).map((state) => [move, state] as const));

describe('A model gate', () => {
  test.each(cells)('%s × %s', async (name, state) => {
    const { before, model, move } = MOVES[name] as (typeof MOVES)[string];
    await before();
    const kept = objects();
    world.logged.length = 0;
    STATES[state]?.(model);
    const code = ['first', 'promote', 'settle'].includes(name) ? REFUSED[state] : undefined;

    if (code !== undefined) {
      await expect(move()).rejects.toMatchObject({ code, message: expect.stringContaining('nothing was moved') });
      expect(objects()).toEqual(kept);
      return;
    }
    await move();
    expect(objects().length).toBe(kept.length + 1);
    expect(world.chain().findings).toEqual([]);
    const isSaid = state !== 'ACTIVE' && state !== 'not among' && name !== 'un-withdraw';
    expect(world.logged.some((line) => line.includes(model))).toBe(isSaid);
  });

  test('stands in the record with what Bedrock said', async () => {
    const ends = inDays(60);
    set(OLD, { status: 'LEGACY', ends });
    await release('1');
    const { schema, passed } = world.chain().records[0] ?? {};
    expect({ schema, passed }).toEqual({
      schema: 2,
      passed: {
        how: 'agreed',
        gates: [gate],
        reviews: [],
        model: { id: OLD, status: 'LEGACY', ends: ends.toISOString(), read: expect.stringMatching(/Z$/) },
      },
    });
  });

  test.each([
    [
      'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc:3',
      { guardrail: 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc:3' },
    ],
    ['none', {}],
  ])('says which guardrail callers must name: %s', async (Guardrail, named) => {
    world.more = { Guardrail };
    await release('1');
    const { passed } = world.chain().records[0] ?? {};
    expect(passed).toMatchObject({ model: { id: OLD, status: 'ACTIVE' } });
    expect((passed as { model: object }).model).toEqual({ ...(passed as { model: object }).model, ...named });
    expect('guardrail' in (passed as { model: object }).model).toBe('guardrail' in named);
    expect(world.chain().findings).toEqual([]);
  });

  test('says that Bedrock did not answer where it did not', async () => {
    STATES['no answer']?.(OLD);
    await release('1');
    const { passed } = world.chain().records[0] ?? {};
    expect(passed).toMatchObject({ model: { id: OLD, status: 'UNREAD', ends: null } });
  });

  test('is asked again just before the record: a model that ended meanwhile does not pass', async () => {
    const properties = world.aliasProperties(await world.plan('1'));
    set(OLD, { status: 'LEGACY', ends: inDays(-1) });
    await expect(world.alias(event('PromptAlias', 'Create', properties))).rejects.toMatchObject({ code: 'ModelEnds' });
    expect(objects()).toEqual([]);
  });

  test('asks nothing of Bedrock where there is none, and on the way back', async () => {
    world.gates = '{}';
    await release('1');
    expect(models.asked).toEqual([]);
    world.gates = formatGatesByAlias({ '*': [gate] });
    await world.failedRelease('4', stored ?? {});
    const asked = models.asked.length;
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await world.plan('1');
    expect(models.asked.length).toBe(asked);
  });
});

describe('A return by hand', () => {
  test.each(['gone', 'silent'])('needs no inference profile: %s', async (how) => {
    const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';
    const content = { ...variant('five'), modelId: profile };
    world.prompts.add(content, contentDigest(content));
    world.prompts.add(variant('six'), contentDigest(variant('six')));
    const found = { arn: profile, id: 'abc', modelArns: [`arn:aws:bedrock:us-east-1::foundation-model/${OLD}`] };
    world.gates = '{}';
    world.profiles.find = async () => found;
    await release('5');
    await release('6');
    world.profiles.find = async () => {
      if (how === 'silent') throw Object.assign(new Error('busy'), { name: 'ThrottlingException' });
      return undefined;
    };
    await release('5');
    expect(world.head()).toBe(5);
    // Callers of where it stands lose no right to an outage of a minute: this one waits for Bedrock.
    if (how === 'silent') return;
    await release('5', '6');
    await release('5', 'none');
  });
});
