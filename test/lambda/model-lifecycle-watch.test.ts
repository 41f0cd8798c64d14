import type {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { STACKS, type WatchSettings } from '../../core/contract/model-lifecycle-watch';
import { ledgerKey } from '../../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../../core/ledger/record';
import type { ModelLife, ModelSource } from '../../core/models/model-facts';
import { CloudWatchModelCalls } from '../../lambda/model-lifecycle-watch/cloudwatch-model-calls';
import { type WatchEvent, watchModels } from '../../lambda/model-lifecycle-watch/handler';
import type { WatchMessage } from '../../lambda/model-lifecycle-watch/watch-message';
import { recordsOf, type Step } from '../core/history';
import { MemoryBucket } from './stores';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-30T06:00:00Z');
const PRO = 'amazon.nova-pro-v1:0';
const HAIKU = 'anthropic.claude-3-haiku-20240307-v1:0';
const APPLICATION = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123';
const daysOn = (days: number): Date => new Date(NOW + days * DAY);

/** An account: a ledger, and Bedrock with lives of models and routes of profiles. */
class World {
  readonly ledger = new MemoryBucket();
  readonly lives = new Map<string, ModelLife | Error>([[PRO, { status: 'ACTIVE' }]]);
  readonly profiles = new Map<string, string[]>();
  readonly asked: string[] = [];
  /** `ModelId` → days since its last call, an error where CloudWatch does not answer. @default - all were called just now */
  called: Map<string, number> | Error | undefined;
  callsRead = 0;
  readonly messages: WatchMessage[] = [];
  metrics: Record<string, unknown>[] = [];
  settings: WatchSettings = { schema: 1, topic: 'topic', within: 30, callable: {}, successors: {} };

  private readonly models: ModelSource = {
    model: async (identifier) => {
      this.asked.push(identifier);
      const life = this.lives.get(identifier.slice(identifier.lastIndexOf('/') + 1));
      if (life instanceof Error) throw life;
      return life;
    },
    profile: async (identifier) =>
      this.profiles.get(identifier)?.map((id) => `arn:aws:bedrock:us-west-2::foundation-model/${id}`),
  };

  /** The history of an alias, its versions on the models named; others on Nova Pro. */
  alias(steps: readonly Step[], models: Record<number, string | null> = {}, more: Partial<LedgerRecord> = {}): this {
    const on = (place: LedgerRecord['to']) =>
      place && { ...place, ...(place.version in models && { model: models[place.version] ?? null }) };
    for (const record of recordsOf(steps)) {
      const own = { ...record, ...more, from: on(record.from), to: on(record.to) };
      this.ledger.objects.set(ledgerKey(own.promptId, own.alias, own.sequence), serializeRecord(own));
    }
    return this;
  }

  async run(event: WatchEvent = {}): Promise<this> {
    this.asked.length = 0;
    this.metrics = [];
    this.messages.length = 0;
    await watchModels(event, {
      ledger: this.ledger,
      models: this.models,
      calls: { lastCalls: async () => this.lastCalls() },
      settings: this.settings,
      registry: '/prompts/prod',
      publish: async (message) => void this.messages.push(message),
      metric: (line) => void this.metrics.push(line as Record<string, unknown>),
      now: () => NOW,
      log: () => {},
    });
    return this;
  }

  private lastCalls(): Map<string, number> {
    this.callsRead += 1;
    if (this.called instanceof Error) throw this.called;
    const called = this.called ?? new Map([...this.lives.keys()].map((id) => [id, 0]));
    return new Map([...called].map(([id, days]) => [id, daysOn(-days).getTime()]));
  }

  get days(): unknown[] {
    return this.metrics
      .filter((line) => 'DaysToModelEnd' in line)
      .map(({ Prompt, Alias, Model, DaysToModelEnd }) => [Prompt, Alias, Model, DaysToModelEnd]);
  }

  get unread(): unknown {
    return this.metrics.find((line) => 'ModelsUnread' in line)?.ModelsUnread;
  }

  get text(): string {
    return this.messages.map(({ subject, text }) => `${subject}\n${text}`).join('\n');
  }
}

describe('the watch over models', () => {
  it('says nothing of models that go on, and that it looked', async () => {
    const world = await new World().alias([{ to: 1 }]).run();
    expect(world.messages).toEqual([]);
    expect(world.metrics).toHaveLength(1);
    expect(world.unread).toBe(0);
  });

  it('names prompt, alias, version, date and successor below thirty days, and only there', async () => {
    const world = new World().alias([{ to: 1 }, { to: 2 }], { 2: HAIKU });
    world.settings = { ...world.settings, successors: { [HAIKU]: PRO } };
    world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(30) });
    expect((await world.run()).messages).toEqual([]);
    expect(world.days).toEqual([['financial-analysis', 'PROD', HAIKU, 30]]);
    world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(29) });
    expect((await world.run()).messages).toEqual([
      {
        subject: 'A model ends in 29 days: /prompts/prod',
        text: `PROD of financial-analysis (version 2) runs on ${HAIKU}, which ends on 2026-12-29, in 29 days; its successor is ${PRO}.\nAll of them: prompt-registry models list. Registry: /prompts/prod.`,
      },
    ]);
    expect(world.days).toEqual([['financial-analysis', 'PROD', HAIKU, 29]]);
  });

  it('says what has ended, by the day that the schedule came due', async () => {
    const world = new World().alias([{ to: 1 }]);
    world.lives.set(PRO, { status: 'LEGACY', ends: daysOn(1) });
    expect((await world.run()).text).toContain('ends tomorrow');
    expect((await world.run({ time: daysOn(4).toISOString() })).text).toContain('A model has ended');
    expect(world.days).toEqual([['financial-analysis', 'PROD', PRO, -3]]);
  });

  it('watches what a rollback would bring back, as far as callers may use it', async () => {
    const world = new World().alias([{ to: 1 }, { to: 2 }, { to: 3 }], { 1: 'gone.one', 2: HAIKU });
    world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(9) });
    expect((await world.run()).text).toContain('Version 2, callable by PROD of financial-analysis,');
    expect(world.asked.sort()).toEqual([PRO, HAIKU].sort());
    world.settings = { ...world.settings, callable: { 'financial-analysis/PROD': 3 } };
    expect((await world.run()).text).toContain('no model or profile of that name');
    expect(world.asked).toContain('gone.one');
  });

  it.each<[string, Step[]]>([
    ['withdrawn', [{ to: 1 }, { to: 2, withdrawn: [1] }]],
    ['of a release that was undone', [{ to: 2 }, { to: 1 }, { to: 2, undo: true }]],
    ['of an alias that was removed', [{ to: 1 }, { to: null }]],
  ])('says nothing of what callers cannot use: %s', async (_, steps) => {
    const world = new World().alias(steps, { 1: HAIKU });
    world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(2) });
    await world.run();
    expect(world.messages).toEqual([]);
    expect(world.asked).not.toContain(HAIKU);
  });

  it('asks once for a model, whatever leads to it, and for a profile by its models', async () => {
    const arn = `arn:aws:bedrock:us-east-1::foundation-model/${PRO}`;
    const world = new World();
    for (const [index, model] of [PRO, `us.${PRO}`, `global.${PRO}`, arn, PRO].entries()) {
      world.alias([{ to: 1 }], { 1: model }, { alias: `A${index}` });
    }
    for (const id of [`us.${PRO}`, `global.${PRO}`]) world.profiles.set(id, [PRO, PRO]);
    world.lives.set(PRO, { status: 'LEGACY', ends: daysOn(5) });
    await world.run();
    expect(world.asked).toHaveLength(1);
    expect(world.days.map((line) => (line as unknown[])[3])).toEqual([5, 5, 5, 5, 5]);
    expect(world.messages).toHaveLength(1);
  });

  it('has no figure where Bedrock does not say, and says so', async () => {
    const world = new World()
      .alias([{ to: 1 }])
      .alias([{ to: 1 }], { 1: 'amazon.nova-prp-v1:0' }, { alias: 'STAGING' });
    world.lives.set(PRO, Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    await world.run();
    expect(world.days).toEqual([]);
    expect(world.unread).toBe(2);
    expect(world.text).toContain('The end of 2 models is not known');
    expect(world.text).toContain(
      `PROD of financial-analysis (version 1) runs on ${PRO}, and Bedrock did not say until when (ThrottlingException).`,
    );
    expect(world.text).toContain('amazon.nova-prp-v1:0, and Bedrock has no model or profile of that name here.');
    world.lives.set(PRO, { status: 'ACTIVE' });
    expect((await world.run()).unread, 'asked again the next day').toBe(1);
  });

  it('says nothing of models of one’s own, of which Bedrock tells no end, and of versions without a model', async () => {
    const own = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl';
    const world = new World().alias([{ to: 1 }, { to: 2 }], { 1: null, 2: own });
    expect((await world.run()).messages).toEqual([]);
    expect([world.unread, world.asked]).toEqual([0, []]);
  });

  describe('where a model is LEGACY', () => {
    const legacy = (models: Record<number, string> = { 1: HAIKU }, steps: Step[] = [{ to: 1 }]) => {
      const world = new World().alias(steps, models);
      world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(200) });
      world.called = new Map();
      return world;
    };

    it('names what nobody called for ten days, with what comes of it and the fix', async () => {
      const world = legacy();
      world.settings = { ...world.settings, successors: { [HAIKU]: PRO } };
      world.called = new Map([[HAIKU, 12.5]]);
      expect((await world.run()).messages).toEqual([
        {
          subject: 'A LEGACY model was not called for 12 days: /prompts/prod',
          text: `PROD of financial-analysis (version 1) runs on ${HAIKU}, which is LEGACY and was not called for 12 days: after 15 to 30 days without a call Bedrock refuses it. Call it, or release a version on another model; its successor is ${PRO}.\nAll of them: prompt-registry models list. Registry: /prompts/prod.`,
        },
      ]);
      expect(world.unread).toBe(0);
    });

    it.each([
      [0, false],
      [9.9, false],
      [10, true],
      [13, true],
    ])('%d days after the last call: %s', async (days, isTold) => {
      const world = legacy();
      world.called = new Map([[HAIKU, days]]);
      expect((await world.run()).messages).toHaveLength(isTold ? 1 : 0);
    });

    it('says so of what a rollback would bring back, and of models without any call', async () => {
      const world = await legacy({ 1: HAIKU }, [{ to: 1 }, { to: 2 }]).run();
      expect(world.text).toContain('Version 1, callable by PROD of financial-analysis,');
      expect(world.text).toContain('was not called for 14 days or more');
    });

    it.each([
      ['the model', HAIKU, HAIKU],
      ['a profile of it', HAIKU, `us.${HAIKU}`],
      ['the profile that the version names', `us.${HAIKU}`, `us.${HAIKU}`],
      ['the model behind that', `us.${HAIKU}`, HAIKU],
      ['a profile by its ARN', HAIKU, `arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.${HAIKU}`],
      ['the model by its ARN', HAIKU, `arn:aws:bedrock:us-east-1::foundation-model/${HAIKU}`],
      ['an application profile by its id', APPLICATION, 'abc123'],
      ['an application profile by its ARN', APPLICATION, APPLICATION],
      ['the version itself', HAIKU, 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:1'],
    ])('takes a call of %s for one', async (_, model, called) => {
      const world = legacy({ 1: model });
      for (const id of [`us.${HAIKU}`, APPLICATION]) world.profiles.set(id, [HAIKU]);
      world.called = new Map([
        [HAIKU.slice(1), 1],
        [called, 3],
      ]);
      expect((await world.run()).messages).toEqual([]);
      world.called.set(called, 11);
      expect((await world.run()).text).toContain('was not called for 11 days');
    });

    it.each([PRO, `${HAIKU}x`, `x${HAIKU}`, 'haiku', '', 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:2'])(
      'takes a call of %s for none',
      async (called) => {
        const world = legacy();
        world.called = new Map([[called, 1]]);
        expect((await world.run()).text).toContain('14 days or more');
      },
    );

    it('guesses nothing where CloudWatch does not answer, and says so once', async () => {
      const world = legacy({ 1: HAIKU }, [{ to: 1 }]).alias([{ to: 1 }], { 1: HAIKU }, { alias: 'STAGING' });
      world.called = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
      await world.run();
      expect(world.text.match(/not called/g)).toEqual(['not called']);
      expect(world.text).toContain(
        'Since when LEGACY models were not called cannot be read from CloudWatch: AccessDenied: not authorized',
      );
      expect(world.messages[0]?.subject).toBe('Calls of LEGACY models cannot be read: /prompts/prod');
      expect(world.unread).toBe(1);
      expect(world.days, 'ends are known all the same').toHaveLength(2);
    });

    it('is not asked for where none is, or where it is over', async () => {
      const world = await new World().alias([{ to: 1 }]).run();
      const over = legacy();
      over.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(-1) });
      expect((await over.run()).text).not.toContain('not called');
      expect([world.callsRead, over.callsRead]).toEqual([0, 0]);
    });

    it('speaks of its end first, where that is near as well', async () => {
      const world = legacy();
      world.lives.set(HAIKU, { status: 'LEGACY', ends: daysOn(9) });
      const { messages, text } = await world.run();
      expect(messages[0]?.subject).toBe('A model ends in 9 days: /prompts/prod');
      expect(text).toMatch(/ends on 2026-12-09[\s\S]*was not called for 14 days or more/);
    });
  });

  it('goes on past a chain that cannot be read, and says which', async () => {
    const world = new World().alias([{ to: 1 }]).alias([{ to: 1 }], {}, { alias: 'STAGING' });
    world.ledger.objects.set(ledgerKey('ABCDEFGHIJ', 'STAGING', 2), '{');
    world.lives.set(PRO, { status: 'LEGACY', ends: daysOn(3) });
    await world.run();
    expect(world.days).toEqual([['financial-analysis', 'PROD', PRO, 3]]);
    expect(world.unread).toBe(1);
    expect(world.text).toContain(
      'What STAGING of the prompt ABCDEFGHIJ runs on cannot be read: a ledger record must be JSON',
    );
  });

  it('names the first hundred of many, those that end first in front', async () => {
    const world = new World();
    for (let n = 1; n <= 120; n++) {
      const model = `some.model-${n}`;
      world.alias([{ to: 1 }], { 1: model }, { alias: `A${n}` });
      world.lives.set(model, { status: 'LEGACY', ends: daysOn(n <= 60 ? 20 : 10) });
    }
    const [message] = (await world.run()).messages;
    expect(message?.text.split('\n')).toHaveLength(102);
    expect(message?.text).toContain('And 20 more.');
    expect(message?.subject).toContain('in 10 days');
  });

  it('writes metrics and no message after a deployment', async () => {
    const world = new World().alias([{ to: 1 }]);
    world.lives.set(PRO, { status: 'LEGACY', ends: daysOn(3) });
    await world.run({ source: STACKS });
    expect(world.messages).toEqual([]);
    expect(world.days).toHaveLength(1);
  });

  it('follows dates that appear, move, are postponed and fall away, over 400 days', async () => {
    const world = new World().alias([{ to: 1 }]);
    const told: number[] = [];
    for (let day = 0; day < 400; day++) {
      // Announced on day 100 for day 200, on day 190 put off to day 300, over on day 350 for a model that Bedrock lost.
      const end = day < 100 ? undefined : daysOn(day < 190 ? 200 : 300);
      if (day < 350) world.lives.set(PRO, { status: end ? 'LEGACY' : 'ACTIVE', ends: end });
      else world.lives.delete(PRO);
      await world.run({ time: daysOn(day).toISOString() });
      if (world.messages.length > 0) told.push(day);
      expect(world.messages.length).toBeLessThanOrEqual(1);
      expect(world.days).toHaveLength(end && day < 350 ? 1 : 0);
    }
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
    expect(told).toEqual([...range(171, 190), ...range(271, 400)]);
  });
});

