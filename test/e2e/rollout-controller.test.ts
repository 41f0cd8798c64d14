import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, AlarmRule, AlarmState, CompositeAlarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { shareAt } from '../../core/rollout/share';
import { AliasTarget, Guard, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { hurried, startCommand } from '../cli/command-process';
import { idOf, RegistryBench } from './registry-bench';

const PROD = '/prompts/test/advisor/PROD';
const BY_HAND = 'by-hand';

let bench: RegistryBench;
let cloudWatch: CloudWatchClient;
let lambda: LambdaClient;

const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
    rollouts: { topic: new Topic(stack, 'Told', { topicName: 'told' }) },
  });
  // Their states are what somebody sets, as there is no data.
  const alarm = (alarmName: string) =>
    new Alarm(stack, alarmName, {
      ...{ alarmName, threshold: 1, evaluationPeriods: 1, treatMissingData: TreatMissingData.IGNORE },
      metric: new Metric({ namespace: 'Application', metricName: alarmName }),
    });
  const alarmRule = AlarmRule.fromAlarm(alarm('down'), AlarmState.ALARM);
  const composite = new CompositeAlarm(stack, 'page', { compositeAlarmName: 'page', alarmRule });
  const byHand = Alarm.fromAlarmName(stack, 'ByHand', BY_HAND);
  const guards = [Guard.errors(), ...[alarm('slow'), composite, byHand].map((one) => Guard.alarm(one))];
  const variant = PromptVariant.text({ text, model: 'amazon.nova-lite-v1:0' });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('PROD', {
    target: AliasTarget.parameter(),
    callableVersions: 3,
    rollout: Rollout.steps([5, 25, 50], { bake: Duration.minutes(1), minimumUses: 10, guards }),
  });
};

async function release(text: string, AdvisorProdVersion: string): Promise<void> {
  const { failures } = await bench.deploy(await bench.synthesize(app(text)), { AdvisorProdVersion });
  expect(failures).toEqual([]);
}

/** What readers read, and what it says to them now. */
async function served() {
  const Names = [`${PROD}/rollout`, `${PROD}/rollout-progress`];
  const { Parameters = [] } = await bench.operator.ssm.send(new GetParametersCommand({ Names }));
  const [rollout, progress] = Names.map((name) => Parameters.find((one) => one.Name === name)?.Value);
  const share = shareAt(parseRollout(rollout), parseProgress(progress), bench.aws.now().getTime());
  return { share, progress: parseProgress(progress), raw: progress };
}

const progress = async () => (await served()).progress;

async function set(AlarmName: string, StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'): Promise<void> {
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
  await bench.aws.idle();
}

async function makeByHand(): Promise<void> {
  const metric = { Namespace: 'Application', MetricName: BY_HAND, Statistic: 'Sum', Period: 60 } as const;
  const rule = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' } as const;
  const alarm = { AlarmName: BY_HAND, TreatMissingData: 'ignore' };
  await cloudWatch.send(new PutMetricAlarmCommand({ ...metric, ...rule, ...alarm }));
  await set(BY_HAND, 'OK');
}

/** Time goes so fast until it holds. */
async function pass(speed: number, holds: () => Promise<boolean>): Promise<void> {
  bench.aws.setSpeed(speed);
  for (let looks = 0; looks < 600 && !(await holds()); looks++) await sleep(100);
  bench.aws.setSpeed(1);
  expect(await holds(), JSON.stringify(await served())).toBe(true);
}

/** The command on a machine whose clock is that of the endpoint. */
async function command(args: string): Promise<string> {
  const ahead = bench.aws.now().getTime() - Date.now();
  const { stdout, stderr } = await startCommand(args.split(' '), { ...bench.aws.environment(), ...hurried(ahead) })
    .finished;
  return `${stdout}${stderr}`;
}

/** What clients log of so many first uses of a version, as an agent takes it to CloudWatch. */
function used(version: number, uses: number, failures: number): void {
  const Dimensions = [['Registry', 'Prompt', 'Alias', 'Version']];
  const Metrics = ['Uses', 'FirstUses', 'FirstErrors'].map((Name) => ({ Name, Unit: 'Count' }));
  const _aws = {
    Timestamp: bench.aws.now().getTime(),
    CloudWatchMetrics: [{ Namespace: 'PromptRegistry', Dimensions, Metrics }],
  };
  const names = { Registry: '/prompts/test', Prompt: 'advisor', Alias: 'PROD', Version: String(version) };
  bench.aws.logged(JSON.stringify({ _aws, ...names, Uses: uses, FirstUses: uses, FirstErrors: failures }));
}

