import { expect, it } from 'vitest';
import { ledgerKey } from '../../core/ledger/layout';
import { serializeRecord } from '../../core/ledger/record';
import type { ModelLife } from '../../core/models/model-facts';
import { watchModels } from '../../lambda/model-lifecycle-watch/handler';
import { recordsOf } from '../core/history';
import { MemoryBucket } from './stores';

const DAYS = Number(process.env.WATCH_DAYS ?? 60);
const SEED = Number(process.env.SEED ?? 1);
const PROMPTS = 40;
const ALIASES = ['PROD', 'STAGING'];
const [WITHIN, NAMED, LOST] = [30, 100, 3];
const DAY = 86_400_000;
const BEGIN = Date.parse('2026-11-30T06:00:00Z');
const at = (day: number) => new Date(BEGIN + day * DAY);

/** Numbers from 0 to below 1, the same for a seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seven models, and what Bedrock says of them on a day: the day of their end, or undefined. */
const ENDS: Record<string, (day: number) => number | undefined> = {
  'a.goes-on': () => undefined,
  'a.announced': () => 75,
  'a.appears': (day) => (day < 20 ? undefined : 140),
  'a.moves-nearer': (day) => (day < 40 ? 300 : 55),
  'a.put-off': (day) => (day < 30 ? 50 : day < 200 ? 260 : 390),
  'a.falls-away': (day) => (day < 45 ? 70 : undefined),
  // A model of today may say so no earlier than 45 days before.
  'a.in-45-days': (day) => (day < 155 ? undefined : 200),
};
const MODELS = Object.keys(ENDS);

class Alias {
  readonly versions: number[] = [];
  private readonly models = new Map<number, string>();

  constructor(
    readonly promptId: string,
    readonly prompt: string,
    readonly alias: string,
  ) {}

  model(version: number): string {
    return this.models.get(version) ?? '';
  }

  /** Forward to a new version on some model, or back to the one before. */
  move(random: () => number): void {
    const before = this.versions.at(-2);
    const isBack = before !== undefined && random() < 0.25;
    const next = isBack ? before : Math.max(0, ...this.versions) + 1;
    const model = MODELS[Math.floor(random() * MODELS.length)] ?? '';
    if (!this.models.has(next)) this.models.set(next, random() < 0.5 ? model : `us.${model}`);
    this.versions.push(next);
  }

  /** What callers may use: where it is, and where it was just before. */
  get callable(): number[] {
    return [...new Set(this.versions.slice(-2))];
  }

  write(bucket: MemoryBucket): void {
    for (const record of recordsOf(this.versions.map((to) => ({ to })))) {
      const { promptId, prompt, alias } = this;
      const place = (one: typeof record.to) => one && { ...one, model: this.model(one.version) };
      const own = { ...record, promptId, prompt, alias, to: place(record.to), from: place(record.from) };
      bucket.objects.set(ledgerKey(promptId, alias, own.sequence), serializeRecord(own));
    }
  }
}

