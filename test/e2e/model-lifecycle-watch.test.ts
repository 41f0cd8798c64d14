import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AliasTarget, ModelLifecycleWatch, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { clientsOf } from './clients';
import { RegistryBench } from './registry-bench';

const LITE = 'us.amazon.nova-lite-v1:0';
const PRO = 'us.amazon.nova-pro-v1:0';
const DAY = 86_400_000;

let bench: RegistryBench;
let folder: string;

const app = (model: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
  });
  const variant = PromptVariant.text({ text: 'Explain {{ticker}}', model });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  new ModelLifecycleWatch(stack, 'Watch', { registry, topic: new Topic(stack, 'Alerts', { topicName: 'alerts' }) });
};

async function release(model: string, AdvisorProdVersion: string): Promise<void> {
  const { failures } = await bench.deploy(await bench.synthesize(app(model)), { AdvisorProdVersion });
  expect(failures).toEqual([]);
  await bench.aws.idle();
}

async function nextDay(): Promise<string[]> {
  const before = messages().length;
  bench.aws.passTime(DAY);
  await bench.aws.idle();
  return messages().slice(before);
}

const messages = () =>
  bench.aws.topicMessages('arn:aws:sns:us-east-1:111122223333:alerts').map(({ message }) => message);

async function call(modelId: string): Promise<void> {
  const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }];
  await clientsOf(bench.aws).runtime.send(new ConverseCommand({ modelId, messages }));
}

/** The state of the alarm on the first end within so many days. */
async function alarm(days: number): Promise<string | undefined> {
  const { endpoint, region, operator: credentials } = bench.aws;
  const client = new CloudWatchClient({ endpoint, region, credentials });
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
  return MetricAlarms.find(({ MetricName, Threshold }) => MetricName === 'DaysToModelEnd' && Threshold === days)
    ?.StateValue;
}

/** Ends a model on that day from now. */
function ends(modelId: string, days: number): void {
  const model = bench.aws.modelCatalog.get(modelId);
  if (!model) throw new Error(modelId);
  const day = new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
  bench.aws.modelCatalog.set({ ...model, legacyTime: '2026-01-01', endOfLifeTime: day });
}

const metrics = () =>
  readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line.includes('"DaysToModelEnd":'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  const names = { stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' };
  bench = await RegistryBench.start(names, { logDirectory: folder });
}, 300_000);
afterAll(async () => {
  await bench?.aws.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('watches the models of a stack, day by day, until it speaks', { timeout: 300_000 }, async () => {
  await release(LITE, 'none');
  await release(PRO, '1');
  await release(PRO, '2');
  expect(await nextDay(), 'both go on').toEqual([]);
  expect(metrics()).toEqual([]);
  expect(await alarm(30)).toBe('OK');

  // The one that a rollback would bring back ends first. It is LEGACY, and somebody calls it.
  await call(LITE);
  ends('amazon.nova-lite-v1:0', 33);
  const first = [await nextDay(), await nextDay(), await nextDay(), await nextDay()];
  const spoken = first.findIndex((day) => day.length > 0);
  expect(spoken, 'below thirty days').toBeGreaterThan(0);
  expect(first.map((day) => day.length)).toEqual(first.map((_, day) => (day < spoken ? 0 : 1)));
  expect(first.at(-1)?.[0]).toMatch(
    /^Version 1, callable by PROD of advisor, runs on us\.amazon\.nova-lite-v1:0, which ends on 20..-..-.., in 2\d days\.\nAll of them/,
  );
  expect(await alarm(30), 'the alarm at thirty days').toBe('ALARM');
  expect(metrics().length).toBeGreaterThanOrEqual(4);
  expect(metrics().every((line) => line.includes(LITE))).toBe(true);
  const calls = bench.aws.calls.filter(({ principalArn }) => principalArn.includes('Watch'));
  expect(calls.filter(({ status }) => status >= 400)).toEqual([]);
  const perDay = calls.filter(({ operation }) => operation === 'GetFoundationModel').length;
  expect(perDay, 'one for each model and run: five days and the deployments').toBeLessThanOrEqual(5 * 2 + 3 * 2);
  expect(bench.aws.undelivered).toEqual([]);
});

it('says what is LEGACY and was not called, until somebody calls it', { timeout: 300_000 }, async () => {
  ends('amazon.nova-lite-v1:0', 300);
  await call('amazon.nova-lite-v1:0');
  const days: string[][] = [];
  for (let day = 1; day <= 12; day++) days.push(await nextDay());
  const spoken = days.findIndex((day) => day.length > 0);
  // What is counted is counted by days: the last call was up to a day later than it says.
  expect([10, 11]).toContain(spoken + 1);
  expect(days[spoken]?.[0]).toMatch(
    /^Version 1, callable by PROD of advisor, runs on us\.amazon\.nova-lite-v1:0, which is LEGACY and was not called for 10 days: after 15 to 30 days without a call Bedrock refuses it\. Call it, or release a version on another model\.\nAll of them/,
  );
  await call(LITE);
  expect(await nextDay()).toEqual([]);
  const reads = bench.aws.calls.filter(({ operation }) => operation === 'GetMetricData');
  expect(reads.every(({ status }) => status === 200)).toBe(true);
});