/** Minutes of a second each, with calls in each, until it holds. */
async function until(stable: number, candidate: number, failures: number, holds: () => Promise<boolean>) {
  for (let seconds = 0; seconds < 90; seconds += 0.5) {
    used(stable, 100, 1);
    if ((await progress())?.state === 'step') used(candidate, 20, failures);
    await sleep(500);
    if (await holds()) return;
  }
  expect.fail(`stays at ${JSON.stringify(await progress())}`);
}

const told = () => bench.aws.topicMessages('arn:aws:sns:us-east-1:111122223333:told');
const subjects = () => told().flatMap(({ subject }) => subject ?? []);

/** What the alarm wrote that misses the controller: the last of it. */
const missed = () => {
  const written = told().flatMap(({ message, subject }) => (subject === undefined ? [JSON.parse(message)] : []));
  return written.filter(({ AlarmName }) => /Missing/.test(AlarmName)).at(-1)?.NewStateValue;
};

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' });
  const { endpoint, region, operator: credentials } = bench.aws;
  cloudWatch = new CloudWatchClient({ endpoint, region, credentials });
  lambda = new LambdaClient({ endpoint, region, credentials });
  await makeByHand();
}, 300_000);
afterAll(async () => {
  await bench?.aws.stop();
});

it('rolls a good candidate out, and halts a bad one, by what clients log', { timeout: 300_000 }, async () => {
  await release('one {{ticker}}', 'none');
  await release('two {{ticker}}', '1');
  for (const name of ['slow', 'down']) await set(name, 'OK');
  await release('three {{ticker}}', '1..2');
  bench.aws.setSpeed(60);
  await until(1, 2, 0, async () => (await progress())?.step === 2);
  bench.aws.setSpeed(1);
  // What is served is told after that.
  await bench.aws.idle();
  // A message may come twice, and on a busy machine does: minutes of a second overtake the function.
  const steps = subjects().flatMap((subject) => /^(.*) from /.exec(subject)?.[1] ?? []);
  expect([...new Set(steps)]).toEqual([
    'advisor PROD 1 -> 2: 5 %',
    'advisor PROD 1 -> 2: 25 %',
    'advisor PROD 1 -> 2: 50 %',
  ]);
  await release('three {{ticker}}', '2');
  await release('three {{ticker}}', '2..3');
  bench.aws.setSpeed(60);
  await until(2, 3, 15, async () => (await progress())?.state === 'halt');
  bench.aws.setSpeed(1);
  await bench.aws.idle();
  expect(await bench.pointers()).toMatchObject({ PROD: '2' });
  expect(subjects().at(-1)).toMatch(/^advisor PROD 2 -> 3 is halted, everybody gets 2: it fails more often/);
  const calls = bench.aws.calls.filter(({ principalArn }) => principalArn.includes('Controller'));
  // A put whose answer was late is sent again, and finds what it wrote.
  const refused = calls.filter(({ status, errorCode }) => status >= 400 && errorCode !== 'PreconditionFailed');
  expect(refused).toEqual([]);
});

describe('An alarm that guards', { timeout: 300_000 }, () => {
  it('refuses the start where it is in ALARM, and no way back', async () => {
    await release('four {{ticker}}', '2');
    await set('slow', 'ALARM');
    const template = await bench.synthesize(app('four {{ticker}}'));
    const { failures } = await bench.deploy(template, { AdvisorProdVersion: '2..4' });
    expect(failures.join()).toContain('GuardInAlarm');
    await release('four {{ticker}}', '1');
    await set('slow', 'INSUFFICIENT_DATA');
    await release('four {{ticker}}', '1..3');
    await set('slow', 'OK');
  });

  it('stops at the step, and is named, where somebody deletes it', async () => {
    await pass(60, async () => (await served()).share === 5);
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [BY_HAND] }));
    await pass(60, async () => subjects().some((subject) => subject.includes(`alarm ${BY_HAND} is not OK`)));
    expect(await served()).toMatchObject({ share: 5, progress: { state: 'step', step: 0 } });
    await makeByHand();
  });

  it('wakes the controller, which halts without waiting for the next minute', async () => {
    const rules = Object.entries(await bench.deployer.resources('Prompts', 'AWS::Events::Rule'));
    const [[, Name] = []] = rules.filter(([id]) => id.includes('EveryMinute'));
    const { endpoint, region, operator: credentials } = bench.aws;
    const events = new EventBridgeClient({ endpoint, region, credentials });
    // Whatever halts it now was woken by the alarm.
    await events.send(new DisableRuleCommand({ Name }));
    try {
      await bench.aws.idle();
      expect(await served()).toMatchObject({ share: 5, progress: { state: 'step' } });
      await set('down', 'ALARM');
      expect(await served()).toMatchObject({ share: 0, progress: { state: 'halt' } });
      expect(subjects().at(-1)).toContain('is halted, everybody gets 1: alarm page is in ALARM');
    } finally {
      await events.send(new EnableRuleCommand({ Name }));
      await set('down', 'OK');
    }
  });
});

