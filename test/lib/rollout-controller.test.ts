import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { PromptRegistry } from '../../lib';
import { idOf, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

function controlled(alarms: string[] = []) {
  const stack = stackIn();
  const topic = new Topic(stack, 'Told');
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', rollouts: { topic } });
  registry._controlRollouts(alarms);
  return templateOf(stack);
}

const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:Slow';

describe('The controller of rollouts', () => {
  it('is not there without a rollout: nothing of a registry changes', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry }).addAlias('PROD');
    expect(registry.rolloutControllerArn).toBeUndefined();
    expect(JSON.stringify(templateOf(stack))).not.toContain('rollout');
  });

  it('is there once, whoever asks for it', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    for (const alarms of [[], [ALARM], [ALARM]]) registry._controlRollouts(alarms);
    const template = templateOf(stack);
    expect(Object.keys(resourcesOf(template, 'AWS::Lambda::Function'))).toHaveLength(4);
    expect(Object.keys(resourcesOf(template, 'AWS::Events::Rule'))).toHaveLength(2);
    expect(registry.rolloutControllerArn).toBeDefined();
  });

  const template = Template.fromJSON(JSON.parse(JSON.stringify(controlled([ALARM]))));

  it('never runs twice at once, every minute, and when a guarding alarm goes off', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'cdk-prompt-registry prompt-rollout /prompts/prod',
      ReservedConcurrentExecutions: 1,
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [ALARM],
        detail: { state: { value: ['ALARM'] } },
      },
    });
  });

  it('may append steps, write how far they got, read what guards, and tell: nothing else', () => {
    const found = controlled();
    const role = found.Resources[idOf(found, 'ControllerRole')]?.Properties;
    const statements = role.Policies.flatMap(
      ({ PolicyDocument }: { PolicyDocument: { Statement: unknown[] } }) => PolicyDocument.Statement,
    );
    const shown = statements.map(({ Action, Resource }: { Action: string | string[]; Resource: unknown }) => [
      [Action].flat().join(' '),
      JSON.stringify(Resource).replace(/.*[/:]((?:ledger|rollouts|parameter)\/[^"]*).*/, '$1'),
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      's3:ListBucket': expect.anything(),
      's3:GetObject': expect.stringContaining('rollouts/*'),
      's3:PutObject': 'rollouts/*',
      'ssm:GetParametersByPath': 'parameter/prompts/prod/*',
      'ssm:PutParameter': 'parameter/prompts/prod/*/*/rollout-progress',
      'cloudwatch:DescribeAlarms cloudwatch:GetMetricData': '"*"',
      'logs:CreateLogStream logs:PutLogEvents': expect.anything(),
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'sns:Publish' })] },
    });
  });

  it('is missed after five minutes, where somebody is to be told', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      EvaluationPeriods: 5,
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('Told') }],
      OKActions: [{ Ref: Match.stringLikeRegexp('Told') }],
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Sid: 'AlarmsOfThisAccount',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: { Ref: Match.stringLikeRegexp('Told') },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
    const untold = stackIn();
    registryIn(untold)._controlRollouts([]);
    expect(resourcesOf(templateOf(untold), 'AWS::CloudWatch::Alarm')).toEqual({});
  });

  it('alone writes under rollouts/, where nobody writes without one', () => {
    const statements = template.findResources('AWS::S3::BucketPolicy');
    const text = JSON.stringify(statements);
    expect(text).toContain('OnlyControllerWritesRollouts');
    expect(text).toContain('OnlyThisControllerWritesRollouts');
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'NothingElseIsWritten',
            NotResource: ['ledger', 'versions', 'reasons', 'tags', 'rollouts'].map((folder) => ({
              'Fn::Join': ['', [Match.anyValue(), `/${folder}/*`]],
            })),
          }),
        ]),
      },
    });
  });

  it('lets the releaser read the steps that a release ends', () => {
    const found = controlled();
    expect(JSON.stringify(found.Resources[idOf(found, 'ReleaserRole')])).toContain('/rollouts/*');
  });

  it('is halted only by who is granted that, on an alias that has a rollout', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const onCall = new Role(stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const alias = promptIn(stack, { registry }).addAlias('PROD');
    expect(() => alias.grants.halt(onCall)).toThrow(/NoRollout|expected an alias that has a rollout/);
  });

  it('leaves room for groups of reviewers in the policy of the bucket', () => {
    const stack = stackIn();
    const pattern = (index: number) =>
      `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/${'R'.repeat(50)}${index}_*`;
    const groups = Array.from({ length: 10 }, (_, index) => [`group-${index}`, [pattern(index), pattern(index + 10)]]);
    const reviewers = Object.fromEntries(groups);
    new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', reviewers, rollouts: {} });
    const policy = Object.values(resourcesOf(templateOf(stack), 'AWS::S3::BucketPolicy'))[0];
    expect(JSON.stringify(policy?.Properties.PolicyDocument).length).toBeLessThan(20_480);
  });
});
