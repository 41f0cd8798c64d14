import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AliasState, Registry, RegistryPrompt } from '../../cli/registry';
import { readRollout } from '../../cli/rollout/read-rollout';
import { rolloutNotes } from '../../cli/rollout/rollout-notes';
import { rolloutState } from '../../cli/rollout/rollout-state';
import { rolloutText } from '../../cli/rollout/rollout-text';
import type { VerifiedChain } from '../../core/ledger/chain';
import type { LedgerRecord } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { startWithClock } from '../local-aws/local-clients';
import { fakeTerminal } from './fake-terminal';

const BEGAN = '2020-11-20T08:10:00.000Z';
const LATER = new Date('2020-11-20T08:30:00.000Z');
const SOON = new Date('2020-11-20T08:11:00.000Z');
const STEP = { n: 1, kind: 'step', step: 0, at: '2020-11-20T08:12:00.000Z', time: BEGAN } as RolloutStep;
const GONE = 'nobody gets 4: the controller of its rollout is not there; see its log';

describe('A rollout that does not begin', () => {
  let local: Awaited<ReturnType<typeof startWithClock>>;
  let cloudWatch: CloudWatchClient;
  let guards: string[];
  beforeEach(async () => {
    local = await startWithClock();
    cloudWatch = new CloudWatchClient(local.settings);
    for (const AlarmName of ['slow', 'down']) {
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, Namespace: 'Made up', MetricName: 'Slow', Statistic: 'Sum', Period: 60 },
          ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
        }),
      );
    }
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    guards = ['errors', ...MetricAlarms.map(({ AlarmArn = '' }) => AlarmArn)];
  });
  afterEach(() => local.aws.stop());

  const set = async (value: StateValue, AlarmName = 'slow') => {
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: value, StateReason: 'made up' }));
  };
  const world = (steps: RolloutStep[], until?: string) => {
    const rollout = {
      ...{ plan: 7, candidate: { version: 4, digest: '4', model: null }, steps: [5, 50], bake: 600, minimum: 50 },
      ...{ key: 'session', guards },
    } as Rollout;
    const record = { sequence: 7, time: BEGAN, rollout } as unknown as LedgerRecord;
    const history = {
      async *[Symbol.asyncIterator]() {
        yield record;
      },
    };
    const running = { candidate: 4, plan: 7, steps: [5, 50], share: 0, halted: false, ...(until && { until }) };
    return {
      registry: {
        ...{ reader: { steps: async () => steps }, clients: { cloudWatch }, stack: { parameterPrefix: '/p' } },
      } as unknown as Registry,
      prompt: { promptName: 'letters', promptId: 'ABCDEFGHIJ' } as RegistryPrompt,
      state: {
        ...{ alias: { aliasName: 'PROD' }, version: 3, rollout: running, history },
      } as unknown as AliasState,
      chain: { records: [record], findings: [], notes: [] } as VerifiedChain,
    };
  };
  const shown = async (now: Date, steps: RolloutStep[] = []) => {
    const { registry, prompt, state } = world(steps);
    const reading = await readRollout(registry, prompt, state, now);
    const { terminal } = fakeTerminal(200, { NO_COLOR: '1' });
    return [rolloutState(reading, now).state, rolloutText(reading, now, terminal)];
  };
  const noted = (steps: RolloutStep[] = [], until?: string) => {
    const { registry, prompt, state, chain } = world(steps, until);
    return rolloutNotes(registry, prompt, state, chain);
  };

  it.each([['slow'], ['down'], ['slow', 'down']])(
    'for %s %s waits, however long, and says for which',
    async (...names) => {
      for (const name of names) await set('ALARM', name);
      for (const now of [SOON, LATER]) {
        const [state, text] = await shown(now);
        expect(state).toBe('waiting');
        for (const name of names)
          expect(text).toMatch(new RegExp(`0 %: does not begin yet\\n.*waits: .*${name} is in ALARM`));
      }
      const [note = ''] = await noted();
      for (const name of names) expect(note).toMatch(new RegExp(`^nobody gets 4 yet: .*alarm ${name} is in ALARM`));
    },
  );

  it.each<StateValue>(['OK', 'INSUFFICIENT_DATA'])('while its alarms are %s has no controller', async (value) => {
    await set(value);
    expect(await shown(SOON)).toEqual(['waiting', expect.stringContaining('begins with the next minute')]);
    expect(await shown(LATER)).toEqual(['lost', expect.stringContaining('the controller does not come')]);
    expect(await noted()).toEqual([GONE]);
  });

  it('has no controller where it began once, whatever its alarms are', async () => {
    await set('ALARM');
    expect(await shown(LATER, [STEP])).toEqual(['lost', expect.stringContaining('the controller does not come')]);
    expect(await noted([STEP])).toEqual([GONE]);
    expect((await noted([], '2020-11-20T08:20:00.000Z'))[0]).toMatch(/since 2020-11-20 08:20:00 UTC: the controller/);
  });

  it('says so where its alarms may not be read', async () => {
    const failing = (name: string, message: string) =>
      Object.assign(cloudWatch, { send: () => Promise.reject(Object.assign(new Error(message), { name })) });
    failing('InternalFailure', 'away');
    expect((await noted())[0]).toContain(`${GONE}, or an alarm holds its start, which could not be read: `);
    failing('AccessDeniedException', 'not authorized');
    expect((await shown(LATER))[1]).toContain('CloudWatch is not read');
    expect((await noted())[0]).toBe(
      `${GONE}, or an alarm holds its start, which could not be read: cloudwatch:DescribeAlarms is missing`,
    );
  });
});
