import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AliasState, Registry, RegistryPrompt } from '../../cli/registry';
import { type ReadoutOptions, readReadout } from '../../cli/rollout/read-readout';
import { readoutText } from '../../cli/rollout/readout-text';
import { embeddedMetrics, firstUseMetrics, scoreMetrics } from '../../client/prompt-metrics';
import type { LedgerRecord } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { startWithClock } from '../local-aws/local-clients';
import { sampleReadout } from '../studio/readout-sample';
import { fakeTerminal } from './fake-terminal';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BEGAN = Date.parse('2026-11-20T08:10:00Z');
const FIRST = Date.parse('2026-11-20T08:12:00Z');

const DIGEST = `pd1:${'4'.repeat(64)}`;
const SPLIT: Rollout = {
  ...{ plan: 7, candidate: { version: 4, digest: DIGEST, model: null }, steps: [50], bake: 600, minimum: 0 },
  ...{ key: 'session', guards: [], for: 14 * 86_400, scores: ['helpful'] },
};
const { for: _, scores: __, ...WITHOUT_END } = SPLIT;
const STEPS: Rollout = { ...WITHOUT_END, steps: [5, 50], bake: 600 };

const time = (milliseconds: number) => new Date(milliseconds).toISOString();

function step(n: number, at: number, more: Partial<RolloutStep> = {}): RolloutStep {
  return {
    ...{ schema: 1, plan: 7, n, kind: 'step', step: n - 1, at: time(at), by: 'controller', reason: null },
    ...{ evidence: {}, time: time(at - MINUTE), previous: '0'.repeat(64), ...more },
  };
}

type Counted = 'errors' | 'slow' | 'helpful';

interface Given {
  readonly steps?: readonly RolloutStep[];
  /** Newest first. */
  readonly records?: readonly Partial<LedgerRecord>[];
  readonly options?: Partial<ReadoutOptions>;
}

