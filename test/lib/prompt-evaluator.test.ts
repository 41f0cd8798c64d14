import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suiteDigest } from '../../core/evaluation/evaluation-suite';
import {
  AliasGuardrail,
  AliasTarget,
  type EvaluatedPrompt,
  Prompt,
  PromptAlias,
  PromptEvaluator,
  type PromptEvaluatorProps,
  PromptRegistry,
  PromptVariant,
} from '../../lib';
import { ENV, newApp, stackIn, TEXT } from './prompt-app';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluator-suites-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SUITE = 'cases: [{ id: a, variables: { ticker: AMZN }, expected: AMZN }]\nmetrics:\n';

function suiteFile(metrics = '  says: { check: contains-all, of: expected }\n'): string {
  const path = join(folder, 'x.eval.yaml');
  writeFileSync(path, `${SUITE}${metrics}`);
  return path;
}

interface Parts extends Partial<Omit<PromptEvaluatorProps, 'suites'>> {
  readonly suite?: string;
  readonly change?: (part: EvaluatedPrompt) => EvaluatedPrompt;
  readonly groups?: { readonly [group: string]: string[] };
}

function evaluated(
  { suite = suiteFile(), change = (part) => part, groups = { measured: [] }, ...props }: Parts = {},
  stack = stackIn(),
) {
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', reviewers: groups });
  const variant = PromptVariant.text(TEXT);
  const prompt = new Prompt(stack, 'Analysis', { registry, promptName: 'financial-analysis', variant });
  const candidate = prompt.addAlias('STAGING');
  const live = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  const suites = [change({ prompt, suite, candidate, live })];
  const evaluator = new PromptEvaluator(stack, 'Quality', { registry, group: 'measured', ...props, suites });
  return { stack, registry, prompt, evaluator };
}

function statementsOf(template: Template): { Action: string | string[]; Resource: unknown; Condition?: unknown }[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith('QualityRole')) ?? [];
  return policy?.Properties.PolicyDocument.Statement;
}

