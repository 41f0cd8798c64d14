import { formatProgress, formatRollout, parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { ledgerKey, stepKey } from '../../core/ledger/layout';
import { type LedgerRecord, recordDigest, serializeRecord } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
import { type RolloutStep, serializeStep } from '../../core/ledger/rollout-step';
import type { VersionMetric } from '../../core/rollout/arm-metrics';
import type { CountedWindow } from '../../core/rollout/counted-windows';
import { shareAt } from '../../core/rollout/share';
import type { RolloutDeps } from '../../lambda/prompt-rollout/deps';
import { controlRollouts, type RolloutEvent } from '../../lambda/prompt-rollout/handler';
import type { RolloutMessage } from '../../lambda/prompt-rollout/notice-message';
import { released } from '../core/history';
import { MemoryBucket } from './stores';

export const START = Date.parse('2026-12-02T09:00:30.000Z');
export const MINUTE = 60_000;
export const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:Slow';
export const POINTER = '/prompts/prod/financial-analysis/PROD';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';

export const ROLLOUT: Rollout = {
  plan: 2,
  candidate: released(4),
  steps: [5, 25, 50],
  bake: 600,
  minimum: 50,
  key: 'session',
  guards: ['errors', ALARM],
};

const RECORD: LedgerRecord = {
  schema: 1,
  registry: '/prompts/prod',
  prompt: 'financial-analysis',
  promptId: 'ABCDEFGHIJ',
  alias: 'PROD',
  sequence: 1,
  kind: 'promote',
  undo: false,
  from: null,
  to: released(3),
  withdrawn: [],
  stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/1',
  logicalId: 'Alias',
  requestId: '1',
  operation: null,
  reason: null,
  time: new Date(START).toISOString(),
  previous: null,
};

/** PROD of one registry on 3, with parameters and metrics as AWS keeps them, and the real controller. */
export class RolloutWorld {
  readonly bucket = new MemoryBucket();
  readonly parameters = new Map<string, string>([[POINTER, `${ARN}:3`]]);
  readonly messages: RolloutMessage[] = [];
  readonly alarms = new Map([[ALARM, 'OK']]);
  readonly failures: string[] = [];
  /** Of each minute: of 100 calls by those who get a version, how many fail. */
  failing = { candidate: 1, stable: 1 };
  perMinute = 600;
  now = START;
  /** Throws in place of a call whose name it holds. */
  broken: string | undefined;
  private readonly counted = new Map<number, { share: number; candidate: number; stable: number }>();
  private readonly records: LedgerRecord[] = [];

  constructor(readonly rollout: Rollout = ROLLOUT) {
    this.record({});
  }

  /** The stack declares it: a record, and the two parameters. */
  start(rollout = this.rollout): this {
    this.record({ schema: 2, kind: 'rollout', requires: ['rollout'], rollout, passed: null, ended: null });
    const { plan, candidate, steps, scores } = rollout;
    this.parameters.set(
      `${POINTER}/rollout`,
      formatRollout({ plan, to: `${ARN}:${candidate.version}`, steps, salt: candidate.digest, scores }),
    );
    if (!this.parameters.has(`${POINTER}/rollout-progress`)) this.parameters.set(`${POINTER}/rollout-progress`, 'none');
    return this;
  }

  /** The stack ends it. */
  end(): this {
    this.record({
      schema: 2,
      kind: 'rollout',
      requires: [],
      rollout: null,
      passed: null,
      ended: { plan: 2, n: null, head: null },
    });
    this.parameters.set(`${POINTER}/rollout`, 'none');
    return this;
  }

  async event(event: RolloutEvent = {}, id?: string, remaining?: () => number) {
    return controlRollouts(event, this.deps(), { id, remaining });
  }

  /** So many minutes, each with its calls and a tick at its end. */
  async wait(minutes: number): Promise<this> {
    for (let minute = 0; minute < minutes; minute++) {
      this.counted.set(Math.floor(this.now / MINUTE) * MINUTE, { share: this.share, ...this.failing });
      this.now += MINUTE;
      await this.event();
    }
    return this;
  }

  /** What readers of the parameters give the candidate now, in percent. */
  get share(): number {
    const [rollout, progress] = ['rollout', 'rollout-progress'].map((name) =>
      this.parameters.get(`${POINTER}/${name}`),
    );
    return shareAt(parseRollout(rollout), parseProgress(progress), this.now);
  }

  get progress() {
    return parseProgress(this.parameters.get(`${POINTER}/rollout-progress`));
  }

  get steps(): RolloutStep[] {
    const keys = [...this.bucket.objects.keys()]
      .filter((key) => key.startsWith('rollouts/'))
      .sort()
      .reverse();
    return keys.map((key) => JSON.parse(this.bucket.objects.get(key) ?? ''));
  }

  putProgress(progress: Parameters<typeof formatProgress>[0]): void {
    this.parameters.set(`${POINTER}/rollout-progress`, formatProgress(progress));
  }

  /** Somebody else takes a number of the chain. */
  putStep(step: RolloutStep): void {
    const { promptId, alias } = RECORD;
    this.bucket.objects.set(stepKey({ promptId, alias, plan: step.plan, n: step.n }), serializeStep(step));
  }

  record(change: Partial<LedgerRecord>): void {
    const last = this.records.at(-1);
    const sequence = (last?.sequence ?? 0) + 1;
    const previous = last ? recordDigest(serializeRecord(last)) : null;
    const record = { ...RECORD, from: last?.to ?? null, to: last?.to ?? RECORD.to, ...change, sequence, previous };
    this.records.push(record);
    this.bucket.objects.set(ledgerKey(record.promptId, record.alias, sequence), serializeRecord(record));
  }

  deps(): RolloutDeps {
    const call =
      <A extends unknown[], R>(name: string, run: (...args: A) => R) =>
      async (...args: A) => {
        if (this.broken === name) throw Object.assign(new Error(`${name} is away`), { name: 'ServiceUnavailable' });
        return run(...args);
      };
    return {
      ledger: Object.assign(Object.create(this.bucket), {
        putIfAbsent: call('append', (key: string, body: string) => this.bucket.putIfAbsent(key, body)),
      }),
      parameters: {
        below: call('find', () => new Map(this.parameters)),
        overwrite: call('put', (name: string, value: string) => void this.parameters.set(name, value)),
      },
      alarms: { states: call('alarms', () => this.alarms) },
      metrics: {
        sums: call('metrics', (metrics, window) => metrics.map((metric: VersionMetric) => this.sumsOf(metric, window))),
      },
      publish: call('publish', (message) => void this.messages.push(message)),
      registry: '/prompts/prod',
      now: () => this.now,
      log: (level, message, fields) => void (level === 'ERROR' && this.failures.push(`${message} ${fields?.error}`)),
    };
  }

  private sumsOf({ metric, version }: VersionMetric, { from, to, seconds }: CountedWindow): Map<number, number> {
    const sums = new Map<number, number>();
    for (const [time, { share, candidate, stable }] of this.counted) {
      if (time < from.getTime() || time >= to.getTime()) continue;
      const isCandidate = version === this.rollout.candidate.version;
      const uses = Math.round(this.perMinute * (isCandidate ? share : 100 - share)) / 100;
      const failed = Math.round((uses * (isCandidate ? candidate : stable)) / 100);
      const value = metric === 'FirstErrors' ? failed : Math.round(uses);
      const span = Math.floor(time / (seconds * 1000)) * seconds * 1000;
      if (uses > 0) sums.set(span, (sums.get(span) ?? 0) + value);
    }
    return sums;
  }
}
