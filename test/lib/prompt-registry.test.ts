import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { PromptRegistry } from '../../lib';
import {
  comesBefore,
  ENV,
  idOf,
  newApp,
  onlyResource,
  promptIn,
  registryIn,
  resourcesOf,
  stackIn,
  type TemplateJson,
  templateOf,
} from './prompt-app';

function withAliases(): TemplateJson {
  const stack = stackIn();
  promptIn(stack).addAlias('STAGING');
  return templateOf(stack);
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What a handler's role may do, from the role itself and from the policy beside it. */
function statementsOf(template: TemplateJson, role: string): Statement[] {
  const inline = template.Resources[idOf(template, `${role}Role`)]?.Properties.Policies[0].PolicyDocument.Statement;
  const beside = template.Resources[idOf(template, `${role}Prompts`)]?.Properties.PolicyDocument.Statement;
  return [...inline, ...beside];
}

/** The statement that denies puts in a folder to all but this role. */
const only = (role: string, folder: string) => ({
  Action: 's3:PutObject',
  Resource: { 'Fn::Join': ['', [Match.anyValue(), `/${folder}/*`]] },
  Condition: {
    ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${role}Role`), 'Arn'] } },
  },
});

/** The same to a role that has the name and is another. */
const onlyThis = (role: string, folder: string) => ({
  Action: 's3:PutObject',
  Resource: { 'Fn::Join': ['', [Match.anyValue(), `/${folder}/*`]] },
  Condition: {
    StringNotLike: {
      'aws:userid': {
        'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp(`^${role}Role`), 'RoleId'] }, ':*']],
      },
    },
    Null: { 'aws:userid': 'false' },
  },
});

const elsewhere = ['ledger', 'versions', 'reasons', 'tags'].map((folder) => ({
  'Fn::Join': ['', [Match.anyValue(), `/${folder}/*`]],
}));

const actionsOf = (statements: Statement[]) => [...new Set(statements.flatMap(({ Action }) => Action))].sort();

describe('the ledger bucket', () => {
  const template = Template.fromJSON(JSON.parse(JSON.stringify(withAliases())));

  it('has Object Lock from the start, no retention rule yet, and outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: Match.absent(),
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      },
    });
  });

  it.each([
    [
      'deletes, whoever asks, also by a lifecycle rule',
      { Action: ['s3:DeleteObject*', 's3:BypassGovernanceRetention', 's3:PutLifecycleConfiguration'] },
    ],
    ['puts that could overwrite', { Action: 's3:PutObject', Condition: { Null: { 's3:if-none-match': 'true' } } }],
    ['replicas and another key', { Action: Match.arrayWith(['s3:ReplicateObject', 's3:UpdateObjectEncryption']) }],
    [
      'a retention or a legal hold of one object',
      { Action: Match.arrayWith(['s3:PutObjectRetention', 's3:PutObjectLegalHold']) },
    ],
    [
      'replication to elsewhere, and another owner of objects',
      { Action: ['s3:PutReplicationConfiguration', 's3:PutBucketOwnershipControls'] },
    ],
    ['records by a role made again under the name of the releaser', onlyThis('Releaser', 'ledger')],
    ['reasons by a role made again under the name of the releaser', onlyThis('Releaser', 'reasons')],
    ['versions by a role made again under the name of the publisher', onlyThis('Publisher', 'versions')],
    ['records by anybody but the releaser', only('Releaser', 'ledger')],
    ['reasons by anybody but the releaser', only('Releaser', 'reasons')],
    ['archived versions by anybody but the publisher', only('Publisher', 'versions')],
    ['tags by a role made again under the name of the publisher', onlyThis('Publisher', 'tags')],
    ['tags by anybody but the publisher', only('Publisher', 'tags')],
    ['whatever is no record, reason, version or tag', { Action: 's3:PutObject', NotResource: elsewhere }],
    ['requests without TLS', { Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
  ])('refuses %s', (_, statement) => {
    template.hasResource('AWS::S3::BucketPolicy', {
      DeletionPolicy: 'Retain',
      Properties: {
        PolicyDocument: {
          Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Principal: { AWS: '*' }, ...statement })]),
        },
      },
    });
  });
});

describe('the handlers', () => {
  const template = withAliases();

  it.each([
    ['Custom::PromptVersion', 'VersionHandler'],
    ['Custom::PromptReleasePlan', 'PlanHandler'],
    ['Custom::PromptAlias', 'AliasHandler'],
    ['Custom::ReleaseReason', 'AliasHandler'],
  ])('%s starts nothing after CloudFormation gave up', (type, handler) => {
    const { Timeout } = template.Resources[idOf(template, handler)]?.Properties ?? {};
    const invocation = template.Resources[idOf(template, `${handler}Invocation`)]?.Properties ?? {};
    const { ServiceTimeout, ServiceToken } = onlyResource(template, type).Properties;

    expect(invocation.MaximumEventAgeInSeconds + Timeout).toBeLessThanOrEqual(Number(ServiceTimeout));
    expect(invocation.MaximumRetryAttempts).toBe(1);
    expect(ServiceToken).toEqual({ 'Fn::GetAtt': [idOf(template, handler), 'Arn'] });
  });

  it('are called once their roles, limits and the bucket policy are there', () => {
    for (const [id, { Type }] of Object.entries(template.Resources).filter(([, { Type }]) =>
      Type.startsWith('Custom'),
    )) {
      const role = Type === 'Custom::PromptVersion' ? 'Publisher' : 'Releaser';
      for (const needed of [`${role}Prompts`, `${role}Role`, 'AliasHandlerInvocation', 'LedgerPolicy']) {
        expect(comesBefore(template, idOf(template, needed), id), `${needed} before ${id}`).toBe(true);
      }
    }
  });

  it('wait 15 seconds for IAM unless told otherwise', () => {
    const seconds = (registry: (stack: Stack) => void) => {
      const stack = stackIn();
      registry(stack);
      const { Resources } = templateOf(stack);
      return Object.values(Resources).flatMap(({ Properties }) => Properties?.Environment?.Variables ?? [])[2]
        .PROPAGATION_SECONDS;
    };

    expect(seconds((stack) => registryIn(stack))).toBe('15');
    expect(seconds((stack) => new PromptRegistry(stack, 'R', { policyPropagation: Duration.seconds(2) }))).toBe('2');
  });

  it.each([Duration.seconds(121), Duration.millis(1500)])('cannot wait %s for IAM', (policyPropagation) => {
    expect(() => new PromptRegistry(stackIn(), 'Registry', { policyPropagation })).toThrow(
      /^Prompts\/Registry: expected policyPropagation in whole seconds from 0 to 120, found/,
    );
  });
});

describe('the roles of the handlers', () => {
  const template = withAliases();
  const publisher = statementsOf(template, 'Publisher');
  const releaser = statementsOf(template, 'Releaser');

  it('have no policy of AWS', () => {
    for (const role of Object.values(resourcesOf(template, 'AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('let the publisher do this and no more', () => {
    expect(actionsOf(publisher)).toEqual([
      'bedrock:CreatePromptVersion',
      'bedrock:DeletePrompt',
      'bedrock:GetPrompt',
      'bedrock:ListPrompts',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStacks',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
  });

  it('let the releaser do this and no more: nothing in SSM', () => {
    expect(actionsOf(releaser)).toEqual([
      'bedrock:GetFoundationModel',
      'bedrock:GetInferenceProfile',
      'bedrock:GetPrompt',
      'bedrock:ListPrompts',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStacks',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
  });

  it('let the publisher delete versions, never a prompt', () => {
    const [statement, ...others] = publisher.filter(({ Action }) => Action.includes('bedrock:DeletePrompt'));
    expect(others).toEqual([]);
    expect(statement?.Resource).toEqual({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [idOf(template, 'FinancialAnalysisPrompt'), 'Arn'] }, ':*']],
    });
  });

  it('name each prompt: none is reached by a wildcard', () => {
    for (const { Action, Resource } of [...publisher, ...releaser]) {
      expect(Resource).not.toBe('*');
      if ([Action].flat().some((action) => /^bedrock:.*Prompt/.test(action))) {
        expect(JSON.stringify(Resource)).not.toMatch(/prompt\/\*|prompt\/\?/);
      }
    }
  });

  it('let the publisher write the archive and the releaser the ledger, not the other way round', () => {
    const written = (statements: Statement[]) =>
      JSON.stringify(
        statements.filter(({ Action }) => Action.includes('s3:PutObject')).map(({ Resource }) => Resource),
      );
    expect(written(publisher)).toMatch(/"\/versions\/\*"/);
    expect(written(publisher)).not.toMatch(/ledger\/\*/);
    expect(written(releaser)).toMatch(/"\/ledger\/\*"/);
    expect(written(releaser)).not.toMatch(/versions\/\*/);
  });

  it('use the key of a prompt for that prompt only', () => {
    const stack = stackIn();
    const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';
    promptIn(stack, { encryptionKey: { keyRef: { keyArn, keyId: 'id' } } as never });
    const keyed = templateOf(stack);
    const statement = statementsOf(keyed, 'Publisher').find(({ Action }) => Action.includes('kms:GenerateDataKey'));

    const prompt = { 'Fn::GetAtt': [idOf(keyed, 'FinancialAnalysisPrompt'), 'Arn'] };
    expect(statement).toMatchObject({
      Resource: keyArn,
      Condition: {
        StringLike: {
          'kms:EncryptionContext:aws:bedrock-prompts:arn': [prompt, { 'Fn::Join': ['', [prompt, ':*']] }],
        },
      },
    });
  });
});

