import { type App, Duration, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  FederatedPrincipal,
  Role,
  ServicePrincipal,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { AliasTarget, Gate, PromptRegistry, type PromptRegistryProps } from '../../lib';
import { ENV, idOf, newApp, onlyResource, promptIn, resourcesOf, stackIn, templateOf } from './prompt-app';

const APPROVAL = Gate.approval({ askedBy: 'authors', by: 'risk' });
const SSO = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Risk_*';
const AUTHORS = 'arn:aws:iam::111122223333:role/Authors';

function gated(props: PromptRegistryProps = {}, stack = stackIn()) {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/prod',
    reviewers: { authors: [AUTHORS], risk: [SSO] },
    gates: { '*': [APPROVAL], STAGING: [] },
    ...props,
  });
  return { stack, registry };
}

const ATTRIBUTES = {
  parameterPrefix: '/prompts/prod',
  handlers: { version: 'arn:version', plan: 'arn:plan', alias: 'arn:alias' },
  publisherRoleName: 'publisher',
  releaserRoleName: 'releaser',
};

interface Statement {
  readonly Sid: string;
}

const bucketStatements = (stack: Stack): Statement[] =>
  onlyResource(templateOf(stack), 'AWS::S3::BucketPolicy').Properties.PolicyDocument.Statement;