describe('Readers are on stable', { timeout: 300_000 }, () => {
  const until = async (away: () => Promise<unknown>) => {
    await pass(60, async () => (await served()).share > 0 && missed() !== 'ALARM');
    await away();
    await pass(60, async () => missed() === 'ALARM');
    // Long before.
    expect((await served()).share).toBeGreaterThan(0);
    await pass(1_000, async () => (await served()).share === 0);
    expect(await served()).toMatchObject({ progress: { state: 'step' } });
    expect(await bench.pointers()).toMatchObject({ PROD: '1' });
  };
  const controller = async () => {
    const functions = Object.entries(await bench.deployer.resources('Prompts', 'AWS::Lambda::Function'));
    return functions.find(([id]) => /Controller/.test(id))?.[1] ?? '';
  };
  const role = async () => {
    const roles = Object.values(await bench.deployer.resources('Prompts', 'AWS::IAM::Role'));
    return roles.find((name) => /Controller/.test(name)) ?? '';
  };

  beforeAll(() => release('four {{ticker}}', '1..4'), 60_000);

  it('when its controller may not run, and the command says so', async () => {
    const FunctionName = await controller();
    const limit = (ReservedConcurrentExecutions: number) =>
      lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
    await until(() => limit(0));
    expect(await command('rollout status advisor PROD')).toMatch(/1 → 4 {3}0 % since .*: the controller is not there/);
    expect(await command('status advisor')).toMatch(/nobody gets 4 since .*: the controller of its rollout/);
    await limit(1);
  });

  it('when its role is denied', async () => {
    const names = { RoleName: await role(), PolicyName: 'denied' };
    const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await until(() => bench.operator.iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument })));
    await bench.operator.iam.send(new DeleteRolePolicyCommand(names));
  });

  it('when SSM is away for an hour', async () => {
    await until(async () => {
      bench.aws.interceptors.push(({ service, principalArn }) => {
        if (service === 'ssm' && /Controller/.test(principalArn))
          throw new AwsError('InternalServerError', 500, 'away');
      });
    }).finally(() => bench.aws.interceptors.splice(0));
  });

  it('when a tag of the stack changes, until the controller comes; an emergency release takes all of it back', async () => {
    await pass(60, async () => (await served()).share > 0);
    const template = await bench.synthesize(app('four {{ticker}}'));
    const tags = [{ Key: 'commit', Value: 'abc' }];
    await bench.deployer.deployTemplate('Prompts', template, { tags });
    await pass(60, async () => (await served()).share > 0);
    await release('four {{ticker}}', '2');
    await pass(60, async () => (await served()).raw === 'none');
    expect(await bench.pointers()).toMatchObject({ PROD: '2' });
  });

  it('when the candidate was deleted by hand: it cannot settle, and the way back is free', async () => {
    await release('four {{ticker}}', '2..4');
    await bench.deleteByHand(idOf(await bench.promptArn()), '4');
    const template = await bench.synthesize(app('four {{ticker}}'));
    expect((await bench.deploy(template, { AdvisorProdVersion: '4' })).failures.join()).toContain('NoSuchVersion');
    await release('four {{ticker}}', '1');
    expect(await bench.pointers()).toMatchObject({ PROD: '1' });
  });

  it('when its function is deleted; the stack goes, in the middle of a rollout', async () => {
    await release('four {{ticker}}', '1..3');
    const FunctionName = await controller();
    await until(() => lambda.send(new DeleteFunctionCommand({ FunctionName })));
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
    expect(await served()).toMatchObject({ raw: undefined });
  });
});