const ATTRIBUTES = {
  parameterPrefix: '/prompts/prod',
  handlers: {
    version: 'arn:aws:lambda:us-east-1:111122223333:function:version',
    plan: 'arn:aws:lambda:us-east-1:111122223333:function:plan',
    alias: 'arn:aws:lambda:us-east-1:111122223333:function:alias',
  },
  publisherRoleName: 'publisher',
  releaserRoleName: 'releaser',
};

describe('several stacks', () => {
  it('may share a registry: each brings its own policy for its own prompts', () => {
    const app = newApp();
    const registry = registryIn(stackIn(app, 'Registry'));
    const stacks = ['One', 'Two'].map((id) => new Stack(app, id, { env: ENV }));
    stacks.forEach((stack, index) => {
      promptIn(stack, { registry, promptName: `prompt-${index}` }).addAlias('STAGING');
    });

    for (const template of stacks.map(templateOf)) {
      // Managed, because the inline policies of a role share one limit, whichever stack they come from.
      expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual({});
      for (const role of ['Publisher', 'Releaser']) {
        const { Properties } = template.Resources[idOf(template, `${role}PromptsPart1Policy`)] ?? {};
        expect(Properties.Roles).toEqual([{ 'Fn::ImportValue': expect.stringMatching(`${role}Role`) }]);
      }
    }
  });

  it('may join a registry of another app', () => {
    const stack = stackIn();
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', ATTRIBUTES);
    promptIn(stack, { registry }).addAlias('STAGING');
    const template = templateOf(stack);

    expect(resourcesOf(template, 'AWS::Lambda::Function')).toEqual({});
    expect(onlyResource(template, 'Custom::PromptAlias').Properties.ServiceToken).toMatch(/function:alias$/);
    expect(template.Resources[idOf(template, 'PublisherPromptsPart1Policy')]?.Properties.Roles).toEqual(['publisher']);
    expect(
      comesBefore(
        template,
        idOf(template, 'ReleaserPromptsPart1Policy'),
        idOf(template, 'FinancialAnalysisStagingAlias'),
      ),
    ).toBe(true);
  });

  it('may join it with more prompts than one managed policy can name, each in one of them', () => {
    const stack = stackIn();
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', ATTRIBUTES);
    for (let index = 0; index < 40; index++) promptIn(stack, { registry, promptName: `prompt-${index}` });
    const template = templateOf(stack);
    const policies = Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy'));

    expect(policies.map(([id]) => id.slice(0, -8)).sort()).toEqual([
      'PublisherPromptsPart1Policy',
      'PublisherPromptsPart2Policy',
      'ReleaserPromptsPart1Policy',
      'ReleaserPromptsPart2Policy',
    ]);
    const named = policies.flatMap(([id, { Properties }]) =>
      id.startsWith('Publisher') ? Properties.PolicyDocument.Statement[0].Resource : [],
    );
    expect(named).toHaveLength(40);
    const arn = JSON.stringify('arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ');
    for (const [, { Properties }] of policies) {
      const written = JSON.stringify(Properties.PolicyDocument)
        .replace(/\{"Fn::Join":\["",\[\{"Fn::GetAtt":\["\w+","Arn"\]\},":\*"\]\]\}/g, `${arn}:*`)
        .replace(/\{"Fn::GetAtt":\["\w+","Arn"\]\}/g, arn);
      expect(written.length).toBeLessThan(6_144);
    }
    const version = idOf(template, 'Prompt39Version');
    for (const part of [1, 2]) {
      expect(comesBefore(template, idOf(template, `PublisherPromptsPart${part}Policy`), version)).toBe(true);
    }
  });

  it('cannot have two registries of one prefix in one account and Region', () => {
    const app = newApp();
    registryIn(stackIn(app, 'One'));
    expect(() => registryIn(stackIn(app, 'Two'))).toThrow(/Two\/Registry: expected a name of its own.*One\/Registry/);
    expect(() => registryIn(new Stack(app, 'Far', { env: { ...ENV, region: 'eu-west-1' } }))).not.toThrow();
  });

  it('without a concrete account are not taken for one environment', () => {
    const app = newApp();
    registryIn(new Stack(app, 'One'));
    expect(() => registryIn(new Stack(app, 'Two'))).not.toThrow();
  });
});