describe('A readout', () => {
  let local: Awaited<ReturnType<typeof startWithClock>>;
  let cloudWatch: CloudWatchClient;
  beforeEach(async () => {
    local = await startWithClock();
    cloudWatch = new CloudWatchClient(local.settings);
  });
  afterEach(() => local.aws.stop());

  /**
   * By the client's own code, as CloudWatch Logs gets it: of `n` uses from a time on the first `yes`, one a second. What
   * fails has no time; what is slow is answered.
   */
  const counted = (version: number, at: number, n: number, yes: number, what: Counted = 'errors') => {
    for (let index = 0; index < n; index++) {
      const where = { registry: '/p', prompt: 'letters', alias: 'PROD', version, time: at + index * 1_000 };
      const isYes = index < yes;
      const latency = !isYes ? 900 : what === 'slow' ? 12_000 : undefined;
      local.aws.logged(what === 'helpful' ? scoreMetrics(where, what, isYes) : firstUseMetrics(where, latency));
    }
  };
  const running = (rollout = SPLIT): Partial<LedgerRecord>[] => [
    { sequence: 7, undo: false, time: time(BEGAN), to: { version: 3, digest: DIGEST, model: null }, rollout },
    { sequence: 6, undo: false, time: time(BEGAN - DAY), to: { version: 3, digest: DIGEST, model: null } },
  ];
  const read = ({ steps = [step(1, FIRST)], records = running(), options = {} }: Given = {}) => {
    async function* history() {
      yield* records as LedgerRecord[];
    }
    const cloudFormation = new CloudFormationClient(local.settings);
    const registry = {
      reader: { steps: async () => steps },
      clients: { cloudWatch, s3: local.s3, cloudFormation },
      stack: { parameterPrefix: '/p' },
    };
    const state = { alias: { aliasName: 'PROD' }, history: history() };
    return readReadout(
      registry as unknown as Registry,
      { promptName: 'letters', promptId: 'ABCDEFGHIJ' } as RegistryPrompt,
      state as unknown as AliasState,
      { slow: 10_000, repeats: 1, mostLooks: 0, ...options },
      local.clock.time,
    );
  };
  const shown = async (given: Given = {}) => {
    const { terminal } = fakeTerminal(120, { NO_COLOR: '1' });
    return readoutText(await read(given), terminal);
  };
  /** Two days, in each hour so many uses of both versions. */
  const twoDays = (candidate: [n: number, yes: number], stable: [n: number, yes: number], what?: Counted) => {
    for (let hour = 0; hour < 48; hour++) {
      counted(4, FIRST + hour * HOUR, ...candidate, what);
      counted(3, FIRST + hour * HOUR, ...stable, what);
    }
    local.clock.time = new Date(FIRST + 2 * DAY);
  };

  it('says of each metric what both arms did, what is between them, and whether they differ', async () => {
    twoDays([20, 8], [20, 2]);
    twoDays([6, 4], [6, 4], 'helpful');
    const before = local.aws.calls.length;
    const { split, isVoid, metrics, measured } = await read({ options: { mostLooks: 5 } });
    expect(local.aws.calls.slice(before).map(({ operation }) => operation)).toEqual(['GetMetricData']);
    expect(isVoid).toBe(false);
    // Whole hours only: the first one began before the first step.
    expect(measured).toEqual({
      ...{
        since: '2026-11-20T09:00:00.000Z',
        until: '2026-11-22T08:00:00.000Z',
        seconds: 3_600,
        next: null,
        isCut: false,
      },
    });
    expect(split).toMatchObject({ candidate: 940, stable: 940, share: 0.5, isFaulty: false });
    const [errors, slow, helpful] = metrics;
    expect(errors).toMatchObject({ name: 'errors', candidate: { n: 940, yes: 376 }, stable: { n: 940, yes: 94 } });
    expect(errors).toMatchObject({ verdict: 'worse', difference: expect.closeTo(0.3, 9) });
    expect(errors?.low).toBeGreaterThan(0.2);
    expect(slow).toMatchObject({ name: 'slow', verdict: 'worse', candidate: { n: 940, yes: 376 } });
    expect(helpful).toMatchObject({ name: 'helpful', verdict: 'open', candidate: { n: 282, yes: 188 } });
    expect(errors?.looks.map((look) => new Date(look.time).toISOString())).toHaveLength(5);
    expect(errors?.looks.at(-1)).toMatchObject({ time: Date.parse('2026-11-22T08:00:00Z'), low: errors?.low });
  });

  it.each<[string, [n: number, failed: number], [n: number, slow: number], object]>([
    ['half of its uses', [20, 10], [20, 6], { verdict: 'worse', candidate: { n: 940, yes: 470 } }],
    ['all of its uses', [20, 20], [20, 6], { verdict: 'worse', candidate: { n: 940, yes: 940 } }],
    ['as many as stable answers late', [20, 6], [20, 6], { verdict: 'open', candidate: { n: 940, yes: 282 } }],
    ['less than stable answers late', [20, 2], [20, 10], { verdict: 'better', candidate: { n: 940, yes: 94 } }],
  ])('does not call a candidate fast for failing fast: %s', async (_, [n, failed], [m, late], slow) => {
    for (let hour = 0; hour < 48; hour++) {
      counted(4, FIRST + hour * HOUR, n, failed);
      counted(3, FIRST + hour * HOUR, m, late, 'slow');
    }
    local.clock.time = new Date(FIRST + 2 * DAY);
    const [errors, found] = (await read()).metrics;
    expect(errors).toMatchObject({ verdict: 'worse', stable: { n: 940, yes: 0 } });
    expect(found).toMatchObject({ name: 'slow', stable: { n: 940, yes: 47 * late }, ...slow });
    expect(await shown()).toContain('slow is not answered within 10 s, failed uses as well');
  });

  it('goes by the time that is asked for, of what was answered', async () => {
    for (let hour = 0; hour < 48; hour++) {
      counted(4, FIRST + hour * HOUR, 20, 4, 'slow');
      counted(3, FIRST + hour * HOUR, 20, 4, 'slow');
    }
    local.clock.time = new Date(FIRST + 2 * DAY);
    const yes = async (slow: number) => (await read({ options: { slow } })).metrics[1]?.candidate.yes;
    expect([await yes(500), await yes(5_000), await yes(15_000)]).toEqual([940, 188, 0]);
  });

  it('knows that more of a score is better, and fewer errors are', async () => {
    twoDays([20, 2], [20, 8]);
    twoDays([10, 9], [10, 5], 'helpful');
    expect((await read()).metrics.map(({ verdict }) => verdict)).toEqual(['better', 'better', 'better']);
    const text = await shown();
    expect(text).toContain('letters PROD  3 → 4   50 % of the keys, until 2026-12-04 08:10:00 UTC');
    expect(text).toContain('940 of 1,880 first uses got the candidate, as planned (50.0 %)');
    expect(text).toMatch(
      /helpful +50\.0 % of 470 +90\.0 % of 470 +\+40\.0 points, from \+\d+\.\d to \+\d+\.\d +better/,
    );
  });

  it('shows tokens, latency and cost of all uses beside it', async () => {
    twoDays([2, 0], [2, 0]);
    for (const [version, latency, cost] of [
      [3, 1_900, 0.002],
      [4, 800, 0.001],
    ] as const) {
      const use = { prompt: 'letters', alias: 'PROD', version, error: undefined } as never;
      const usage = { inputTokens: 800, outputTokens: 100 };
      const line = { use, registry: '/p', latency, usage, cost, time: FIRST + 3 * HOUR };
      local.aws.logged(embeddedMetrics(line));
    }
    expect((await read()).uses).toMatchObject({ stable: { latency: 1_900, cost: 0.002 }, candidate: { uses: 1 } });
    expect(await shown()).toMatch(/3 +1 +1\.9 s +800 \/ 100 +\$0\.0020\n4 +1 +800 ms +800 \/ 100 +\$0\.0010/);
  });

  it.each<[string, number, RolloutStep[], Rollout, (number | null)[]]>([
    ['until the halt', 5 * DAY, [step(1, FIRST), step(2, FIRST + DAY, { kind: 'halt', step: 0 })], SPLIT, [23, 23]],
    ['until the end', 20 * DAY, [step(1, FIRST)], { ...SPLIT, for: 2 * 86_400 }, [47, 47]],
    [
      'until the end before a halt',
      20 * DAY,
      [step(1, FIRST), step(2, FIRST + 3 * DAY, { kind: 'halt', step: 0 })],
      { ...SPLIT, for: 2 * 86_400 },
      [47, 47],
    ],
    ['until now, where it has no end', 5 * DAY, [step(1, FIRST)], { ...STEPS, bake: 86_400 }, [48, 119]],
  ])('shows them of the same times, while both versions are served: %s', async (_, now, steps, rollout, uses) => {
    for (let hour = 1; hour < 5 * 24; hour++) {
      for (const version of hour < 49 ? [3, 4] : [3]) {
        const use = { prompt: 'letters', alias: 'PROD', version, error: undefined } as never;
        // Afterwards stable has longer questions.
        const [latency, usage] = [hour < 25 ? 1_000 : 9_000, { inputTokens: hour, outputTokens: 1 }];
        local.aws.logged(embeddedMetrics({ use, registry: '/p', latency, usage, time: FIRST + hour * HOUR }));
      }
    }
    local.clock.time = new Date(FIRST + now);
    const { uses: found } = await read({ steps, records: running(rollout) });
    expect([found?.candidate.uses, found?.stable.uses]).toEqual(uses);
    if (uses[0] === uses[1]) expect(found?.candidate).toEqual(found?.stable);
  });

  it('is void where the candidate did not get its share, and says so first', async () => {
    twoDays([30, 20], [20, 1]);
    const { isVoid, split } = await read();
    expect(isVoid).toBe(true);
    const text = await shown();
    expect(text).toMatch(/^✖ void: 1,410 of 2,350 first uses got the candidate, 50\.0 % are planned/);
    expect(text).not.toMatch(/worse|points/);
    // A user who counted so often explains it.
    const repeats = split?.explainedByRepeats ?? 0;
    expect(text).toContain(`--repeats ${repeats}`);
    expect((await read({ options: { repeats } })).isVoid).toBe(false);
  });

  it('divides what a user may have counted several times', async () => {
    twoDays([10, 4], [10, 2]);
    expect((await read()).metrics[0]?.verdict).toBe('worse');
    expect((await read({ options: { repeats: 20 } })).metrics[0]?.verdict).toBe('open');
    expect(await shown({ options: { repeats: 20 } })).toContain('up to 20 times: counts were divided');
  });

  it.each<[string, 3 | 4 | undefined, string]>([
    ['no feedback at all', undefined, 'nothing was counted'],
    ['all feedback on the candidate', 4, 'of the candidate only'],
    ['all feedback on stable', 3, 'of stable only'],
  ])('compares nothing where there is %s, and makes nothing else harder to answer by it', async (_, version, said) => {
    twoDays([20, 3], [20, 2]);
    if (version) for (let hour = 0; hour < 24; hour++) counted(version, FIRST + hour * HOUR, 9, 7, 'helpful');
    const { metrics } = await read();
    expect(metrics[2]).toMatchObject({ verdict: 'nothing', difference: null, low: -1, high: 1 });
    expect(metrics[0]?.level).toBe(0.025);
    expect(await shown()).toContain(said);
  });

  it('says that nothing was counted, where nothing was', async () => {
    local.clock.time = new Date(FIRST + 2 * DAY);
    const { isVoid, metrics } = await read();
    expect([isVoid, metrics.map(({ verdict }) => verdict)]).toEqual([false, ['nothing', 'nothing', 'nothing']]);
    const text = await shown();
    expect(text).toContain('the client counts first uses in run()');
    expect(text).not.toMatch(/first uses got|as planned/);
  });

  it.each<[string, number, RolloutStep[], string]>([
    ['before the first step', FIRST, [], 'the candidate is not served yet'],
    ['before the first hour', FIRST + 30 * MINUTE, [step(1, FIRST)], 'nothing to read before 2026-11-20 10:02:00 UTC'],
    ['by a clock that is set back', BEGAN - 3 * DAY, [step(1, FIRST)], 'nothing to read before 2026-11-20 10:02:00'],
  ])('says that it is too early: %s', async (_, now, steps, said) => {
    local.clock.time = new Date(now);
    const before = local.aws.calls.length;
    expect(await shown({ steps })).toContain(said);
    expect(local.aws.calls.length).toBe(before);
  });

  const ended = (at: number): Partial<LedgerRecord> => ({
    ...{ sequence: 8, undo: false, time: time(at), to: { version: 3, digest: DIGEST, model: null }, rollout: null },
  });
  it.each<[string, number, number, RolloutStep[], Rollout, string, boolean]>([
    [
      'ended within its first hour',
      30 * MINUTE,
      HOUR,
      [step(1, FIRST)],
      SPLIT,
      'it ended before a span was over',
      false,
    ],
    ['and is read a day later', 30 * MINUTE, DAY, [step(1, FIRST)], SPLIT, 'it ended before a span was over', false],
    [
      'ended within its first minute',
      40_000,
      DAY,
      [step(1, FIRST + 10_000)],
      STEPS,
      'it ended before a span was over',
      false,
    ],
    [
      'and is read after years',
      30 * MINUTE,
      800 * DAY,
      [step(1, FIRST)],
      SPLIT,
      'it ended before a span was over',
      false,
    ],
    [
      'by minutes, 15 days after it ended',
      DAY,
      16 * DAY + MINUTE,
      [step(1, FIRST)],
      STEPS,
      'CloudWatch keeps it no longer',
      true,
    ],
    [
      'by hours, 455 days after it ended',
      DAY,
      457 * DAY,
      [step(1, FIRST)],
      SPLIT,
      'CloudWatch keeps it no longer',
      true,
    ],
    ['ended before the first step', MINUTE, HOUR, [], SPLIT, 'the candidate was never served', false],
  ])('waits for nothing that will not come: %s', async (_, after, later, steps, rollout, said, isCut) => {
    local.clock.time = new Date(FIRST + later);
    const given = { steps, records: [ended(FIRST + after), ...running(rollout)] };
    const text = await shown(given);
    expect(text).toContain(`\n  nothing to read: ${said}`);
    expect(text).toMatch(/of the keys, ended at 20/);
    expect(text).not.toMatch(/before 2|left out/);
    const { measured } = await read(given);
    expect([measured?.next ?? null, measured?.isCut ?? false]).toEqual([null, isCut]);
  });

  it('names the time when the first span can be read, also of a plan that ended right after it', async () => {
    local.clock.time = new Date('2026-11-20T10:01:00Z');
    const records = [ended(Date.parse('2026-11-20T10:00:10Z')), ...running()];
    expect((await read({ records })).measured?.next).toBe('2026-11-20T10:02:00.000Z');
    local.clock.time = new Date('2026-11-20T10:02:00Z');
    expect((await read({ records })).measured).toMatchObject({ until: '2026-11-20T10:00:00.000Z', next: null });
  });

  it('leaves out the hour whose lines may still be on their way', async () => {
    twoDays([20, 2], [20, 2]);
    local.clock.time = new Date('2026-11-21T12:01:59Z');
    expect((await read()).measured?.until).toBe('2026-11-21T11:00:00.000Z');
    local.clock.time = new Date('2026-11-21T12:02:00Z');
    expect((await read()).measured?.until).toBe('2026-11-21T12:00:00.000Z');
  });

  it('goes on saying what was seen when the plan is over, halted, or ended', async () => {
    twoDays([20, 8], [20, 2]);
    local.clock.time = new Date(FIRST + 20 * DAY);
    expect(await shown()).toContain('over since 2026-12-04 08:10:00 UTC');
    expect((await read()).metrics[0]?.verdict).toBe('worse');
    const halt = step(2, FIRST + DAY + 20 * MINUTE, { kind: 'halt', step: 0, by: 'request' });
    const halted = await read({ steps: [step(1, FIRST), halt] });
    // The hour in which it was halted is left out, in both arms.
    expect([halted.halted, halted.metrics[0]?.candidate.n]).toEqual([halt.at, 920]);
    const ended = {
      sequence: 8,
      undo: false,
      time: time(FIRST + DAY),
      to: { version: 4, digest: DIGEST, model: null },
    };
    const after = { ...ended, sequence: 9, time: time(FIRST + 3 * DAY), rollout: null };
    const report = await read({ records: [after, { ...ended, rollout: null }, ...running()] });
    expect(report).toMatchObject({
      ended: ended.time,
      plan: 7,
      stable: 3,
      measured: { until: '2026-11-21T08:00:00.000Z' },
    });
  });

  it('reads the plan before one that a failed deployment began', async () => {
    twoDays([20, 8], [20, 2]);
    const to = { version: 3, digest: DIGEST, model: null };
    const failed = { sequence: 9, undo: false, time: time(FIRST + DAY), to, rollout: { ...SPLIT, plan: 9 } };
    const undone = { sequence: 10, undo: true, time: time(FIRST + DAY + 1), to, rollout: null };
    const ended = { sequence: 8, undo: false, time: time(FIRST + DAY - 1), to, rollout: null };
    expect(await read({ records: [undone, failed, ended, ...running()] })).toMatchObject({
      plan: 7,
      ended: ended.time,
    });
  });

  it('reads minutes of a rollout of steps, and the split of its first one only', async () => {
    const second = FIRST + 10 * MINUTE;
    const steps = [step(1, FIRST), step(2, second)];
    for (let minute = 0; minute < 60; minute++) {
      const share = FIRST + minute * MINUTE < second ? 1 : 10;
      counted(4, FIRST + minute * MINUTE, share, share > 1 ? 4 : 0);
      counted(3, FIRST + minute * MINUTE, 19, 2);
    }
    local.clock.time = new Date(FIRST + 2 * HOUR);
    const report = await read({ steps, records: running(STEPS) });
    expect(report.measured).toMatchObject({ seconds: 60, since: time(FIRST) });
    expect(report.metrics.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['errors', 'worse'],
      ['slow', 'worse'],
    ]);
    expect(report.split).toMatchObject({ candidate: 10, stable: 190, share: 0.05, isFaulty: false });
    expect(report.ends).toBeNull();
  });

  it('says what CloudWatch keeps no longer: minutes of 15 days', async () => {
    local.clock.time = new Date(FIRST + 16 * DAY);
    for (let minute = 0; minute < 30; minute++) counted(4, FIRST + 2 * DAY + minute * MINUTE, 2, 0);
    const report = await read({ records: running(STEPS) });
    expect(report.measured).toMatchObject({ isCut: true, since: time(FIRST + DAY) });
    local.clock.time = new Date(FIRST + 14 * DAY);
    expect((await read({ records: running(STEPS) })).measured).toMatchObject({ isCut: false, since: time(FIRST) });
    expect(await shown({ records: running(STEPS) })).not.toContain('look only');
    local.clock.time = new Date(FIRST + 16 * DAY);
    const text = (await shown({ records: running(STEPS) })).replace(/\s+/g, ' ');
    expect(text).toContain('what was before is left out, so that what is said holds for this look only');
  });

  it('is what docs/rollouts.md shows', async () => {
    const { metrics, ...report } = sampleReadout('financial-analysis', 0, 0);
    const { terminal } = fakeTerminal(120, { NO_COLOR: '1' });
    const text = readoutText({ ...report, metrics: metrics.filter(({ name }) => name !== 'polite') }, terminal);
    expect(await readFile(join(__dirname, '../../docs/rollouts.md'), 'utf8')).toContain(`\n${text}\n`);
  });

  it('says that there never was one', async () => {
    const none = running().slice(1);
    await expect(read({ records: none })).rejects.toThrow('PROD of letters never had a rollout to read out');
  });

  it('passes on what CloudWatch refuses', async () => {
    local.clock.time = new Date(FIRST + DAY);
    const foreign = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nothing' };
    cloudWatch = new CloudWatchClient({ ...local.settings, credentials: foreign });
    await expect(read()).rejects.toThrow(/security token|not valid|invalid/i);
  });
});
