import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';

import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verification } from '../../cli/audit/verify-text';
import type { AliasHistory } from '../../cli/history-text';
import { formatProgress, parseProgress, type RolloutProgress } from '../../core/contract/rollout-parameters';
import { stepKey, stepsPrefix } from '../../core/ledger/layout';
import { recordDigest } from '../../core/ledger/record';
import { parseStep, type RolloutStep, serializeStep } from '../../core/ledger/rollout-step';
import { AliasTarget, Guard, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { hurried, startCommand } from '../cli/command-process';
import { idOf, RegistryBench } from './registry-bench';
import { session } from './reviewers';

const PREFIX = '/prompts/test';
const PROMPTS = ['alpha', 'bravo', 'carol', 'delta', 'eagle'];
const ALIASES = ['PROD', 'BETA'];
type Keys = RegistryBench['aws']['operator'];

let bench: RegistryBench;
let failing = false;
let dana: Keys;

const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
    rollouts: {},
  });
  const onCall = new Role(stack, 'OnCall', { roleName: 'OnCall', assumedBy: new AccountRootPrincipal() });
  const slow = new Alarm(stack, 'Slow', {
    metric: new Metric({ namespace: 'Application', metricName: 'Latency', period: Duration.minutes(1) }),
    ...{ threshold: 3_000, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING },
  });
  for (const promptName of PROMPTS) {
    const variant = PromptVariant.text({ text: `${text} ${promptName} {{x}}`, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
    for (const name of ALIASES) {
      const guards = promptName === 'bravo' ? [Guard.alarm(slow)] : [];
      const rollout = Rollout.steps([5, 50], { bake: Duration.minutes(1), minimumUses: 0, guards });
      prompt.addAlias(name, { target: AliasTarget.parameter(), callableVersions: 3, rollout }).grants.halt(onCall);
    }
  }
  new PromptAuditTrail(stack, 'Audit', { registries: [registry] });
};

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const names = PROMPTS.flatMap((prompt) => ALIASES.map((alias) => `${prompt} ${alias}`));
const targetName = (name: string) => {
  const words = name.split(' ').map((word) => `${word[0]?.toUpperCase()}${word.slice(1).toLowerCase()}`);
  return `${words.join('')}Version`;
};
const pointer = (name: string) => `${PREFIX}/${name.replace(' ', '/')}`;

async function value(name: string, below: 'rollout' | 'rollout-progress'): Promise<string> {
  const { Parameter } = await bench.operator.ssm.send(new GetParameterCommand({ Name: `${pointer(name)}/${below}` }));
  return Parameter?.Value ?? '';
}

const write = (name: string, below: 'rollout' | 'rollout-progress', Value: string) =>
  bench.operator.ssm.send(new PutParameterCommand({ Name: `${pointer(name)}/${below}`, Value, Overwrite: true }));

/** @param targets of those that move; all where it is one */
async function deploy(text: string, targets: string | Record<string, string>, more: Record<string, string> = {}) {
  const all = typeof targets === 'string' ? Object.fromEntries(names.map((name) => [name, targets])) : targets;
  const parameters = Object.fromEntries(Object.entries(all).map(([name, target]) => [targetName(name), target]));
  const { status } = await bench.deploy(await bench.synthesize(app(text)), { ...parameters, ...more });
  return status;
}

/** Minutes of a second each, in which the controller comes as often, for four hours at most. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const latest = bench.aws.now().getTime() + 4 * 3_600_000;
  bench.aws.setSpeed(60);
  try {
    while (!(await holds())) {
      if (bench.aws.now().getTime() > latest) throw new Error(`expected ${what}, did not come within four hours`);
      await sleep(200);
    }
  } finally {
    bench.aws.setSpeed(1);
  }
  await bench.aws.idle();
}

/** Until so many minutes are over. */
async function pass(minutes: number, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
  const over = bench.aws.now().getTime() + minutes * 60_000;
  await until(`the end of ${minutes} minutes`, async () => {
    await meanwhile();
    return bench.aws.now().getTime() >= over;
  });
}

const isAt =
  (name: string, step: number, state = 'step') =>
  async () => {
    const progress = parseProgress(await value(name, 'rollout-progress'));
    return progress?.state === state && progress.step === step;
  };
const all = (conditions: (() => Promise<boolean>)[]) => async () =>
  (await Promise.all(conditions.map((holds) => holds()))).every(Boolean);

const latency = (Value: number) => {
  const { endpoint, region, operator: credentials } = bench.aws;
  const MetricData = [{ MetricName: 'Latency', Value, Timestamp: bench.aws.now() }];
  const metrics = new CloudWatchClient({ endpoint, region, credentials });
  return metrics.send(new PutMetricDataCommand({ Namespace: 'Application', MetricData }));
};

async function command(args: string) {
  const ahead = bench.aws.now().getTime() - Date.now();
  const { stdout, stderr } = await startCommand(args.split(' '), { ...bench.aws.environment(), ...hurried(ahead) })
    .finished;
  if (!stdout) throw new Error(stderr);
  return stdout;
}

async function bucket(words: string): Promise<string> {
  const buckets = await bench.deployer.resources(bench.names.stack, 'AWS::S3::Bucket');
  return Object.entries(buckets).find(([id]) => id.startsWith(words))?.[1] ?? '';
}

/** What `audit verify` finds once CloudTrail has delivered all, which is a quarter of an hour later. */
async function audited(): Promise<Verification> {
  await pass(20);
  await bench.aws.deliverTrails();
  await bench.aws.deliverDigests();
  return JSON.parse(await command(`audit verify --json --trail-bucket ${await bucket('AuditBucket')}`));
}

const bad = ({ findings }: Verification) => findings.filter(({ level }) => level === 'finding');

async function halt(name: string): Promise<void> {
  const { endpoint, region } = bench.aws;
  const lambda = new LambdaClient({ endpoint, region, credentials: dana });
  const [prompt, alias] = name.split(' ');
  const Payload = Buffer.from(JSON.stringify({ halt: { prompt, alias, reason: 'complaints' } }));
  await lambda.send(new InvokeCommand({ FunctionName: await controller(), Payload }));
}

async function controller(): Promise<string> {
  const functions = await bench.deployer.resources(bench.names.stack, 'AWS::Lambda::Function');
  return Object.entries(functions).find(([id]) => id.startsWith('Controller'))?.[1] ?? '';
}

/** Sequence numbers of the records that began a rollout of an alias. */
async function plansOf(name: string): Promise<number[]> {
  const [prompt, alias = ''] = name.split(' ');
  const records = await bench.ledger(alias, await bench.promptArn(prompt));
  return records.filter(({ rollout, sequence }) => rollout?.plan === sequence).map(({ sequence }) => sequence);
}

/** All that 20 rollouts went through, in six updates of the stack: one row each, its alias first. */
const HONEST: readonly (readonly [string, string])[] = [
  ['alpha PROD', 'halted by a person, and ended'],
  ['alpha PROD', 'begun by an update that failed, and undone'],
  ['alpha PROD', 'ended by the withdrawal of its candidate'],
  ['alpha BETA', 'halted by a person, and ended by the update after the next'],
  ['bravo PROD', 'halted by an alarm, and ended'],
  ['bravo PROD', 'begun again by an update that failed'],
  ['bravo PROD', 'begun again with the candidate that was halted'],
  ['bravo BETA', 'halted by an alarm, and replaced'],
  ['bravo BETA', 'the one that replaced it, which runs'],
  ['carol PROD', 'settled at its last step'],
  ['carol PROD', 'begun by an update that failed, over what was settled'],
  ['carol PROD', 'the next one, which runs'],
  ['carol BETA', 'settled, and rolled back'],
  ['delta PROD', 'ended before its end'],
  ['delta PROD', 'begun again by an update that failed'],
  ['delta PROD', 'begun again, which runs'],
  ['delta BETA', 'replaced in the middle'],
  ['delta BETA', 'the one that replaced it, which runs'],
  ['eagle PROD', 'going on through an update, and settled'],
  ['eagle BETA', 'ended by an emergency release of a third version'],
];

let honest: Verification;

beforeAll(async () => {
  const cloudFormation = {
    failAt: (id: string, step: string) => failing && /EagleBetaParameter/.test(id) && step === 'Update',
  };
  bench = await RegistryBench.start(
    { stack: 'Rolling', parameterPrefix: PREFIX, promptName: 'alpha' },
    { cloudFormation, cloudTrail: { deliveryPeriodMs: 2_000 } },
  );
  expect(await deploy('one', '1')).toBe('CREATE_COMPLETE');
  expect(await deploy('two', '1..2')).toBe('UPDATE_COMPLETE');
  dana = (await session(bench.aws, 'OnCall', 'dana')).credentials;
  await until('50 % of each alias', all(names.map((name) => isAt(name, 1))));
  for (const name of ['alpha PROD', 'alpha BETA']) await halt(name);
  const halted = all(['bravo PROD', 'bravo BETA'].map((name) => isAt(name, 1, 'halt')));
  await until('a halt by the alarm', async () => {
    await latency(9_000);
    return halted();
  });
  const mixed = {
    'alpha PROD': '1',
    'bravo PROD': '1',
    'bravo BETA': '1..3',
    'carol PROD': '2',
    'carol BETA': '2',
    'delta PROD': '1',
    'delta BETA': '1..3',
  };
  await pass(3, () => latency(10));
  expect(await deploy('three', mixed)).toBe('UPDATE_COMPLETE');
  const next = {
    'alpha PROD': '1..3',
    'alpha BETA': '1',
    'bravo PROD': '1..2',
    'carol PROD': '2..3',
    'carol BETA': '1',
    'delta PROD': '1..2',
    'eagle PROD': '2',
    'eagle BETA': '3',
  };
  failing = true;
  expect(await deploy('three', next)).toBe('UPDATE_ROLLBACK_COMPLETE');
  failing = false;
  expect(await deploy('three', next)).toBe('UPDATE_COMPLETE');
  await until(
    '50 % of each that rolls out',
    all(
      ['alpha PROD', 'bravo PROD', 'bravo BETA', 'carol PROD', 'delta PROD', 'delta BETA'].map((name) => isAt(name, 1)),
    ),
  );
  expect(await deploy('three', {}, { AlphaWithdrawnVersions: '3' })).toBe('UPDATE_COMPLETE');
  honest = await audited();
}, 600_000);
afterAll(() => bench?.aws.stop());

/** Each by somebody with all rights, at a place of its own: what is done, what is found, and at which object. */
interface Tamper {
  readonly what: string;
  readonly problem: string;
  readonly at: string | RegExp;
  readonly run: () => Promise<unknown>;
}

async function progressBy(name: string, change: (found: RolloutProgress) => Partial<RolloutProgress>) {
  const found = parseProgress(await value(name, 'rollout-progress'));
  if (!found) throw new Error(`${name} has no progress`);
  await write(name, 'rollout-progress', formatProgress({ ...found, ...change(found) }));
}

async function rolloutBy(name: string, change: (found: Record<string, unknown>) => object) {
  const found = JSON.parse(await value(name, 'rollout'));
  await write(name, 'rollout', JSON.stringify({ ...found, ...change(found) }));
}

/** The last step of an alias's first rollout, and where the next one would stand. */
async function lastStep(name: string) {
  const { s3 } = bench.operator;
  const Bucket = await bucket('Ledger');
  const [prompt, alias = ''] = name.split(' ');
  const promptId = idOf(await bench.promptArn(prompt));
  const [plan = 0] = (await plansOf(name)).sort((one, other) => one - other);
  const { Contents: [newest] = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: stepsPrefix({ promptId, alias, plan }) }),
  );
  const body = await (
    await s3.send(new GetObjectCommand({ Bucket, Key: newest?.Key ?? '' }))
  ).Body?.transformToString();
  const step = parseStep(body ?? '');
  const key = (n: number, of = plan) => stepKey({ promptId, alias, plan: of, n });
  const put = (n: number, change: Partial<RolloutStep>, of = plan) => {
    const Body = serializeStep({
      ...step,
      n,
      previous: recordDigest(body ?? ''),
      time: bench.aws.now().toISOString(),
      ...change,
    });
    return s3.send(new PutObjectCommand({ Bucket, Key: key(n, of), Body }));
  };
  return { step, key, put, remove: (n: number) => s3.send(new DeleteObjectCommand({ Bucket, Key: key(n) })) };
}