it.each(['prompts', '/aws/prompts', '/ssm', '/prompts/', '/a b'])('a registry cannot have the prefix %s', (prefix) => {
  expect(() => registryIn(stackIn(), prefix)).toThrow(/^Prompts\/Registry: a parameter prefix must/);
});

describe('more prompts than a role can name are refused', () => {
  it.each([
    ['without a key', 60, false],
    ['with one key', 29, true],
  ])('%s: more than %i', (_, most, encrypted) => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const key = { keyRef: { keyArn: 'arn:aws:kms:us-east-1:111122223333:key/1', keyId: '1' } } as never;
    for (let index = 0; index < most; index++) {
      promptIn(stack, { registry, promptName: `prompt-${index}`, ...(encrypted && { encryptionKey: key }) });
    }
    expect(() => templateOf(stack)).not.toThrow();

    const fuller = stackIn();
    const other = registryIn(fuller);
    for (let index = 0; index <= most; index++) {
      promptIn(fuller, { registry: other, promptName: `prompt-${index}`, ...(encrypted && { encryptionKey: key }) });
    }
    expect(() => templateOf(fuller)).toThrow(
      new RegExp(
        `at most ${most} such prompts in the stack of the registry /prompts/prod.*found ${most + 1}: move the others`,
      ),
    );
  });
});