const under = (path: string) => ({
  'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching('^Ledger'), 'Arn'] }, path]],
});
describe('a model gate', () => {
  const plan = (stack: Stack) =>
    Object.values(resourcesOf(templateOf(stack), 'AWS::Lambda::Function')).find(({ Properties }) =>
      Properties.Description.includes('release-plan'),
    )?.Properties.Environment.Variables.GATES;

  it('is 30 days and any model, where it does not say, and needs no reviewers', () => {
    const { stack } = gated({ reviewers: {}, gates: { '*': [Gate.model()] } });
    expect(plan(stack)).toBe('{"*":[{"endsAfter":2592000,"gate":"model"}]}');
    const two = gated({ gates: { '*': [APPROVAL, Gate.model({ endsAfter: Duration.days(60), among: ['us.x.y'] })] } });
    expect(plan(two.stack)).toContain('{"among":["us.x.y"],"endsAfter":5184000,"gate":"model"}');
  });

  it.each([{ among: [] }, { among: ['amazon.*'] }, { endsAfter: Duration.days(800) }])('is refused: %j', (props) => {
    expect(() => gated({ gates: { '*': [Gate.model(props)] } })).toThrow(
      expect.objectContaining({ code: 'InvalidGate' }),
    );
  });

  it('lets the releaser read lifecycles, also for a gate that an alias has of its own', () => {
    const { stack } = gated({ gates: {} });
    const statements = Object.values(resourcesOf(templateOf(stack), 'AWS::IAM::Role')).flatMap(
      ({ Properties }) => Properties.Policies?.[0].PolicyDocument.Statement ?? [],
    );
    expect(statements).toContainEqual(
      expect.objectContaining({
        Action: 'bedrock:GetFoundationModel',
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:us-east-1::foundation-model/*']] },
      }),
    );
  });
});

describe('a registry with reviewers', () => {
  it('lets everybody sign in their own name only, and only members of a group as such', () => {
    const { stack } = gated();
    const statements = Object.fromEntries(bucketStatements(stack).map((statement) => [statement.Sid, statement]));
    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject' };
    const folders = ['/ledger/*', '/versions/*', '/reasons/*', '/tags/*'].map(under);

    expect(statements).toMatchObject({
      NothingElseIsWritten: {
        ...deny,
        NotResource: [...folders, under('/reviews/*/@authors/*'), under('/reviews/*/@risk/*')],
      },
      EveryoneSignsTheirOwnName: {
        ...deny,
        NotResource: [under(`/reviews/*/\${aws:userid}/????????.json`), ...folders],
      },
      NoBorrowedSignature: {
        ...{ ...deny, Resource: under('/reviews/*') },
        Condition: { StringNotEquals: { 's3:authType': 'REST-HEADER' } },
      },
      OnlyReviewersAuthors: {
        ...{ ...deny, Resource: under('/reviews/*/@authors/*') },
        Condition: { ArnNotLike: { 'aws:PrincipalArn': [AUTHORS] } },
      },
      OnlyReviewersRisk: {
        ...{ ...deny, Resource: under('/reviews/*/@risk/*') },
        Condition: { ArnNotLike: { 'aws:PrincipalArn': [SSO] } },
      },
    });
  });

  it('keeps the statements of its groups apart, whatever their names', () => {
    const names = ['a-1', 'a1', 'a-x1', 'a-b', 'ab', 'a--b', 'a-x-b', 'a-', 'a-x', 'a-xx'];
    const reviewers = Object.fromEntries(names.map((name) => [name, [SSO]]));
    const sids = bucketStatements(gated({ reviewers, gates: {} }).stack).map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
    expect(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
  });

  it.each([
    [0, 4_800],
    [3, 7_700],
    [10, 12_600],
  ])('has a bucket policy with %i groups of at most %i bytes, where S3 takes 20,480', (count, most) => {
    const pattern = (name: string) =>
      `arn:aws-us-gov:iam::111122223333:role/aws-reserved/sso.amazonaws.com/us-gov-west-1/AWSReservedSSO_${name.padEnd(32, 'x')}_*`;
    const names = Array.from({ length: count }, (_, index) => `group-number-${index}-of-many-of-them`.slice(0, 31));
    const reviewers = Object.fromEntries(names.map((name) => [name, [pattern(`One${name}`), pattern(`Two${name}`)]]));
    const { stack } = gated({ reviewers, gates: {} });
    const text = JSON.stringify({ Version: '2012-10-17', Statement: bucketStatements(stack) })
      .replace(
        /\{"Fn::Join":\["",\[(.*?),"([^"]*)"\]\]\}/g,
        (_, _token, end) => `"arn:aws:s3:::${'b'.repeat(63)}${end}"`,
      )
      .replace(/\{"Fn::GetAtt":\["(Ledger)[^\]]*\]\}/g, `"arn:aws:s3:::${'b'.repeat(63)}"`)
      .replace(/\{"Fn::GetAtt":[^\]]*\]\}/g, `"${'r'.repeat(95)}"`);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
  });

  it('does not grow a bucket policy that S3 refuses', () => {
    const many = Array.from({ length: 100 }, (_, index) => `${SSO.slice(0, -1)}${'x'.repeat(90)}${index}`);
    const { stack } = gated({ reviewers: { authors: [AUTHORS], risk: many } });
    expect(() => templateOf(stack)).toThrow(
      /expected a bucket policy of at most 20480 characters, .*found up to \d{5}/,
    );
  });

  it('names roles of the app as their ARNs', () => {
    const stack = stackIn();
    const role = new Role(stack, 'Risk', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    gated({ reviewers: { authors: [AUTHORS], risk: [role] } }, stack);
    expect(bucketStatements(stack).find(({ Sid }) => Sid === 'OnlyReviewersRisk')).toMatchObject({
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [{ 'Fn::GetAtt': [expect.stringMatching('^Risk'), 'Arn'] }] } },
    });
  });

  it('tells plan and record of its gates, and lets them read reviews', () => {
    const template = templateOf(gated().stack);
    const environment = (handler: string) =>
      template.Resources[idOf(template, handler)]?.Properties.Environment.Variables;
    const GATES = '{"*":[{"askedBy":"authors","by":"risk","count":1,"expires":604800,"gate":"approval"}],"STAGING":[]}';

    expect(environment('PlanHandler')).toMatchObject({ GATES, PARAMETER_PREFIX: '/prompts/prod' });
    expect(environment('AliasHandler')).toMatchObject({ GATES });
    expect(environment('VersionHandler')).not.toHaveProperty('GATES');
    const { PolicyDocument } = template.Resources[idOf(template, 'ReleaserRole')]?.Properties.Policies[0] ?? {};
    expect(PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: under('/reviews/*'),
    });
    // A rollout that was halted is not forgotten when its alias loses the option, and the registry its controller.
    expect(JSON.stringify(PolicyDocument.Statement)).toContain('/rollouts/*');
  });

  it('has one policy for all reviewers, of a name that does not change', () => {
    const { stack, registry } = gated();
    expect(registry.reviewerPolicy).toBe(registry.reviewerPolicy);
    const policy = onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties;
    const puts = policy.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) =>
      [Action].flat().includes('s3:PutObject'),
    );
    expect(policy.ManagedPolicyName).toBe('prompts+prod+reviewers+us-east-1');
    expect(puts).toEqual([
      { Effect: 'Allow', Action: 's3:PutObject', Resource: under(`/reviews/*/\${aws:userid}/????????.json`) },
    ]);
    const actions = policy.PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action);
    expect(actions.filter((action: string) => !/:(Get|List|Describe)/.test(action))).toEqual(['s3:PutObject']);
    const template = templateOf(stack);
    expect(policy.PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'lambda:GetFunctionConfiguration',
      Resource: { 'Fn::GetAtt': [idOf(template, 'PlanHandler'), 'Arn'] },
    });
  });

  it.each<[string, PromptRegistryProps, string]>([
    ['InvalidReviewers', { reviewers: { risk: ['*'] }, gates: {} }, 'ARNs of roles of this account'],
    ['InvalidReviewers', { reviewers: { risk: ['arn:aws:iam::111122223333:user/bob'] }, gates: {} }, 'ARNs of roles'],
    [
      'InvalidReviewers',
      { reviewers: { risk: ['arn:aws:iam::999922223333:role/Risk'] }, gates: {} },
      'of this account',
    ],
    [
      'InvalidReviewers',
      { reviewers: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`g${n}`, [SSO]])), gates: {} },
      'at most 10 groups in reviewers, found 11',
    ],
    ['InvalidGroup', { reviewers: { Risk: [SSO] }, gates: {} }, 'found "Risk"'],
    ['NobodyCanApprove', { reviewers: { authors: [AUTHORS] } }, 'found risk, in which nobody is'],
    ['NobodyCanApprove', { reviewers: undefined }, 'it has no groups'],
    ['InvalidAliasName', { gates: { '1': [APPROVAL] } }, 'alias'],
    ['InvalidGate', { gates: { '*': Array(5).fill(APPROVAL) } }, 'at most 4 gates of an alias, found 5'],
    [
      'InvalidGate',
      { gates: { '*': [Gate.approval({ askedBy: 'authors', by: 'risk', count: 6 })] } },
      'count from 1 to 5',
    ],
    [
      'InvalidGate',
      { gates: { '*': [Gate.approval({ askedBy: 'authors', by: 'risk', expires: Duration.minutes(1) })] } },
      'from an hour to 90 days',
    ],
    [
      'InvalidGate',
      { gates: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`ALIAS${n}`, [APPROVAL]])) },
      'at most 2048 bytes',
    ],
  ])('fails with %s: %j', (code, props, message) => {
    expect(() => gated(props)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('takes no role of another account, however it is named', () => {
    const stack = stackIn();
    const foreign = Role.fromRoleArn(stack, 'Foreign', 'arn:aws:iam::999922223333:role/Risk');
    const reviewers = { authors: [AUTHORS], risk: [foreign] };
    expect(() => gated({ reviewers }, stack)).toThrow(expect.objectContaining({ code: 'InvalidReviewers' }));
    const own = Role.fromRoleArn(stack, 'Own', 'arn:aws:iam::111122223333:role/Risk');
    expect(
      () => new PromptRegistry(stack, 'Other', { parameterPrefix: '/b', reviewers: { risk: [own] } }),
    ).not.toThrow();
  });

  it('has no policy of reviewers where it has none', () => {
    const { registry } = gated({ reviewers: undefined, gates: {} });
    expect(() => registry.reviewerPolicy).toThrow(expect.objectContaining({ code: 'InvalidReviewers' }));
  });

  it.each([
    ['an account', new AccountRootPrincipal(), true],
    [
      'an account that pins the name',
      new AccountRootPrincipal().withConditions({ StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } }),
      false,
    ],
    [
      'an account that pins any name',
      new AccountRootPrincipal().withConditions({ StringLike: { 'sts:RoleSessionName': '*' } }),
      true,
    ],
    ['OIDC', new WebIdentityPrincipal('token.actions.githubusercontent.com'), true],
    [
      'OIDC that pins the name',
      new FederatedPrincipal(
        'x',
        { StringLike: { 'sts:RoleSessionName': `\${x:actor}` } },
        'sts:AssumeRoleWithWebIdentity',
      ),
      false,
    ],
    [
      'a denial of other names',
      new AccountRootPrincipal().withConditions({ StringNotEquals: { 'sts:RoleSessionName': 'x' } }),
      true,
    ],
    ['SAML', new FederatedPrincipal('arn:saml', {}, 'sts:AssumeRoleWithSAML'), false],
    ['a service', new ServicePrincipal('codebuild.amazonaws.com'), false],
  ])('warns where whoever assumes a role chooses the name that signs: %s', (_, assumedBy, warned) => {
    const stack = stackIn();
    const role = new Role(stack, 'Risk', { assumedBy });
    gated({ reviewers: { authors: [AUTHORS], risk: [role] } }, stack);
    templateOf(stack);
    const found = role.node.metadata.filter(({ data }) => String(data).includes('sessionNameNotPinned'));
    expect(found.length > 0).toBe(warned);
  });
});

describe('the warnings of a registry with gates', () => {
  const warned = (construct: { node: { metadata: { data?: unknown }[] } }, id: string) =>
    construct.node.metadata.some(({ data }) => String(data).includes(id));

  it.each([
    ['prod', true],
    ['PROD', false],
    ['*', false],
  ])('name a gate of no alias: %s', (name, isWarned) => {
    const { stack, registry } = gated({ gates: { [name]: [APPROVAL], STAGING: [] } });
    const prompt = promptIn(stack, { registry });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    templateOf(stack);
    expect(warned(registry, 'gateOfNoAlias')).toBe(isWarned);
  });

  it('leave a registry without prompts alone: those of other apps are not known', () => {
    const { stack, registry } = gated({ gates: { prod: [APPROVAL] } });
    templateOf(stack);
    expect(warned(registry, 'gateOfNoAlias')).toBe(false);
  });

  it.each([
    ['a pipeline', new ServicePrincipal('codebuild.amazonaws.com'), true],
    ['people', new AccountRootPrincipal(), false],
  ])('tell of a group that asks as %s', (_, assumedBy, isWarned) => {
    const stack = stackIn();
    const role = new Role(stack, 'Authors', { assumedBy });
    gated({ reviewers: { authors: [role], risk: [SSO] } }, stack);
    templateOf(stack);
    expect(warned(role, 'askedByMachine')).toBe(isWarned);
  });
});

describe('an alias with a gate', () => {
  const alias = (stack: Stack, name: string) => {
    const template = templateOf(stack);
    const record = Object.entries(resourcesOf(template, 'Custom::PromptAlias')).find(([id]) => id.includes(name));
    const plan = Object.entries(resourcesOf(template, 'Custom::PromptReleasePlan')).find(([id]) => id.includes(name));
    return { record: record?.[1].Properties, plan: plan?.[1].Properties };
  };

  it('says nothing in the template: the handlers know it by its name', () => {
    const { stack, registry } = gated();
    const prompt = promptIn(stack, { registry });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    for (const name of ['Staging', 'Prod']) {
      const { record, plan } = alias(stack, name);
      expect(Object.keys(record)).not.toEqual(expect.arrayContaining(['Gates']));
      expect(Object.keys(record)).not.toEqual(expect.arrayContaining(['Terms']));
      expect(Object.keys(plan)).not.toEqual(expect.arrayContaining(['Follows']));
    }
  });

  it('of its own has it in plan and record, with the terms that only a plan that knows gates answers', () => {
    const { stack, registry } = gated({ gates: {} });
    promptIn(stack, { registry }).addAlias('PROD', { target: AliasTarget.parameter(), gates: [APPROVAL] });
    const Gates = '[{"askedBy":"authors","by":"risk","count":1,"expires":604800,"gate":"approval"}]';
    const { record, plan } = alias(stack, 'Prod');
    expect(plan).toMatchObject({ Gates });
    expect(record).toMatchObject({ Gates, Terms: { 'Fn::GetAtt': [expect.stringContaining('ReleasePlan'), 'Terms'] } });
  });

  it('must not follow the content', () => {
    const { stack, registry } = gated();
    const prompt = promptIn(stack, { registry });
    expect(() => prompt.addAlias('PROD')).toThrow(
      expect.objectContaining({ code: 'GateOnFollower', message: expect.stringContaining('AliasTarget.parameter()') }),
    );
    expect(() => prompt.addAlias('STAGING', { gates: [APPROVAL] })).toThrow(
      expect.objectContaining({ code: 'GateOnFollower' }),
    );
  });

  it('is checked against the groups of the registry', () => {
    const { stack, registry } = gated();
    const gates = [Gate.approval({ askedBy: 'authors', by: 'legal' })];
    expect(() => promptIn(stack, { registry }).addAlias('PROD', { target: AliasTarget.parameter(), gates })).toThrow(
      expect.objectContaining({ code: 'NobodyCanApprove' }),
    );
    const more = Array.from({ length: 4 }, (_, n) => Gate.approval({ askedBy: 'authors', by: 'risk', count: n + 2 }));
    expect(() =>
      promptIn(stack, { registry, promptName: 'other' }).addAlias('PROD', {
        target: AliasTarget.parameter(),
        gates: more,
      }),
    ).toThrow(expect.objectContaining({ code: 'InvalidGate' }));
  });

  it('warns where it is pinned in source, which nobody can approve before the first deployment', () => {
    const { stack, registry } = gated();
    const prompt = promptIn(stack, { registry });
    const pinned = prompt.addAlias('PROD', { target: AliasTarget.version(1) });
    const open = prompt.addAlias('CANARY', { target: AliasTarget.parameter() });
    const warned = (construct: typeof pinned) =>
      construct.node.metadata.some(({ data }) => String(data).includes('gatedAndPinned'));
    expect([warned(pinned), warned(open)]).toEqual([true, false]);
  });

  it('of a registry of another app says that it follows the content, where the gates are not known', () => {
    const properties = (more: object) => {
      const stack = new Stack(newApp() as App, 'Team', { env: ENV });
      const registry = PromptRegistry.fromAttributes(stack, 'Registry', { ...ATTRIBUTES, ...more });
      const prompt = promptIn(stack, { registry });
      prompt.addAlias('STAGING');
      prompt.addAlias('PROD', { target: AliasTarget.parameter() });
      return [alias(stack, 'Staging').plan.Follows, alias(stack, 'Prod').plan.Follows];
    };
    expect(properties({})).toEqual(['content', undefined]);
    expect(properties({ gates: { PROD: [APPROVAL] } })).toEqual([undefined, undefined]);
    expect(() => properties({ gates: { '*': [APPROVAL] } })).toThrow(
      expect.objectContaining({ code: 'GateOnFollower' }),
    );
    expect(() => properties({ gates: { '*': [APPROVAL] }, reviewerGroups: ['authors'] })).toThrow(
      expect.objectContaining({ code: 'NobodyCanApprove' }),
    );
  });
});