describe('an evaluator', () => {
  it('may read, ask and sign, and nothing else', () => {
    const { stack } = evaluated();
    const statements = statementsOf(Template.fromStack(stack));
    expect(statements.map(({ Action }) => [Action].flat().join(' ')).sort()).toEqual([
      'bedrock:RenderPrompt',
      'logs:CreateLogStream logs:PutLogEvents',
      's3:GetObject',
      's3:GetObject s3:PutObject',
      's3:ListBucket',
      's3:ListBucket',
      's3:PutObject',
    ]);
    const [render] = statements.filter(({ Action }) => Action === 'bedrock:RenderPrompt');
    expect(JSON.stringify(render?.Resource), 'versions, never the draft').toMatch(/:\*"\]\]\}$/);
    const [sign] = statements.filter(({ Action }) => Action === 's3:PutObject');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM
    expect(JSON.stringify(sign?.Resource)).toContain('/reviews/*/@measured/${aws:userid}/????????.json');
    expect(statements.some(({ Resource }) => Resource === '*')).toBe(false);
  });

  it('is a caller of both aliases, by their policies', () => {
    const template = Template.fromStack(evaluated().stack);
    const role = Object.entries(template.findResources('AWS::IAM::Role')).find(([id]) =>
      id.startsWith('QualityRole'),
    )?.[1];
    expect(role?.Properties.ManagedPolicyArns).toHaveLength(2);
    expect(role?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  });

  it('joins its group: the ledger lets it sign, by a name that waits for nothing', () => {
    const template = Template.fromStack(
      evaluated({ groups: { measured: ['arn:aws:iam::111122223333:role/Ci'] } }).stack,
    );
    const role = Object.entries(template.findResources('AWS::IAM::Role')).find(([id]) =>
      id.startsWith('QualityRole'),
    )?.[1];
    const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy')).filter((found) =>
      JSON.stringify(found).includes('OnlyReviewersMeasured'),
    );
    const statement = policy?.Properties.PolicyDocument.Statement.find(
      ({ Sid }: { Sid: string }) => Sid === 'OnlyReviewersMeasured',
    );
    const arns = statement.Condition.ArnNotLike['aws:PrincipalArn'];
    expect(arns[0]).toBe('arn:aws:iam::111122223333:role/Ci');
    const [, [name] = []] = role?.Properties.RoleName['Fn::Join'] ?? [];
    expect(JSON.stringify(arns[1])).toContain(`role/${name}`);
    expect(JSON.stringify(arns[1])).not.toContain('GetAtt');
  });

  it('is started by versions, by what is live, by itself, by deployments, and by the clock', () => {
    const template = Template.fromStack(evaluated({ every: Duration.days(1) }).stack);
    const rules = Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties);
    expect(rules.map(({ Description }) => Description.replace(/.*: /, '')).sort()).toEqual([
      'a version was published, or what is live moved',
      'an invocation handed on',
      'the stack was deployed',
      'what is live',
    ]);
    expect(rules.find(({ ScheduleExpression }) => ScheduleExpression)?.ScheduleExpression).toBe('rate(1 day)');
    const told = template.findResources('AWS::S3::Bucket', {
      Properties: { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
    });
    expect(Object.keys(told)).toHaveLength(2);
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(4);
    for (const { Properties } of permissions) expect(Properties).toHaveProperty('SourceArn');
    expect(Object.keys(template.findResources('Custom::S3BucketNotifications'))).toEqual([]);
  });

  it('is told which guardrail callers of its aliases must name: that of the live one, else of the candidate', () => {
    const of = (live: AliasGuardrail, candidate: AliasGuardrail) => {
      const { stack } = evaluated({
        change: ({ prompt, suite }) => ({
          ...{ prompt, suite },
          live: (prompt as Prompt).addAlias('LIVE', { target: AliasTarget.parameter(), guardrail: live }),
          candidate: (prompt as Prompt).addAlias('NEXT', { target: AliasTarget.parameter(), guardrail: candidate }),
        }),
      });
      const found = Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { Timeout: 900 } });
      return JSON.stringify(Object.values(found)).match(/guardrail\/\w+:\d/g) ?? [];
    };
    const [three, four] = ['3', '4'].map((one) => AliasGuardrail.version('abc123', one)) as [
      AliasGuardrail,
      AliasGuardrail,
    ];
    expect(of(three, four)).toEqual(['guardrail/abc123:3']);
    expect(of(AliasGuardrail.none(), four)).toEqual(['guardrail/abc123:4']);
    expect(of(AliasGuardrail.none(), AliasGuardrail.none())).toEqual([]);
  });

  it('gets its suites next to its code, known by their digests', () => {
    const { stack, evaluator } = evaluated({ tokensPerMinute: 9_000, topic: undefined });
    const template = Template.fromStack(stack);
    const [handler] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Timeout: 900 } }));
    expect(handler?.Properties).toMatchObject({ ReservedConcurrentExecutions: 1, Runtime: 'nodejs24.x' });
    const settings = JSON.stringify(handler?.Properties.Environment.Variables.EVALUATOR);
    const digest = suiteDigest({
      cases: [{ id: 'a', variables: { ticker: 'AMZN' }, expected: 'AMZN' }],
      metrics: [{ name: 'says', check: { check: 'contains-all', of: 'expected' } }],
      repeats: 3,
    });
    expect(settings).toContain(digest);
    expect(settings).toContain('9000');
    expect(evaluator.function).toBeDefined();
  });

  const judged = (model: string) =>
    suiteFile(`  polite: { check: judge, model: '${model}', rubric: rubric.md, controls: controls.jsonl }\n`);

  it.each([
    ['eu.amazon.nova-pro-v1:0', 'a profile of the geography eu'],
    ['jp.anthropic.claude-haiku-4-5-20251001-v1:0', 'a profile of the geography jp'],
    ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'a profile of the geography us-gov'],
    ['arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0', 'which is of eu-west-1'],
    [`arn:aws:bedrock:eu-west-1:${ENV.account}:application-inference-profile/abc`, 'which is of eu-west-1'],
  ])('refuses a judge that cannot be asked here: %s', (model, why) => {
    writeFileSync(join(folder, 'rubric.md'), 'Is it polite?');
    writeFileSync(join(folder, 'controls.jsonl'), '{"answer":"a","pass":true}\n{"answer":"b","pass":false}');
    expect(() => evaluated({ suite: judged(model) })).toThrow(
      `expected a judge that can be asked in ${ENV.region}, found ${model}, ${why}: name a model or a profile of ${ENV.region} in the suite`,
    );
  });

  it.each(['*', 'amazon.*', 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0', 'amazon.nova-${x}', 'a b'])(
    'refuses a judge that is no single model: %s',
    (model) => {
      writeFileSync(join(folder, 'rubric.md'), 'Is it polite?');
      writeFileSync(join(folder, 'controls.jsonl'), '{"answer":"a","pass":true}\n{"answer":"b","pass":false}');
      expect(() => evaluated({ suite: judged(model) })).toThrow(/one model, without \*, \? and \$/);
    },
  );

  it('warns of a judge of the family of the model that it judges, and of no other', () => {
    writeFileSync(join(folder, 'rubric.md'), 'Is it polite?');
    writeFileSync(join(folder, 'controls.jsonl'), '{"answer":"a","pass":true}\n{"answer":"b","pass":false}');
    const warnings = (model: string) => {
      const { stack } = evaluated({ suite: judged(model) });
      Template.fromStack(stack);
      return Annotations.fromStack(stack)
        .findWarning('*', Match.stringLikeRegexp('of one family'))
        .map(({ entry }) => entry.data);
    };
    expect(warnings('us.amazon.nova-premier-v1:0')).toEqual([
      expect.stringMatching(
        /^the judge us.amazon.nova-premier-v1:0 is of one family, amazon.nova, with financial-analysis \(.*nova.*name a judge of another one/,
      ),
    ]);
    expect(warnings('us.anthropic.claude-sonnet-4-20250514-v1:0')).toEqual([]);
  });

  it('may ask its suites’ judges, through profiles too', () => {
    writeFileSync(join(folder, 'rubric.md'), 'Is it polite?');
    writeFileSync(join(folder, 'controls.jsonl'), '{"answer":"a","pass":true}\n{"answer":"b","pass":false}\n');
    const judge = (model: string) =>
      `  polite: { check: judge, model: '${model}', rubric: rubric.md, controls: controls.jsonl }\n`;
    const resources = (model: string) =>
      statementsOf(Template.fromStack(evaluated({ suite: suiteFile(judge(model)) }).stack))
        .filter(({ Action }) => Action === 'bedrock:InvokeModel')
        .map(({ Resource, Condition }) => [JSON.stringify(Resource), Condition !== undefined]);
    expect(resources('amazon.nova-lite-v1:0')).toEqual([
      [expect.stringContaining('bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'), false],
    ]);
    expect(resources('us.amazon.nova-premier-v1:0')).toEqual([
      [expect.stringContaining(':inference-profile/us.amazon.nova-premier-v1:0'), false],
      [expect.stringContaining('foundation-model/amazon.nova-premier-v1:0'), true],
    ]);
    const arn = (rest: string) => `arn:aws:bedrock:us-east-1:111122223333:${rest}`;
    const region = (name: string) => name.replace('arn:aws:bedrock:', 'bedrock:');
    const through = (profile: string) =>
      statementsOf(Template.fromStack(evaluated({ suite: suiteFile(judge(profile)) }).stack))
        .filter(({ Action, Condition }) => Action === 'bedrock:InvokeModel' && Condition)
        .map(({ Resource, Condition }) => [[Resource].flat().map((one) => JSON.stringify(one)), Condition]);
    for (const [profile, ...models] of [
      [arn('inference-profile/us.amazon.nova-premier-v1:0'), 'bedrock:*::foundation-model/amazon.nova-premier-v1:0'],
      [
        arn('inference-profile/global.amazon.nova-2-lite-v1:0'),
        'bedrock:*::foundation-model/amazon.nova-2-lite-v1:0',
        'bedrock:::foundation-model/amazon.nova-2-lite-v1:0',
      ],
      [
        arn('application-inference-profile/a1b2c3d4e5f6'),
        'bedrock:*::foundation-model/*',
        'bedrock:::foundation-model/*',
      ],
    ] as const) {
      expect(resources(profile)[0], profile).toEqual([expect.stringContaining(region(profile)), false]);
      expect(through(profile), profile).toEqual([
        [
          models.map((model) => expect.stringContaining(`${model}"`)),
          { StringEquals: { 'bedrock:InferenceProfileArn': profile } },
        ],
      ]);
    }
    for (const own of ['prompt-router/p', 'provisioned-model/p', 'imported-model/p'].map(arn)) {
      expect(resources(own), own).toEqual([[expect.stringContaining(region(own)), false]]);
    }
    const model = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0';
    expect(resources(model)).toEqual([[expect.stringContaining(model), false]]);
  });

  it('may tell its topic', () => {
    const stack = stackIn();
    const { stack: own } = evaluated({ topic: Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:us-east-1:111122223333:t') });
    expect(statementsOf(Template.fromStack(own))).toContainEqual(
      expect.objectContaining({ Action: 'sns:Publish', Resource: 'arn:aws:sns:us-east-1:111122223333:t' }),
    );
  });

  it.each(['the same stack', 'another stack'])('has a queue of %s for events that are worked at by nobody', (where) => {
    const app = newApp();
    const owner = stackIn(app, 'Owner');
    const deadLetterQueue = new Queue(owner, 'Lost');
    const stack = where === 'another stack' ? stackIn(app) : owner;
    const { stack: own } = evaluated({ deadLetterQueue, every: Duration.days(1) }, stack);
    const template = Template.fromStack(own);
    const configs = Object.values(template.findResources('AWS::Lambda::EventInvokeConfig'));
    const [config, ...others] = configs.filter(({ Properties }) => Properties.DestinationConfig);
    expect(others).toEqual([]);
    expect(config?.Properties.DestinationConfig.OnFailure.Destination).toBeDefined();
    const rules = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rules).toHaveLength(4);
    for (const { Properties } of rules) expect(Properties.Targets[0].DeadLetterConfig.Arn).toBeDefined();
    const send = statementsOf(template).find(({ Action }) => [Action].flat().includes('sqs:SendMessage'));
    expect(send?.Resource).toEqual(config?.Properties.DestinationConfig.OnFailure.Destination);
    const [policy] = Object.values(Template.fromStack(owner).findResources('AWS::SQS::QueuePolicy'));
    for (const { Principal, Condition } of policy?.Properties.PolicyDocument.Statement ?? [{}]) {
      expect(Principal).toEqual({ Service: 'events.amazonaws.com' });
      expect(JSON.stringify(Condition)).toContain('aws:SourceArn');
    }
  });

  it.each<[string, Parts, string]>([
    ['a group that the registry lacks', { group: 'quality' }, 'expected the group quality in reviewers'],
    ['no tokens', { tokensPerMinute: 0 }, 'tokensPerMinute of 1 or more'],
    ['every minute', { every: Duration.minutes(1) }, 'every of an hour or more'],
    ['runs kept for an hour', { keepRuns: Duration.hours(1) }, 'keepRuns of two days or more'],
    ['one alias twice', { change: (part) => ({ ...part, candidate: part.live }) }, 'two aliases of financial-analysis'],
    [
      'an alias of another prompt',
      {
        change: (part) => {
          const names = { parameterPrefix: '/prompts/prod', promptName: 'other', aliasName: 'PROD' };
          return { ...part, live: PromptAlias.fromAliasName(Stack.of(part.prompt), 'Other', names) };
        },
      },
      'an alias of financial-analysis',
    ],
    ['a suite that is none', { suite: 'none.eval.yaml' }, 'there is no file none.eval.yaml'],
  ])('is refused with %s', (_, parts, message) => {
    expect(() => evaluated(parts)).toThrow(message);
  });

  it('is refused with a suite of code, which nobody can be held to', () => {
    writeFileSync(join(folder, 'own.mjs'), 'export default () => true;');
    const suite = suiteFile('  own: { check: function, module: own.mjs }\n');
    expect(() => evaluated({ suite })).toThrow('code of your own');
  });

  it('leaves a group with nobody in it an error', () => {
    const stack = stackIn();
    new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', reviewers: { risk: [] } });
    expect(() => Template.fromStack(stack)).toThrow(
      'expected at least one role in the group risk in reviewers, found none',
    );
  });
});

describe('an evaluator of a registry of another app', () => {
  const imported = (props: Partial<PromptEvaluatorProps>, known = true) => {
    const app = newApp();
    const stack = new Stack(app, 'Team', { env: ENV });
    const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', {
      parameterPrefix: '/prompts/prod',
      handlers: { version: arn('v'), plan: arn('p'), alias: arn('a') },
      publisherRoleName: 'publisher',
      releaserRoleName: 'releaser',
      ...(known && { ledgerBucketName: 'ledger' }),
    });
    const prompt = new Prompt(stack, 'Analysis', { registry, promptName: 'x', variant: PromptVariant.text(TEXT) });
    const candidate = prompt.addAlias('STAGING');
    const live = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const suites = [{ prompt, suite: suiteFile(), candidate, live }];
    const role = new Role(stack, 'Measurer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    new PromptEvaluator(stack, 'Quality', {
      registry,
      group: 'measured',
      suites,
      ...(props.role !== null && { role }),
    });
    return stack;
  };

  it('works with a role that its platform knows', () => {
    Template.fromStack(imported({})).hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 900,
      Environment: { Variables: Match.objectLike({ LEDGER_BUCKET: 'ledger' }) },
    });
  });

  it('needs that role, and the ledger’s name', () => {
    expect(() => imported({ role: null as never })).toThrow('pass role, and list it in reviewers');
    expect(() => imported({}, false)).toThrow('found that it was imported without');
  });
});