describe('a customer managed key of the ledger', () => {
  const withKey = () => {
    const stack = stackIn();
    const key = new Key(stack, 'Key');
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod', encryptionKey: key });
    return { stack, key, registry };
  };

  it('encrypts what both roles write, and both roles may use it', () => {
    const { stack, key, registry } = withKey();
    promptIn(stack, { registry });
    const template = templateOf(stack);
    const [rule] = onlyResource(template, 'AWS::S3::Bucket').Properties.BucketEncryption
      .ServerSideEncryptionConfiguration;
    expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
    for (const role of ['Publisher', 'Releaser']) {
      expect(statementsOf(template, role)).toContainEqual({
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: stack.resolve(key.keyArn),
        Condition: { StringLike: { 'kms:EncryptionContext:aws:s3:arn': expect.anything() } },
      });
    }
  });

  it('is asked for where a prompt has a key of its own and the archive would hold its text without one', () => {
    const { stack, key, registry } = withKey();
    promptIn(stack, { registry, encryptionKey: key });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('plainArchive|archived versions'));

    const plain = stackIn(newApp());
    promptIn(plain, { encryptionKey: new Key(plain, 'Key') });
    Annotations.fromStack(plain).hasWarning('*', Match.stringLikeRegexp('set encryptionKey of the PromptRegistry too'));
  });
});
