import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import {
  AliasTarget,
  type IPromptRegistry,
  PromptAuditTrail,
  type PromptAuditTrailProps,
  PromptRegistry,
  Rollout,
} from '../../lib';
import {
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

type Settings = Partial<PromptAuditTrailProps>;

function withTrail(settings: Settings = {}, stack = stackIn()): Stack {
  const registries = settings.registries ?? [registryIn(stack)];
  new PromptAuditTrail(stack, 'Audit', { ...settings, registries });
  return stack;
}

const trailOf = (settings: Settings = {}, stack?: Stack) =>
  onlyResource(templateOf(withTrail(settings, stack)), 'AWS::CloudTrail::Trail').Properties;

const TRAIL = 'prompts-prod-audit-ddd40b70';
const TRAIL_ARN = {
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:cloudtrail:us-east-1:111122223333:trail/${TRAIL}`]],
};

function imported(
  scope: Stack,
  more: { ledgerBucketName?: string; rolloutControllerArn?: string } = {},
): IPromptRegistry {
  const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
  return PromptRegistry.fromAttributes(scope, 'Imported', {
    ...{ parameterPrefix: '/prompts/other', publisherRoleName: 'publisher', releaserRoleName: 'releaser', ...more },
    handlers: { version: arn('version'), plan: arn('plan'), alias: arn('alias') },
  });
}

describe('an audit trail', () => {
  it('logs, signs its digests, and has a name that is known before it is', () => {
    expect(trailOf()).toMatchObject({
      ...{ TrailName: TRAIL, IsLogging: true, EnableLogFileValidation: true },
      ...{ IncludeGlobalServiceEvents: true, IsMultiRegionTrail: false },
    });
  });

  it('selects the calls of the controller, also where an alias gets its rollout afterwards, and of one of another app', () => {
    const selector = (arn: unknown) => ({
      Name: 'Calls of controllers',
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::Lambda::Function'] },
        { Field: 'resources.ARN', StartsWith: [arn] },
      ],
    });
    const stack = stackIn();
    const registry = registryIn(stack);
    const prompt = promptIn(stack, { registry });
    const without = templateOf(withTrail({}, stackIn()));
    withTrail({ registries: [registry] }, stack);
    prompt.addAlias('PROD', {
      ...{ target: AliasTarget.parameter(), callableVersions: 3 },
      rollout: Rollout.steps([5], { bake: Duration.minutes(1) }),
    });
    const template = templateOf(stack);
    const id = Object.keys(resourcesOf(template, 'AWS::Lambda::Function')).find((name) =>
      name.startsWith('Controller'),
    );
    const selectors = (found: TemplateJson) =>
      onlyResource(found, 'AWS::CloudTrail::Trail').Properties.AdvancedEventSelectors;
    expect(selectors(template).slice(3)).toEqual([selector({ 'Fn::GetAtt': [id, 'Arn'] })]);
    expect(selectors(without)).toEqual(selectors(template).slice(0, 3));
    const other = stackIn();
    const rolloutControllerArn = 'arn:aws:lambda:us-east-1:111122223333:function:controller';
    const attributes = { ledgerBucketName: 'ledger', rolloutControllerArn };
    expect(trailOf({ registries: [imported(other, attributes)] }, other).AdvancedEventSelectors.slice(3)).toEqual([
      selector(rolloutControllerArn),
    ]);
  });

  it('selects management events, renderings and the objects of the ledger, because one kind would switch the others off', () => {
    const { AdvancedEventSelectors, EventSelectors } = trailOf();

    expect(EventSelectors).toBeUndefined();
    expect(AdvancedEventSelectors.map(({ FieldSelectors }: { FieldSelectors: object[] }) => FieldSelectors)).toEqual([
      [{ Field: 'eventCategory', Equals: ['Management'] }],
      [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::Bedrock::PromptVersion'] },
      ],
      [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
        {
          Field: 'resources.ARN',
          StartsWith: [
            {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', { Ref: expect.stringMatching(/^Ledger/) }, '/'],
              ],
            },
          ],
        },
      ],
    ]);
  });

  it('leaves management events to the trail of the organisation where it is told to', () => {
    const { AdvancedEventSelectors } = trailOf({ managementEvents: false });
    expect(JSON.stringify(AdvancedEventSelectors)).not.toContain('Management');
    expect(AdvancedEventSelectors).toHaveLength(2);
  });

  it('is narrowed to prompts, their drafts and versions, and to another resource type', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const prompts = [promptIn(stack, { registry }), promptIn(stack, { registry, promptName: 'triage' })];
    const { AdvancedEventSelectors } = trailOf(
      { registries: [registry], prompts, promptResourceType: 'AWS::New::Type' },
      stack,
    );

    expect(AdvancedEventSelectors[1].FieldSelectors.slice(1)).toEqual([
      { Field: 'resources.type', Equals: ['AWS::New::Type'] },
      {
        Field: 'resources.ARN',
        StartsWith: [
          { 'Fn::GetAtt': [expect.stringMatching(/^FinancialAnalysisPrompt/), 'Arn'] },
          { 'Fn::GetAtt': [expect.stringMatching(/^TriagePrompt/), 'Arn'] },
        ],
      },
    ]);
  });

  it.each([
    ['us-east-1', {}, false],
    ['eu-central-1', {}, true],
    ['eu-central-1', { managementEvents: false }, false],
    ['us-east-1', { multiRegion: true }, true],
    ['eu-central-1', { multiRegion: false }, false],
  ])('in %s with %j has the events of all Regions: %s', (region, settings, expected) => {
    const stack = new Stack(newApp(), 'Prompts', { env: { ...ENV, region } });
    expect(trailOf(settings, stack).IsMultiRegionTrail).toBe(expected);
  });

  it('is one for several registries, wherever they were deployed', () => {
    const stack = stackIn();
    const second = new PromptRegistry(stack, 'Second', { parameterPrefix: '/prompts/second' });
    const registries = [registryIn(stack), second, imported(stack, { ledgerBucketName: 'their-ledger' })];
    const { TrailName, AdvancedEventSelectors } = trailOf({ registries }, stack);

    expect(TrailName).toBe(TRAIL);
    const [, , { StartsWith }] = AdvancedEventSelectors[2].FieldSelectors;
    expect(StartsWith).toHaveLength(3);
    expect(JSON.stringify(StartsWith[2])).toContain(':s3:::their-ledger/');
  });

  it('keeps its ids when its construct moves', () => {
    const ids = (stack: Stack) => Object.keys(templateOf(stack).Resources).filter((id) => id.startsWith('Audit'));
    const flat = stackIn();
    const nested = stackIn();
    withTrail({}, flat);
    new PromptAuditTrail(nested, 'Elsewhere', { registries: [registryIn(nested)] });
    expect(ids(nested)).toEqual(ids(flat));
    expect(ids(flat)).toMatchInlineSnapshot(`
      [
        "AuditKey01554D20",
        "AuditBucket61B839D0",
        "AuditBucketPolicy1BB8709A",
        "AuditTrail509709DF",
      ]
    `);
  });
});

describe('the bucket of an audit trail', () => {
  const template = Template.fromStack(withTrail());
  const id = idOf(template.toJSON() as never, 'AuditBucket');
  const all = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, '/*']] };

  it('is locked for a year, versioned, encrypted, closed, and outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } },
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Match.anyValue() },
              BucketKeyEnabled: Match.absent(),
            },
          ],
        },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
    });
  });

  it.each([
    [
      'the trail look at it',
      { Effect: 'Allow', Action: 's3:GetBucketAcl', Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } } },
    ],
    [
      'the trail write its files',
      {
        ...{ Effect: 'Allow', Action: 's3:PutObject', Principal: { Service: 'cloudtrail.amazonaws.com' } },
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, '/AWSLogs/111122223333/*']] },
        Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
    ],
    [
      'nobody else write',
      {
        Effect: 'Deny',
        Action: 's3:PutObject',
        Resource: all,
        Condition: { ArnNotEquals: { 'aws:SourceArn': TRAIL_ARN } },
      },
    ],
    ['nobody delete', { Effect: 'Deny', Action: ['s3:DeleteObject*', 's3:BypassGovernanceRetention'], Resource: all }],
    ['nobody replicate into it', { Effect: 'Deny', Action: Match.arrayWith(['s3:ReplicateObject']), Resource: all }],
    [
      'nobody in without TLS',
      { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  ])('lets %s', (_, statement) => {
    template.hasResource('AWS::S3::BucketPolicy', {
      DeletionPolicy: 'Retain',
      Properties: {
        Bucket: { Ref: id },
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(statement)]) },
      },
    });
  });

  it('has its policy before the trail begins', () => {
    const { DependsOn } = onlyResource(template.toJSON() as never, 'AWS::CloudTrail::Trail');
    expect([DependsOn].flat()).toContain(idOf(template.toJSON() as never, 'AuditBucketPolicy'));
  });

  it('has a key that turns every year and that CloudTrail may use for this trail', () => {
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Retain',
      Properties: {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({
              ...{ Action: 'kms:GenerateDataKey*', Principal: { Service: 'cloudtrail.amazonaws.com' } },
              Condition: {
                StringEquals: { 'aws:SourceArn': TRAIL_ARN, 'kms:EncryptionContext:aws:cloudtrail:arn': TRAIL_ARN },
              },
            }),
            Match.objectLike({
              Action: 'kms:DescribeKey',
              Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } },
            }),
          ]),
        },
      },
    });
  });

  it('takes a key of one’s own; of an imported one it says what its policy must hold', () => {
    const stack = stackIn();
    const arn = 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012';
    withTrail({ encryptionKey: Key.fromKeyArn(stack, 'Imported', arn) }, stack);

    expect(onlyResource(templateOf(stack), 'AWS::CloudTrail::Trail').Properties.KMSKeyId).toBe(arn);
    expect(resourcesOf(templateOf(stack), 'AWS::KMS::Key')).toEqual({});
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('must let cloudtrail.amazonaws.com call'));
  });
});

describe('the ledgers of an audit trail', () => {
  const lockOf = (stack: Stack) => {
    const template = templateOf(stack);
    return template.Resources[idOf(template, 'Ledger')]?.Properties.ObjectLockConfiguration;
  };

  it('keep what is written from now on as long as the trail’s files', () => {
    const stack = withTrail({ retention: ObjectLockRetention.compliance(Duration.days(3650)) });
    const rule = { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 3650 } } };

    expect(lockOf(stack)).toEqual({ ObjectLockEnabled: 'Enabled', ...rule });
    const template = templateOf(stack);
    expect(template.Resources[idOf(template, 'AuditBucket')]?.Properties.ObjectLockConfiguration).toMatchObject(rule);
  });

  it('change nothing else, so that the rule comes in place', () => {
    const before = stackIn();
    registryIn(before);
    const template = (stack: Stack) => templateOf(stack).Resources[idOf(templateOf(stack), 'Ledger')];
    const { ObjectLockConfiguration, ...rest } = template(withTrail())?.Properties ?? {};
    expect(ObjectLockConfiguration).toBeDefined();
    expect(rest).toEqual(template(before)?.Properties);
  });

  it('get it in their own stack', () => {
    const app = newApp();
    const [prompts, audit] = [stackIn(app), stackIn(app, 'Audit')];
    withTrail({ registries: [registryIn(prompts)] }, audit);
    expect(lockOf(prompts)).toBeDefined();
  });

  it('cannot have two', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const trail = (id: string, days: number) =>
      new PromptAuditTrail(stack, id, {
        registries: [registry],
        trailName: id,
        retention: ObjectLockRetention.governance(Duration.days(days)),
      });
    trail('first', 365);
    trail('same', 365);
    expect(() => trail('other', 30)).toThrow(
      /Prompts\/other: expected one retention for the ledger .*, found GOVERNANCE for 30 days, and GOVERNANCE for 365 days set by Prompts\/same: give both the same/,
    );
  });
});

describe('an audit trail is refused', () => {
  it.each<[string, () => Settings | [Settings, Stack], RegExp]>([
    ['without a registry', () => ({ registries: [] }), /Prompts\/Audit: expected at least one registry/],
    [
      'with a name that CloudTrail refuses',
      () => ({ trailName: 'my--trail' }),
      /found 'my--trail': choose another one/,
    ],
    ['with an address for a name', () => ({ trailName: '192.168.5.4' }), /not like an IP address/],
    ['with a name that is not known yet', () => ({ trailName: Stack.of(stackIn()).urlSuffix }), /found a token/],
    [
      'for a ledger that it does not know',
      () => {
        const stack = stackIn();
        return [{ registries: [imported(stack)] }, stack];
      },
      /expected to know the ledger bucket of the registry \/prompts\/other, .*: add ledgerBucketName to PromptRegistry.fromAttributes\(\)/,
    ],
    [
      'in another Region than its registry',
      () => {
        const app = newApp();
        const there = new Stack(app, 'There', { env: { ...ENV, region: 'eu-central-1' } });
        return [{ registries: [registryIn(there)] }, stackIn(app)];
      },
      /expected registries of the trail's region, us-east-1, found \/prompts\/prod in eu-central-1/,
    ],
  ])('%s', (_, settings, message) => {
    const made = settings();
    expect(() => (Array.isArray(made) ? withTrail(...made) : withTrail(made))).toThrow(message);
  });

  it('with the name of another one', () => {
    const stack = withTrail({ trailName: 'evidence' });
    const second = new PromptRegistry(stack, 'Second', { parameterPrefix: '/second' });
    expect(() => new PromptAuditTrail(stack, 'Again', { registries: [second], trailName: 'evidence' })).toThrow(
      /the trail evidence at Prompts\/Audit uses/,
    );
  });

  it('as the sixth of a Region', () => {
    const withOthers = (count: number) => {
      const stack = withTrail();
      for (let index = 0; index < count; index++) {
        new CfnTrail(stack, `Trail${index}`, { isLogging: true, s3BucketName: 'some-bucket' });
      }
      return stack;
    };
    expect(() => templateOf(withOthers(4))).not.toThrow();
    expect(() => templateOf(withOthers(5))).toThrow(
      /expected at most 5 trails in a Region, .* found 6 in this app: list several registries in one/,
    );
  });

  it('with more values than its selectors take', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const prompt = promptIn(stack, { registry });
    const prompts = (count: number) => Array(count).fill(prompt);
    expect(() => withTrail({ registries: [registry], prompts: prompts(495) }, stack)).toThrow(
      /expected at most 500 values in the selectors of a trail, .*, found 501 for 495 prompts and 1 registries: leave prompts out/,
    );
  });
});
