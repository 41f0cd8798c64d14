import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseProgress } from '../../core/contract/rollout-parameters';
import { AliasTarget, Guard, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { RegistryBench } from './registry-bench';

let bench: RegistryBench;

const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
    rollouts: { topic: new Topic(stack, 'Told', { topicName: 'told' }) },
  });
  const variant = PromptVariant.text({ text, model: 'amazon.nova-lite-v1:0' });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('PROD', {
    target: AliasTarget.parameter(),
    callableVersions: 3,
    rollout: Rollout.steps([5, 25, 50], { bake: Duration.minutes(1), minimumUses: 10, guards: [Guard.errors()] }),
  });
};

async function release(text: string, AdvisorProdVersion: string): Promise<void> {
  const { failures } = await bench.deploy(await bench.synthesize(app(text)), { AdvisorProdVersion });
  expect(failures).toEqual([]);
}

async function progress() {
  const Name = '/prompts/test/advisor/PROD/rollout-progress';
  const { Parameter } = await bench.operator.ssm.send(new GetParameterCommand({ Name }));
  return parseProgress(Parameter?.Value);
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

const subjects = () =>
  bench.aws.topicMessages('arn:aws:sns:us-east-1:111122223333:told').map(({ subject = '' }) => subject);

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' });
}, 300_000);
afterAll(async () => {
  await bench?.aws.stop();
});

it('rolls a good candidate out, and halts a bad one, by what clients log', { timeout: 300_000 }, async () => {
  await release('one {{ticker}}', 'none');
  await release('two {{ticker}}', '1');
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
  expect(calls.filter(({ status }) => status >= 400)).toEqual([]);
});