describe('Calls of models, as CloudWatch tells them', () => {
  const answered = (...pages: GetMetricDataCommandOutput['MetricDataResults'][]) => {
    const asked: GetMetricDataCommandInput[] = [];
    const send = async ({ input }: GetMetricDataCommand) => {
      asked.push(input);
      return {
        MetricDataResults: pages[asked.length - 1],
        NextToken: asked.length < pages.length ? 'more' : undefined,
      };
    };
    const calls = new CloudWatchModelCalls({ send } as unknown as CloudWatchClient);
    return { asked, last: calls.lastCalls(new Date(NOW)) };
  };
  const day = (days: number) => daysOn(-days);

  it('are until the end of the last day with one, on every page', async () => {
    const { asked, last } = answered(
      [
        { Label: HAIKU, Timestamps: [day(2), day(5)], Values: [0, 3], StatusCode: 'PartialData' },
        { Label: PRO, Timestamps: [day(0.5)], Values: [1], StatusCode: 'Complete' },
      ],
      [{ Label: HAIKU, Timestamps: [day(7)], Values: [9], StatusCode: 'Complete' }],
    );
    expect(await last).toEqual(
      new Map([
        [HAIKU, day(4).getTime()],
        [PRO, NOW],
      ]),
    );
    expect(asked.map(({ NextToken }) => NextToken)).toEqual([undefined, 'more']);
    expect(asked[0]?.StartTime).toEqual(day(14));
  });

  it.each(['InternalError', 'Forbidden', 'PartialData'] as const)(
    'are not taken for none where the answer is %s',
    async (StatusCode) => {
      await expect(answered([{ Label: HAIKU, StatusCode }]).last).rejects.toThrow(`CloudWatch answered ${StatusCode}`);
    },
  );

  it('are not taken for none where the account calls more models than one answer holds', async () => {
    const MetricDataResults = [{ Label: HAIKU, StatusCode: 'Complete' }];
    const send = async () => ({ MetricDataResults, Messages: [{ Code: 'MaxMetricsExceeded', Value: 'too many' }] });
    const calls = new CloudWatchModelCalls({ send } as unknown as CloudWatchClient);
    await expect(calls.lastCalls(new Date(NOW))).rejects.toThrow('MaxMetricsExceeded: too many');
  });
});