const TAMPERS: readonly Tamper[] = [
  {
    what: 'a share that no record allows',
    ...{ problem: 'ShareNotAllowed', at: 'carol/PROD/rollout-progress' },
    run: () => progressBy('carol PROD', () => ({ step: 7 })),
  },
  {
    what: 'a share that no step was recorded for',
    ...{ problem: 'StepNotRecorded', at: 'delta/PROD/rollout-progress' },
    run: () => progressBy('delta PROD', ({ n }) => ({ n: n + 5 })),
  },
  {
    what: 'a share that outlives a dead controller',
    ...{ problem: 'UntilTooLate', at: 'delta/BETA/rollout-progress' },
    run: () => progressBy('delta BETA', () => ({ until: '2036-01-01T00:00:00.000Z' })),
  },
  {
    what: 'progress that somebody else wrote, though it says what the controller would',
    ...{ problem: 'WrittenByHand', at: 'alpha/BETA/rollout-progress' },
    run: () => write('alpha BETA', 'rollout-progress', 'none'),
  },
  {
    what: 'another candidate',
    ...{ problem: 'RolloutNotAllowed', at: 'bravo/BETA/rollout' },
    run: () => rolloutBy('bravo BETA', ({ to }) => ({ to: String(to).replace(/:3$/, ':2') })),
  },
  {
    what: 'other steps',
    ...{ problem: 'RolloutNotAllowed', at: 'bravo/PROD/rollout' },
    run: () => rolloutBy('bravo PROD', () => ({ steps: [5, 100] })),
  },
  {
    what: 'a rollout that is over, declared once more by hand',
    ...{ problem: 'RolloutDiffers', at: 'eagle/PROD/rollout' },
    run: async () => {
      const name = `${pointer('eagle PROD')}/rollout`;
      const { Parameters = [] } = await bench.operator.ssm.send(new GetParameterHistoryCommand({ Name: name }));
      const once = Parameters.find(({ Value }) => Value !== 'none')?.Value ?? '';
      await write('eagle PROD', 'rollout', once);
    },
  },
  {
    what: 'a step that was deleted',
    ...{ problem: 'DeleteMarker', at: /^rollouts\/\w+\/PROD\// },
    run: async () => (await lastStep('alpha PROD')).remove(1),
  },
  {
    what: 'a step that was rewritten',
    ...{ problem: 'Rewritten', at: /^rollouts\/\w+\/BETA\// },
    run: async () => (await lastStep('alpha BETA')).put(1, { reason: 'all was well' }),
  },
  {
    what: 'a halt in the name of somebody who asked for none',
    ...{ problem: 'HaltWithoutCall', at: /^rollouts\/\w+\/BETA\// },
    run: async () => {
      const { step, put } = await lastStep('eagle BETA');
      await put(step.n + 1, { kind: 'halt', by: 'request', request: '006ee61e-4b61-4de5-b3b8-99b4d72ca7e7' });
    },
  },
  {
    what: 'a step that the record did not allow',
    ...{ problem: 'StepNotAllowed', at: /^rollouts\/\w+\/PROD\// },
    run: async () => {
      const { step, put } = await lastStep('eagle PROD');
      await put(step.n + 1, { step: 2 });
    },
  },
  {
    what: 'a step that another than the controller wrote',
    ...{ problem: 'ObjectByOther', at: /^rollouts\/\w+\/BETA\// },
    run: async () => {
      const { step, put } = await lastStep('carol BETA');
      await put(step.n + 1, { kind: 'halt', by: 'controller' });
    },
  },
  {
    what: 'steps of a rollout that no record began',
    ...{ problem: 'StepWithoutRollout', at: /^rollouts\/\w+\/PROD\/99\// },
    run: async () => (await lastStep('delta PROD')).put(1, { plan: 99 }, 99),
  },
  {
    what: 'a controller that may run twice at once',
    ...{ problem: 'FunctionChanged', at: /^function .*Controller/ },
    run: async () => {
      const { endpoint, region, operator: credentials } = bench.aws;
      const input = { FunctionName: await controller(), ReservedConcurrentExecutions: 2 };
      await new LambdaClient({ endpoint, region, credentials }).send(new PutFunctionConcurrencyCommand(input));
    },
  },
];

describe('audit verify over rollouts', { timeout: 600_000 }, () => {
  it.each(HONEST)('finds nothing in a rollout of %s: %s', async (name) => {
    expect((await plansOf(name)).length).toBe(HONEST.filter(([one]) => one === name).length);
    expect(bad(honest).filter(({ object }) => object.includes(name.replace(' ', '/')))).toEqual([]);
  });

  it('finds nothing else either, and looked at all', () => {
    expect(HONEST).toHaveLength(20);
    expect(bad(honest)).toEqual([]);
    expect(honest.notRun).toEqual([]);
  });

  it('names who halted, in the log and in the history, and says plainly where nobody knows', async () => {
    const trail = await bucket('AuditBucket');
    const [log, without, told, bare] = await Promise.all([
      command(`audit log alpha --json --trail-bucket ${trail}`),
      command('audit log alpha --json'),
      command(`history alpha PROD --json --trail-bucket ${trail}`),
      command('history alpha PROD'),
    ]);
    const halts = (text: string) =>
      (JSON.parse(text) as AuditLog).rows
        .filter(({ kind }) => kind === 'halt')
        .map(({ alias, from, to, person }) => [
          alias,
          from,
          to,
          person.end,
          ...person.links.map(({ who }) => who.replace(/^.*:/, '')),
        ]);
    const people = ['person', 'user/operator', 'assumed-role/OnCall/dana'];
    expect(halts(log)).toEqual([
      ['BETA', 2, 1, ...people],
      ['PROD', 2, 1, ...people],
    ]);
    expect(halts(without)).toEqual([
      ['BETA', 2, 1, 'no trail'],
      ['PROD', 2, 1, 'no trail'],
    ]);
    const [history] = JSON.parse(told) as AliasHistory[];
    expect(Object.values(history?.haltedBy ?? {}).map(({ links }) => links.at(-1)?.sessionName)).toEqual(['dana']);
    expect(bare).toContain('asked for, --trail-bucket tells by whom');
    const bravo = JSON.parse(await command(`audit log bravo --json --trail-bucket ${trail}`)) as AuditLog;
    expect(bravo.rows.filter(({ kind }) => kind === 'halt').map(({ person }) => person.end)).toEqual([
      'controller',
      'controller',
    ]);
  });
});

describe('audit verify over rollouts that somebody touched', { timeout: 600_000 }, () => {
  let found: Verification;
  let status: object;
  beforeAll(async () => {
    await bench.operator.s3.send(new DeleteBucketPolicyCommand({ Bucket: await bucket('Ledger') }));
    for (const { run } of TAMPERS) await run();
    status = JSON.parse(await command('status bravo --json'));
    found = await audited();
  }, 300_000);

  it('is in status too, as long as the parameter says it', () => {
    const text = JSON.stringify(status);
    expect(text).toContain('rollout gives callers another candidate than record');
    expect(text).toMatch(/rollout has other steps, or draws other keys, than record \d+ allowed/);
  });

  it.each(TAMPERS)('finds $what: $problem', ({ problem, at }) => {
    const objects = bad(found)
      .filter((one) => one.problem === problem)
      .map(({ object }) => object);
    const isThere = (object: string) => (typeof at === 'string' ? object.includes(at) : at.test(object));
    expect(objects.filter(isThere), JSON.stringify(bad(found).map((one) => [one.problem, one.object]))).not.toEqual([]);
  });
});
