import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelCatalog, ModelLifecycleWatch, type ModelLifecycleWatchProps, PromptRegistry } from '../../lib';
import { newApp, onlyResource, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function watched(props: Partial<ModelLifecycleWatchProps> = {}, registryProps = {}) {
  const stack = stackIn();
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', ...registryProps });
  const prompt = promptIn(stack, { registry });
  const watch = new ModelLifecycleWatch(stack, 'Watch', { registry, ...props });
  return { stack, registry, prompt, watch };
}

const functionOf = (stack: Stack) =>
  Object.values(resourcesOf(templateOf(stack), 'AWS::Lambda::Function')).find(({ Properties }) =>
    Properties.Description.includes('model-lifecycle-watch'),
  )?.Properties;

/** What the function gets; ARNs stay references. */
const settingsOf = (stack: Stack) => {
  const value = functionOf(stack).Environment.Variables.MODEL_LIFECYCLE_WATCH;
  const text =
    typeof value === 'string'
      ? value
      : value['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : 'REF')).join('');
  return JSON.parse(text);
};

function lockFile(models: Record<string, object>): ModelCatalog {
  const path = join(folder, 'models.lock.json');
  const nova = { status: 'ACTIVE', onDemand: true, text: true };
  const here = { models: { 'amazon.nova-pro-v1:0': nova, ...models }, profiles: {}, read: '2026-11-30' };
  writeFileSync(path, JSON.stringify({ schema: 1, regions: { 'us-east-1': here } }));
  return ModelCatalog.fromLockFile(path);
}

describe('a watch over models', () => {
  it('may read records and lifecycles, publish, and nothing else', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry });
    new ModelLifecycleWatch(stack, 'Watch', { registry, topic: new Topic(stack, 'Topic') });
    const template = templateOf(stack);
    const mine = Object.entries(template.Resources).filter(([id]) => id.startsWith('WatchRole'));
    const statements = mine.flatMap(([, { Properties }]) => [
      ...(Properties.Policies ?? []).flatMap(
        (policy: { PolicyDocument: { Statement: object[] } }) => policy.PolicyDocument.Statement,
      ),
      ...(Properties.PolicyDocument?.Statement ?? []),
    ]);
    expect(statements.map(({ Action }) => [Action].flat().join(' ')).sort()).toEqual([
      'bedrock:GetFoundationModel',
      'bedrock:GetInferenceProfile',
      'cloudwatch:GetMetricData',
      'logs:CreateLogStream logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
      'sns:Publish',
    ]);
    const [list] = statements.filter(({ Action }) => Action === 's3:ListBucket');
    expect(list.Condition).toEqual({ StringLike: { 's3:prefix': 'ledger/*' } });
    const [read] = statements.filter(({ Action }) => Action === 's3:GetObject');
    expect(JSON.stringify(read.Resource)).toContain('/ledger/*');
    const anywhere = statements.filter(({ Resource }) => Resource === '*');
    expect(anywhere.map(({ Action }) => Action)).toEqual(['cloudwatch:GetMetricData']);
  });

  it.each(['the same stack', 'another stack'])('has a queue of %s for days that nobody hears of', (where) => {
    const app = newApp();
    const owner = stackIn(app, 'Owner');
    const stack = where === 'another stack' ? stackIn(app) : owner;
    const deadLetterQueue = new Queue(owner, 'Lost');
    new ModelLifecycleWatch(stack, 'Watch', { registry: registryIn(stack), deadLetterQueue });
    const template = templateOf(stack);
    const rules = Object.entries(resourcesOf(template, 'AWS::Events::Rule')).filter(([id]) => id.startsWith('Watch'));
    expect(rules).toHaveLength(2);
    for (const [, { Properties }] of rules) expect(Properties.Targets[0].DeadLetterConfig.Arn).toBeDefined();
    const configs = Object.values(resourcesOf(template, 'AWS::Lambda::EventInvokeConfig'));
    expect(configs.filter(({ Properties }) => Properties.DestinationConfig?.OnFailure)).toHaveLength(1);
    const { Statement } = onlyResource(templateOf(owner), 'AWS::SQS::QueuePolicy').Properties.PolicyDocument;
    for (const { Condition } of Statement) expect(JSON.stringify(Condition)).toContain('aws:SourceArn');
  });

  it('runs once a day and after a deployment, and rings by at most three alarms', () => {
    const { stack, watch } = watched();
    const template = templateOf(stack);
    const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map(({ Properties }) => Properties);
    expect(rules.map(({ ScheduleExpression }) => ScheduleExpression)).toContain('rate(1 day)');
    expect(rules).toHaveLength(2);
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    expect(
      alarms.map(({ MetricName, Statistic, Threshold, TreatMissingData }) => [
        MetricName,
        Statistic,
        Threshold,
        TreatMissingData,
      ]),
    ).toEqual([
      ['DaysToModelEnd', 'Minimum', 90, 'notBreaching'],
      ['DaysToModelEnd', 'Minimum', 30, 'notBreaching'],
      ['ModelsUnread', 'Maximum', 0, 'breaching'],
    ]);
    // A day without a figure ends no alarm, two do: an end that is announced later rings again.
    expect(alarms.slice(0, 2).map((one) => [one.EvaluationPeriods, one.DatapointsToAlarm])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    for (const { Dimensions, Namespace, Period } of alarms) {
      expect([Namespace, Period, Dimensions]).toEqual([
        'PromptRegistry',
        86_400,
        [{ Name: 'Registry', Value: '/prompts/prod' }],
      ]);
    }
    expect([...watch.endAlarms, watch.unreadAlarm]).toHaveLength(3);
  });

  it('knows how many versions callers may use, also of aliases that are defined later, and of no other registry', () => {
    const { stack, prompt } = watched();
    prompt.addAlias('PROD', { callableVersions: 4 });
    prompt.addAlias('STAGING');
    const other = new PromptRegistry(stack, 'Other', { parameterPrefix: '/prompts/prod2' });
    promptIn(stack, { registry: other, promptName: 'other' }).addAlias('PROD', { callableVersions: 3 });
    expect(settingsOf(stack)).toEqual({
      ...{ schema: 1, topic: null, within: 30, successors: {} },
      callable: { 'financial-analysis/PROD': 4 },
    });
  });

  it('knows successors of models that go, from the lock file of the registry', () => {
    const models = lockFile({
      'old.one': { status: 'LEGACY', successor: 'new.one' },
      'old.two': { status: 'ACTIVE', end: '2027-03-01', successor: 'new.two' },
      'old.three': { status: 'ACTIVE', successor: 'new.three' },
      'old.four': { status: 'LEGACY' },
    });
    const { stack } = watched({ messageWithin: Duration.days(60) }, { models });
    expect(settingsOf(stack)).toMatchObject({ within: 60, successors: { 'old.one': 'new.one', 'old.two': 'new.two' } });
  });

  it('refuses more successors than Lambda takes', () => {
    const many = Array.from({ length: 60 }, (_, n) => [
      `some.model-with-a-long-name-${n}`,
      { status: 'LEGACY', successor: `some.other-model-with-a-long-name-${n}` },
    ]);
    const { stack } = watched({}, { models: lockFile(Object.fromEntries(many)) });
    expect(() => templateOf(stack)).toThrow(/settings of at most 3500 bytes/);
  });

  it.each<[string, Partial<ModelLifecycleWatchProps>]>([
    ['three', { alarmsWithin: [90, 60, 30].map((days) => Duration.days(days)) }],
    ['90 days twice', { alarmsWithin: [Duration.days(90), Duration.hours(2160)] }],
    ['0 days', { alarmsWithin: [Duration.days(0)] }],
    ['1.5 days', { messageWithin: Duration.hours(36) }],
  ])('refuses %s', (found, props) => {
    expect(() => watched(props)).toThrow(expect.objectContaining({ code: 'InvalidModelLifecycleWatch' }));
    expect(() => watched(props)).toThrow(found === 'three' ? /found 3/ : found);
  });

  it('rings by one alarm where no times are given', () => {
    expect(
      onlyResource(templateOf(watched({ alarmsWithin: [] }).stack), 'AWS::CloudWatch::Alarm').Properties.MetricName,
    ).toBe('ModelsUnread');
  });

  it('watches the registry of another app by its ledger bucket, in its Region', () => {
    const attributes = {
      parameterPrefix: '/prompts/prod',
      handlers: { version: 'a', plan: 'b', alias: 'c' },
      publisherRoleName: 'Publisher',
      releaserRoleName: 'Releaser',
    };
    const stack = stackIn();
    const nameless = PromptRegistry.fromAttributes(stack, 'Nameless', attributes);
    expect(() => new ModelLifecycleWatch(stack, 'Refused', { registry: nameless })).toThrow(
      expect.objectContaining({ code: 'UnknownLedgerBucket' }),
    );
    const registry = PromptRegistry.fromAttributes(stack, 'Known', { ...attributes, ledgerBucketName: 'ledger-1' });
    new ModelLifecycleWatch(stack, 'Watch', { registry });
    expect(functionOf(stack).Environment.Variables.LEDGER_BUCKET).toBe('ledger-1');

    const app = newApp();
    const here = registryIn(stackIn(app));
    const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '111122223333', region: 'eu-west-1' } });
    expect(() => new ModelLifecycleWatch(elsewhere, 'Watch', { registry: here })).toThrow(
      /found eu-west-1: define the watch/,
    );
  });
});