it(`tells all ends and no other, day by day, of ${PROMPTS} prompts with two aliases`, {
  timeout: 600_000,
}, async () => {
  const random = numbers(SEED);
  const ledger = new MemoryBucket();
  const aliases = Array.from({ length: PROMPTS }, (_, index) =>
    ALIASES.map((alias) => new Alias(`PROMPT${String(index).padStart(4, '0')}`, `prompt-${index}`, alias)),
  ).flat();
  for (const alias of aliases) {
    alias.move(random);
    alias.write(ledger);
  }
  let [looked, lost, day] = [0, 0, 0];
  // The first end of all on each day, and as the metric has it: a run that was lost wrote none.
  const [truth, seen]: [number[], number[]] = [[], []];
  const asked: string[] = [];
  const lives = {
    model: async (id: string): Promise<ModelLife | undefined> => {
      asked.push(id);
      const end = ENDS[id.slice(id.lastIndexOf('/') + 1)]?.(day);
      return { status: end === undefined ? 'ACTIVE' : 'LEGACY', ...(end !== undefined && { ends: at(end) }) };
    },
    profile: async (id: string) => [`arn:aws:bedrock:us-west-2::foundation-model/${id.replace(/^us\./, '')}`],
  };
  for (day = 0; day < DAYS; day++) {
    const moved = aliases[Math.floor(random() * aliases.length)] as Alias;
    moved.move(random);
    moved.write(ledger);
    const figures = new Map<string, number>();
    const ending = new Set<string>();
    for (const alias of aliases) {
      for (const version of alias.callable) {
        const end = ENDS[alias.model(version).replace(/^us\./, '')]?.(day);
        if (end === undefined) continue;
        figures.set(`${alias.prompt} ${alias.alias} ${alias.model(version)}`, end - day);
        if (end - day < WITHIN) ending.add(`${alias.prompt} ${alias.alias} ${version}`);
      }
    }
    const lowest = Math.min(Number.POSITIVE_INFINITY, ...figures.values());
    truth.push(lowest);
    lost = lost < LOST && random() < 0.3 ? lost + 1 : 0;
    seen.push(lost > 0 ? Number.POSITIVE_INFINITY : lowest);
    if (lost > 0) continue;
    asked.length = 0;
    const messages: string[] = [];
    const lines: Record<string, unknown>[] = [];
    await watchModels(
      { time: at(day).toISOString() },
      {
        ...{ ledger, models: lives, registry: '/prompts/prod', now: () => at(day).getTime(), log: () => {} },
        calls: { lastCalls: async (now) => new Map(MODELS.map((model) => [model, now.getTime()])) },
        settings: { schema: 1, topic: 'topic', within: WITHIN, callable: {}, successors: {} },
        publish: async ({ text }) => void messages.push(text),
        metric: (line) => void lines.push(line as Record<string, unknown>),
      },
    );
    expect(new Set(asked).size, 'each model once').toBe(asked.length);

    const told = lines.filter((line) => 'DaysToModelEnd' in line);
    const key = ({ Prompt, Alias, Model }: Record<string, unknown>) => `${Prompt} ${Alias} ${Model}`;
    expect(new Map(told.map((line) => [key(line), line.DaysToModelEnd]))).toEqual(figures);
    expect(told).toHaveLength(figures.size);

    expect(messages).toHaveLength(ending.size > 0 ? 1 : 0);
    const [text = ''] = messages;
    const named = [
      ...text.matchAll(/^(?:(\w+) of (\S+) \(version (\d+)\)|Version (\d+), callable by (\w+) of (\S+),) /gm),
    ];
    const names = named.map(
      ([, alias, prompt, version, older, by, of]) => `${prompt ?? of} ${alias ?? by} ${version ?? older}`,
    );
    expect(
      names.filter((name) => !ending.has(name)),
      'named without cause',
    ).toEqual([]);
    expect(new Set(names).size).toBe(Math.min(ending.size, NAMED));
    expect(Number(/^And (\d+) more\.$/m.exec(text)?.[1] ?? 0)).toBe(ending.size - names.length);
    looked += figures.size;
  }
  // An alarm rings where one figure of two days is below its threshold: it is not late by more than the runs that were lost.
  for (const threshold of [90, 30]) {
    const rings = (one: number) =>
      [seen[one], seen[one - 1]].some((figure) => figure !== undefined && figure < threshold);
    const isDue = (one: number) => (truth[one] ?? Number.POSITIVE_INFINITY) < threshold;
    let [rung, due] = [0, 0];
    for (let one = 0; one < DAYS; one++) {
      due = isDue(one) ? due + 1 : 0;
      if (due > LOST) expect([one, one - 1, one - 2, one - 3].some(rings), `day ${one}`).toBe(true);
      if (!rings(one)) continue;
      expect(isDue(one) || isDue(one - 1), `day ${one}`).toBe(true);
      rung += 1;
    }
    expect(rung).toBeGreaterThan(0);
  }
  expect(looked).toBeGreaterThan(DAYS);
  console.log(`${looked} figures, 0 wrong`);
});
