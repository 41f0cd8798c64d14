import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, AlarmRule, CompositeAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import {
  AliasTarget,
  Guard,
  type IPromptRegistry,
  type PromptAliasOptions,
  PromptRegistry,
  Rollout,
  RolloutKey,
  type RolloutSplitProps,
  type RolloutStepsProps,
} from '../../lib';
import { comesBefore, ENV, idOf, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

const BAKE = { bake: Duration.minutes(10) };
const ROLLING: PromptAliasOptions = {
  target: AliasTarget.parameter(),
  callableVersions: 3,
  rollout: Rollout.steps([5, 25, 50], { ...BAKE, minimumUses: 20 }),
};

/** A stack with PROD of financial-analysis. */
function aliasWith(change: Partial<PromptAliasOptions> = {}, stack = stackIn(), registry?: IPromptRegistry) {
  const prompt = promptIn(stack, registry && { registry });
  const alias = prompt.addAlias('PROD', { ...ROLLING, ...change });
  return { stack, prompt, alias };
}

const steps = (percents: number[], more: Partial<RolloutStepsProps> = {}) => ({
  rollout: Rollout.steps(percents, { ...BAKE, ...more }),
});

const split = (percent: number, more: Partial<RolloutSplitProps> = {}) => ({
  rollout: Rollout.split(percent, { for: Duration.days(14), ...more }),
});

const SETTINGS = '{"bake":600,"guards":["errors"],"key":"session","minimum":20,"steps":[5,25,50]}';

describe('An alias with a rollout', () => {
  const { stack, alias } = aliasWith();
  const template = templateOf(stack);
  const id = (role: string) => idOf(template, `FinancialAnalysisProd${role}`);
  const properties = (role: string) => template.Resources[id(role)]?.Properties;

  it('has two parameters below its own: one that follows the record, one that is its controller’s', () => {
    expect(properties('Rollout')).toEqual({
      Name: '/prompts/prod/financial-analysis/PROD/rollout',
      Type: 'String',
      Value: { 'Fn::GetAtt': [id('Alias'), 'Rollout'] },
      Description: expect.any(String),
    });
    expect(properties('RolloutProgress')).toEqual({
      Name: '/prompts/prod/financial-analysis/PROD/rollout-progress',
      Type: 'String',
      Value: 'none',
      Description: expect.any(String),
    });
  });

  it('tells plan and record how it rolls out, and the record what the plan decided', () => {
    expect(properties('ReleasePlan').Rollout).toBe(SETTINGS);
    const plan = (name: string) => ({ 'Fn::GetAtt': [id('ReleasePlan'), name] });
    expect(properties('Alias')).toMatchObject({
      Rollout: SETTINGS,
      Terms: plan('Terms'),
      Candidate: plan('Candidate'),
      CandidateDigest: plan('CandidateDigest'),
      CandidateModel: plan('CandidateModel'),
    });
  });

  it('comes after plan, policy and record, in this order', () => {
    expect(comesBefore(template, id('ReleasePlan'), id('CallerPolicy'))).toBe(true);
    expect(comesBefore(template, id('CallerPolicy'), id('Alias'))).toBe(true);
    expect(comesBefore(template, id('Alias'), id('Rollout'))).toBe(true);
  });

  it('comes after the pointer, so that nobody is given the old version while a rollout is settled', () => {
    expect(comesBefore(template, id('Parameter'), id('Rollout'))).toBe(true);
  });

  it('takes two versions in its stack parameter, which others do not', () => {
    const pattern = new RegExp(template.Parameters?.FinancialAnalysisProdVersion.AllowedPattern);
    for (const target of ['none', '3', '3..4', `3..pd1:${'a'.repeat(64)}`, `pd1:${'a'.repeat(64)}..4`]) {
      expect(pattern.test(target), target).toBe(true);
    }
    for (const target of ['', '3..', '..4', 'none..4', '3..none', '3...4', '3..4..5', '3 .. 4', '3>4', '03..4']) {
      expect(pattern.test(target), target).toBe(false);
    }
    const other = stackIn();
    promptIn(other).addAlias('PROD', { target: AliasTarget.parameter(), callableVersions: 3 });
    expect(templateOf(other).Parameters?.FinancialAnalysisProdVersion).toMatchObject({
      AllowedPattern: '^(none|[1-9][0-9]{0,4}|pd1:[0-9a-f]{64})$',
      ConstraintDescription: 'none, a version number from 1 to 99999, or a content digest (pd1: and 64 hex digits)',
    });
  });

  // An app that is run by tsx or esbuild has its types checked by nobody.
  it.each([
    ['bake', 'none', () => Reflect.apply(Rollout.steps, Rollout, [[5]])],
    ['bake', 'none', () => Reflect.apply(Rollout.steps, Rollout, [[5], { minimumUses: 5 }])],
    ['bake', '600', () => Reflect.apply(Rollout.steps, Rollout, [[5], { bake: 600 }])],
    ['for', 'none', () => Reflect.apply(Rollout.split, Rollout, [50])],
    ['for', '14', () => Reflect.apply(Rollout.split, Rollout, [50, { for: 14 }])],
  ])('is refused without %s, where it is %s', (name, found, rollout) => {
    const options = { target: AliasTarget.parameter(), callableVersions: 3, rollout: rollout() };
    expect(() => promptIn(stackIn()).addAlias('PROD', options)).toThrow(
      new RegExp(
        `PROD: expected a rollout with ${name} as a Duration, found ${found}: set ${name}, such as ${name}: Dur`,
      ),
    );
  });

  it('has a controller, which may be asked to halt', () => {
    expect(alias.rolloutControllerArn).toBeDefined();
    const role = new Role(stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    expect(() => alias.grants.halt(role)).not.toThrow();
  });

  it('asks for alarms only where it is guarded by one', () => {
    expect(JSON.stringify(template.Resources[idOf(template, 'ReleaserPrompts')])).not.toContain('DescribeAlarms');
    const guarded = stackIn();
    const alarm = new Alarm(guarded, 'Slow', {
      metric: new Metric({ namespace: 'App', metricName: 'Latency' }),
      threshold: 8_000,
      evaluationPeriods: 1,
    });
    const any = new CompositeAlarm(guarded, 'Any', { alarmRule: AlarmRule.fromAlarm(alarm, 'ALARM' as never) });
    aliasWith(steps([50], { guards: [Guard.errors(), Guard.alarm(alarm), Guard.alarm(any)] }), guarded);
    const found = templateOf(guarded);
    expect(JSON.stringify(found.Resources[idOf(found, 'ReleaserPrompts')])).toContain('cloudwatch:DescribeAlarms');
    const settings = found.Resources[idOf(found, 'FinancialAnalysisProdReleasePlan')]?.Properties.Rollout;
    expect(settings['Fn::Join'][1].filter((part: unknown) => typeof part === 'object')).toHaveLength(2);
  });

  it('may have an alarm of a stack that comes after the registry’s', () => {
    const app = new App();
    const registry = registryIn(new Stack(app, 'Registry', { env: ENV }));
    const own = new Stack(app, 'Prompts', { env: ENV });
    const metric = new Metric({ namespace: 'App', metricName: 'Latency' });
    const alarm = new Alarm(own, 'Slow', { metric, threshold: 8_000, evaluationPeriods: 1 });
    aliasWith(steps([50], { guards: [Guard.alarm(alarm)] }), own, registry);
    expect(() => app.synth()).not.toThrow();
  });

  it('has settings of its own where it says so', () => {
    const { stack: other } = aliasWith(steps([1, 100], { key: RolloutKey.NONE, minimumUses: 0, guards: [] }));
    const found = templateOf(other);
    expect(found.Resources[idOf(found, 'FinancialAnalysisProdReleasePlan')]?.Properties.Rollout).toBe(
      '{"bake":600,"guards":[],"key":"none","minimum":0,"steps":[1,100]}',
    );
    const { stack: usual } = aliasWith(steps([10]));
    const template = templateOf(usual);
    expect(template.Resources[idOf(template, 'FinancialAnalysisProdReleasePlan')]?.Properties.Rollout).toBe(
      '{"bake":600,"guards":["errors"],"key":"session","minimum":50,"steps":[10]}',
    );
  });

  it('may be split for a time', () => {
    const settingsOf = (change: Partial<PromptAliasOptions>) => {
      const found = templateOf(aliasWith(change).stack);
      return found.Resources[idOf(found, 'FinancialAnalysisProdReleasePlan')]?.Properties.Rollout;
    };
    expect(settingsOf(split(50))).toBe(
      '{"bake":600,"for":1209600,"guards":["errors"],"key":"session","minimum":0,"scores":[],"steps":[50]}',
    );
    const own = {
      for: Duration.hours(1),
      scores: ['polite', 'isHelpful', 'is-short'],
      key: RolloutKey.NONE,
      guards: [],
    };
    expect(settingsOf(split(10, own))).toBe(
      '{"bake":600,"for":3600,"guards":[],"key":"none","minimum":0,"scores":["is-short","isHelpful","polite"],"steps":[10]}',
    );
    expect(own.scores).toEqual(['polite', 'isHelpful', 'is-short']);
  });

  it.each<[string, Partial<PromptAliasOptions>, string]>([
    ['a split of nothing', split(0), 'a whole percent from 1 to 99'],
    ['a split of all', split(100), 'a whole percent from 1 to 99'],
    ['a split of half a percent', split(0.5), 'a whole percent from 1 to 99'],
    ['a split of no time', split(50, { for: Duration.seconds(0) }), 'from 3600 (an hour)'],
    ['a split of half an hour', split(50, { for: Duration.minutes(30) }), 'from 3600 (an hour)'],
    ['a split of 61 days', split(50, { for: Duration.days(61) }), '(60 days)'],
    ['a split of a broken second', split(50, { for: Duration.millis(3_600_500) }), 'whole seconds'],
    ['a score twice', split(50, { scores: ['helpful', 'helpful'] }), 'each once'],
    ['six scores', split(50, { scores: ['a', 'b', 'c', 'd', 'e', 'f'] }), 'at most 5'],
    ['a score of two words', split(50, { scores: ['is helpful'] }), 'names of scores'],
    ['a score called errors', split(50, { scores: ['errors'] }), 'other than errors and slow'],
    ['a split guarded twice', split(50, { guards: [Guard.errors(), Guard.errors()] }), 'at most 10 guards'],
    ['a target in source', { target: AliasTarget.version(3) }, 'expected target: AliasTarget.parameter()'],
    ['a target that follows the content', { target: AliasTarget.currentVersion() }, 'AliasTarget.parameter()'],
    ['two callable versions', { callableVersions: 2 }, 'expected callableVersions of at least 3'],
    ['steps that fall', steps([25, 5]), '1 to 10 steps'],
    ['no steps', steps([]), '1 to 10 steps'],
    ['half a percent', steps([0.5]), '1 to 10 steps'],
    ['a step of nothing', steps([0]), '1 to 10 steps'],
    ['more than all', steps([101]), '1 to 10 steps'],
    ['no bake', steps([5], { bake: Duration.seconds(0) }), 'a bake of whole seconds'],
    ['half a second', steps([5], { bake: Duration.millis(500) }), 'a bake of whole seconds'],
    ['a bake of a month', steps([5], { bake: Duration.days(30) }), 'a bake of whole seconds'],
    ['a broken minimum', steps([5], { minimumUses: 1.5 }), 'minimumUses'],
    ['another key', steps([5], { key: 'user' as RolloutKey }), 'key to be session or none'],
    ['a guard twice', steps([5], { guards: [Guard.errors(), Guard.errors()] }), 'each once'],
  ])('does not have %s', (_what, change, message) => {
    expect(() => aliasWith(change)).toThrow(message);
    expect(() => aliasWith(change)).toThrow(expect.objectContaining({ code: 'InvalidRollout' }));
  });

  it('is where its alarms are', () => {
    const far = Alarm.fromAlarmArn(stackIn(), 'Far', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Slow');
    expect(() => aliasWith(steps([5], { guards: [Guard.alarm(far)] }))).toThrow('expected an alarm of the alias');
  });

  it('has room below its parameter', () => {
    const prefix = (parts: number) => '/p'.repeat(parts);
    const registry = (parts: number, stack: Stack) => registryIn(stack, prefix(parts));
    const twelve = stackIn();
    expect(() => aliasWith({}, twelve, registry(12, twelve))).not.toThrow();
    const thirteen = stackIn();
    expect(() => aliasWith({}, thirteen, registry(13, thirteen))).toThrow(
      expect.objectContaining({ code: 'InvalidParameterPrefix' }),
    );
  });

  it('shares what Bedrock keeps per prompt: two of them and one that follows the content', () => {
    const { prompt } = aliasWith();
    prompt.addAlias('EU', ROLLING);
    prompt.addAlias('STAGING');
    expect(() => prompt.addAlias('DEV')).toThrow(expect.objectContaining({ code: 'TooManyAliases' }));
  });

  it('joins a registry of another app only where that has a controller', () => {
    const attributes = {
      parameterPrefix: '/prompts/prod',
      handlers: { version: 'arn:1', plan: 'arn:2', alias: 'arn:3' },
      publisherRoleName: 'publisher',
      releaserRoleName: 'releaser',
    };
    const join = (more: object) => {
      const stack = stackIn();
      return aliasWith({}, stack, PromptRegistry.fromAttributes(stack, 'Joined', { ...attributes, ...more }));
    };
    expect(() => join({})).toThrow(expect.objectContaining({ code: 'InvalidRollout' }));
    const controller = 'arn:aws:lambda:us-east-1:111122223333:function:controller';
    const { alias: joined, stack } = join({ rolloutControllerArn: controller });
    expect(joined.rolloutControllerArn).toBe(controller);
    expect(Object.keys(resourcesOf(templateOf(stack), 'AWS::Lambda::Function'))).toEqual([]);
  });
});

describe('An alias', () => {
  it.each(['rollout', 'rollout-progress'])('is not called %s', (name) => {
    expect(() => promptIn(stackIn()).addAlias(name)).toThrow(expect.objectContaining({ code: 'InvalidAliasName' }));
  });

  it.each(['Rollout', 'rollout2', 'ROLLOUT'])('may be called %s', (name) => {
    expect(() => promptIn(stackIn()).addAlias(name)).not.toThrow();
  });
});
