import { Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnGuardrail, CfnGuardrailVersion } from 'aws-cdk-lib/aws-bedrock';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import {
  AliasGuardrail,
  CallableVersionsGuard,
  CombinedCallerPolicy,
  PromptAlias,
  type PromptAliasOptions,
} from '../../lib';
import { longestDocument } from './longest-document';
import {
  comesBefore,
  ENV,
  idOf,
  newApp,
  promptIn,
  registryIn,
  resourcesOf,
  stackIn,
  type TemplateJson,
  templateOf,
} from './prompt-app';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
const THREE = AliasGuardrail.version(ARN, '3');
const FOUR = AliasGuardrail.version(ARN, '4');

function withGuardrail(guardrail: AliasGuardrail | undefined, options: PromptAliasOptions = {}): TemplateJson {
  const stack = stackIn();
  promptIn(stack).addAlias('PROD', { ...options, ...(guardrail && { guardrail }) });
  return templateOf(stack);
}

// biome-ignore lint/suspicious/noExplicitAny: as in prompt-app.ts
function statementsOf(template: TemplateJson, id = idOf(template, 'FinancialAnalysisProdCallerPolicy')): any[] {
  return template.Resources[id]?.Properties.PolicyDocument.Statement;
}

const conditionsOf = (template: TemplateJson) =>
  statementsOf(template)
    .filter(({ Action }) => [Action].flat().includes('bedrock:InvokeModel'))
    .map(({ Condition }) => Condition);
const parameterOf = (template: TemplateJson) =>
  Object.values(resourcesOf(template, 'AWS::SSM::Parameter')).find(({ Properties }) =>
    Properties.Name.endsWith('/guardrail'),
  )?.Properties;
const through = (template: TemplateJson) => ({
  'bedrock:InferenceProfileArn': [1, 2].map((slot) => ({
    'Fn::GetAtt': [idOf(template, 'FinancialAnalysisProdReleasePlan'), `ProfileArn${slot}`],
  })),
});

describe('An alias with a guardrail', () => {
  const template = withGuardrail(THREE);

  it('lets callers call its models with that version of it only, and apply it', () => {
    expect(conditionsOf(template)).toEqual([
      { StringEquals: { 'bedrock:GuardrailIdentifier': `${ARN}:3` } },
      { StringEquals: { ...through(template), 'bedrock:GuardrailIdentifier': `${ARN}:3` } },
    ]);
    expect(statementsOf(template)).toContainEqual({ Effect: 'Allow', Action: 'bedrock:ApplyGuardrail', Resource: ARN });
  });

  it('tells clients of it below its pointer, once the record that waits for IAM is written', () => {
    expect(parameterOf(template)).toMatchObject({
      Name: '/prompts/prod/financial-analysis/PROD/guardrail',
      Value: `${ARN}:3`,
    });
    const [parameter, record] = ['GuardrailParameter', 'Alias'].map((what) =>
      idOf(template, `FinancialAnalysisProd${what}`),
    );
    expect(comesBefore(template, record as string, parameter as string)).toBe(true);
    expect(template.Resources[record as string]?.Properties.Guardrail).toBe(`${ARN}:3`);
    expect(new RegExp(parameterOf(template)?.AllowedPattern).test(`${ARN}:3`)).toBe(true);
    for (const wrong of [ARN, `${ARN}:DRAFT`, `${ARN}:0`, 'abcdefghijkl:3', '']) {
      expect(new RegExp(parameterOf(template)?.AllowedPattern).test(wrong), wrong).toBe(false);
    }
  });

  it('changes nothing for aliases without one', () => {
    const [none, left] = [withGuardrail(AliasGuardrail.none()), withGuardrail(undefined)];
    expect(none).toEqual(left);
    expect(JSON.stringify(left)).not.toMatch(/guardrail/i);
  });

  it('leaves readers, who call no model, as they are', () => {
    const stack = stackIn();
    void promptIn(stack).addAlias('PROD', { guardrail: THREE }).readerPolicy;
    const reader = templateOf(stack);
    expect(JSON.stringify(statementsOf(reader, idOf(reader, 'FinancialAnalysisProdReaderPolicy')))).not.toMatch(
      /guardrail/i,
    );
  });

  it('brings it to callers that know the alias by its names', () => {
    const app = newApp();
    promptIn(stackIn(app)).addAlias('PROD', { guardrail: THREE });
    const other = new Stack(app, 'Other', { env: ENV });
    const role = new Role(other, 'Role', { assumedBy: new AccountRootPrincipal() });
    const names = { parameterPrefix: '/prompts/prod', promptName: 'financial-analysis', aliasName: 'PROD' };
    PromptAlias.fromAliasName(other, 'Prod', names).grants.invoke(role);
    expect(JSON.stringify(templateOf(other))).toContain('policy/prompts+prod+financial-analysis+PROD+invoke+us-east-1');
  });
});

describe('A guardrail is named', () => {
  const inJoin = (end: string) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:bedrock:us-east-1:111122223333:guardrail/${end}`]],
  });

  it('by its id, in the account and Region of the stack', () => {
    const template = withGuardrail(AliasGuardrail.version('abcdefghijkl', '3'));
    expect(parameterOf(template)?.Value).toEqual(inJoin('abcdefghijkl:3'));
    expect(conditionsOf(template)[0].StringEquals['bedrock:GuardrailIdentifier']).toEqual(inJoin('abcdefghijkl:3'));
  });

  it.each(['attrGuardrailArn', 'attrGuardrailId', 'ref'] as const)(
    'by the %s of a resource of the app',
    (attribute) => {
      const app = newApp();
      const safety = new Stack(app, 'Safety', { env: ENV });
      const guardrail = new CfnGuardrail(safety, 'Guardrail', {
        ...{ name: 'g', blockedInputMessaging: 'no', blockedOutputsMessaging: 'no' },
      });
      const version = new CfnGuardrailVersion(safety, 'Three', { guardrailIdentifier: guardrail.attrGuardrailId });
      const stacks = [safety, stackIn(app)];
      for (const stack of stacks) {
        promptIn(stack, { registry: registryIn(stack, `/${stack.node.id}`), promptName: stack.node.id }).addAlias(
          'PROD',
          {
            guardrail: AliasGuardrail.version(guardrail[attribute], version.attrVersion),
          },
        );
      }
      for (const stack of stacks) {
        const value = JSON.stringify(parameterOf(templateOf(stack))?.Value);
        expect(value.includes(':guardrail/')).toBe(attribute === 'attrGuardrailId');
        expect(value).toMatch(/Three(",")?Version/);
      }
    },
  );

  it('by an ARN that is made of pseudo parameters', () => {
    const arn = `arn:${Aws.PARTITION}:bedrock:${Aws.REGION}:${Aws.ACCOUNT_ID}:guardrail/abcdefghijkl`;
    expect(JSON.stringify(parameterOf(withGuardrail(AliasGuardrail.version(arn, '3')))?.Value)).toContain(
      'guardrail/abcdefghijkl:3',
    );
  });
});

describe('A change of the guardrail', () => {
  it.each([
    [
      'to another version',
      AliasGuardrail.changeOver(THREE, FOUR),
      'StringEquals',
      [`${ARN}:4`, `${ARN}:3`],
      `${ARN}:4`,
    ],
    [
      'from none',
      AliasGuardrail.changeOver(AliasGuardrail.none(), THREE),
      'StringEqualsIfExists',
      `${ARN}:3`,
      `${ARN}:3`,
    ],
    ['to none', AliasGuardrail.changeOver(THREE, AliasGuardrail.none()), 'StringEqualsIfExists', `${ARN}:3`, 'none'],
  ])(
    '%s lets callers name either for a while, and tells clients the second',
    (_, guardrail, operator, values, named) => {
      const template = withGuardrail(guardrail);
      const [direct, routed] = conditionsOf(template);
      expect(direct).toEqual({ [operator]: { 'bedrock:GuardrailIdentifier': values } });
      expect(routed[operator]['bedrock:GuardrailIdentifier']).toEqual(values);
      expect(routed.StringEquals).toMatchObject(through(template));
      expect(statementsOf(template)).toContainEqual({
        Effect: 'Allow',
        Action: 'bedrock:ApplyGuardrail',
        Resource: ARN,
      });
      expect(parameterOf(template)?.Value).toBe(named);
    },
  );

  it('to another guardrail lets callers apply both', () => {
    const other = ARN.replace('abc', 'xyz');
    const template = withGuardrail(AliasGuardrail.changeOver(THREE, AliasGuardrail.version(other, '1')));
    expect(statementsOf(template)).toContainEqual({
      Effect: 'Allow',
      Action: 'bedrock:ApplyGuardrail',
      Resource: [other, ARN],
    });
  });
});

describe('A guardrail is refused', () => {
  const version = AliasGuardrail.version;
  it.each([
    ['its draft', version(ARN, 'DRAFT'), /expected the number of a version, found the draft, .* make a version/],
    ['a version that is none', version(ARN, '0'), /such as 3, found "0"/],
    ['a version with a zero in front', version(ARN, '03'), /such as 3, found "03"/],
    ['an empty version', version(ARN, ''), /such as 3, found ""/],
    ['a version that is left out', version(ARN, undefined as never), /such as 3, found "undefined"/],
    ['a version without an id', version('', '3'), /expected the id or the ARN of a guardrail, found ""/],
    [
      'a version without any id',
      version(undefined as never, '3'),
      /expected the id or the ARN of a guardrail, found ""/,
    ],
    ['a name', version('My guardrail', '3'), /found "My guardrail": copy it/],
    ['an ARN with its version', version(`${ARN}:3`, '3'), /give the version as the second argument/],
    ['a profile', version(ARN.replace('guardrail/', 'guardrail-profile/'), '3'), /expected the id or the ARN/],
    [
      'another account',
      version(ARN.replace('111122223333', '444455556666'), '3'),
      /own account and Region \(111122223333, us-east-1\)/,
    ],
    ['another Region', version(ARN.replace('us-east-1', 'eu-west-1'), '3'), /own account and Region/],
    ['a pattern', version('*', '3'), /found "\*"/],
    ['the same twice', AliasGuardrail.changeOver(THREE, version(ARN, '3')), /found the same one twice/],
    [
      'nothing twice',
      AliasGuardrail.changeOver(AliasGuardrail.none(), AliasGuardrail.none()),
      /found the same one twice/,
    ],
    [
      'a change of a change',
      AliasGuardrail.changeOver(AliasGuardrail.changeOver(THREE, FOUR), FOUR),
      /another changeOver/,
    ],
    [
      'a change to a change',
      AliasGuardrail.changeOver(THREE, AliasGuardrail.changeOver(THREE, FOUR)),
      /another changeOver/,
    ],
  ])('that is %s', (_, guardrail, message) => {
    expect(() => withGuardrail(guardrail)).toThrow(message);
    expect(() => withGuardrail(guardrail)).toThrow(expect.objectContaining({ code: 'InvalidGuardrail' }));
  });

  it('that is the version of a CfnGuardrail, which is always DRAFT, or the name of a CfnGuardrailVersion', () => {
    const stack = stackIn();
    const guardrail = new CfnGuardrail(stack, 'Guardrail', {
      ...{ name: 'g', blockedInputMessaging: 'no', blockedOutputsMessaging: 'no' },
    });
    const draft = AliasGuardrail.version(guardrail.attrGuardrailArn, guardrail.attrVersion);
    expect(() => promptIn(stack).addAlias('PROD', { guardrail: draft })).toThrow(/found the draft/);
    const three = new CfnGuardrailVersion(stack, 'Three', { guardrailIdentifier: guardrail.attrGuardrailId });
    const pair = AliasGuardrail.version(guardrail.attrGuardrailArn, three.ref);
    const registry = registryIn(new Construct(stack, 'Other'), '/other');
    expect(() => promptIn(stack, { registry, promptName: 'x' }).addAlias('PROD', { guardrail: pair })).toThrow(
      /give its attrVersion/,
    );
  });

  it('under a prefix that leaves no level for its parameter', () => {
    const stack = stackIn();
    const registry = registryIn(stack, '/a'.repeat(13));
    const add = (aliasName: string, options: PromptAliasOptions) =>
      promptIn(stack, { registry, promptName: aliasName }).addAlias(aliasName, options);
    expect(() => add('one', {})).not.toThrow();
    expect(() => add('two', { guardrail: THREE })).toThrow(/at most 12 parts .* found 16/);
  });
});

describe('A policy of several aliases with guardrails', () => {
  const combined = (...guardrails: (AliasGuardrail | undefined)[]) => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const aliases = guardrails.map((guardrail, index) =>
      promptIn(stack, { registry, promptName: `p${index}` }).addAlias('PROD', { ...(guardrail && { guardrail }) }),
    );
    new CombinedCallerPolicy(stack, 'Support', { aliases });
    return { stack, template: templateOf(stack) };
  };
  const policies = (template: TemplateJson) =>
    Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).filter(([id]) => id.startsWith('Support'));

  it('holds the models of each to its own', () => {
    const { template } = combined(THREE, undefined, THREE, FOUR);
    const statements = policies(template).flatMap(([id]) => statementsOf(template, id));
    const direct = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('"ModelArn'));
    const named = direct.map(({ Resource, Condition }) => [
      [...new Set(JSON.stringify(Resource).match(/P\d(?=Prod)/g))].join(),
      Condition?.StringEquals['bedrock:GuardrailIdentifier'],
    ]);
    expect(named).toEqual([
      ['P0,P2', `${ARN}:3`],
      ['P1', undefined],
      ['P3', `${ARN}:4`],
    ]);
  });

  it('always has room for the parameter that names them', () => {
    const { template } = combined(...Array(9).fill(THREE));
    for (const [id] of policies(template)) {
      const aliases = JSON.stringify(statementsOf(template, id)).match(/p\d\/PROD"/g) ?? [];
      expect(JSON.stringify(statementsOf(template, id)).match(/p\d\/PROD\/\*"/g)).toHaveLength(aliases.length);
    }
  });

  it.each([
    ['none', AliasGuardrail.none(), 'none'],
    ['another one', FOUR, 'another one'],
  ])('is warned of where another alias asks for %s, since they may share a model', (_, other, what) => {
    const { stack } = combined(THREE, other);
    Annotations.fromStack(stack).hasWarning(
      '/Prompts/Support',
      Match.stringLikeRegexp(`which asks for ${what}: IAM does not see`),
    );
  });

  it('is quiet where all ask for the same', () => {
    Annotations.fromStack(combined(THREE, THREE).stack).hasNoWarning('*', Match.stringLikeRegexp('guardrailNotAlone'));
  });

  it('is warned of on a role too', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const role = new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() });
    prompt.addAlias('STAGING').grants.read(role);
    prompt.addAlias('PROD', { guardrail: THREE }).grants.invoke(role);
    const at = () =>
      Annotations.fromStack(stack).findWarning('/Prompts/Role', Match.stringLikeRegexp('guardrailNotAlone'));
    prompt.addAlias('CANARY').grants.invoke(role);
    expect(at()).toHaveLength(1);
  });
});

describe('The guard of an alias with a guardrail', () => {
  const guardOf = (...aliases: PromptAliasOptions[]) => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const own = aliases.map((options, index) =>
      promptIn(stack, { registry, promptName: `p${index}` }).addAlias('PROD', options),
    );
    new CallableVersionsGuard(stack, 'Guard', { aliases: own });
    const template = templateOf(stack);
    const id = Object.keys(template.Resources).find((one) => one.startsWith('Guard')) ?? '';
    return template.Resources[id]?.Properties.PolicyDocument;
  };
  const denial = (document: ReturnType<typeof guardOf>) =>
    // biome-ignore lint/suspicious/noExplicitAny: as in prompt-app.ts
    document.Statement.filter(({ Sid }: any) => /Guardrail/.test(Sid));

  it('denies its models without it, and no other alias’s', () => {
    const [only, ...others] = denial(guardOf({ guardrail: THREE }, {}));
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      ...{ Sid: 'NoModelWithoutGuardrail1', Effect: 'Deny' },
      Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
      Condition: { StringNotEquals: { 'bedrock:GuardrailIdentifier': `${ARN}:3` } },
    });
    expect(only.Resource).toHaveLength(4);
    expect(JSON.stringify(only.Resource)).not.toContain('P1Prod');
  });

  it('lets a call without any through only while that is changed', () => {
    const change = AliasGuardrail.changeOver(AliasGuardrail.none(), THREE);
    expect(denial(guardOf({ guardrail: change }))[0].Condition).toEqual({
      StringNotEquals: { 'bedrock:GuardrailIdentifier': `${ARN}:3` },
      Null: { 'bedrock:GuardrailIdentifier': 'false' },
    });
  });

  it('takes as many aliases as fit', () => {
    const ten = Array(10).fill({ guardrail: THREE });
    expect(longestDocument(guardOf(...ten)).length).toBeLessThanOrEqual(6_144);
    expect(() => guardOf(...ten, ten[0])).toThrow(/found 22 callable versions, some with a guardrail/);
  });
});

describe('The size of policies with a guardrail', () => {
  const ALIAS = { promptName: 'financial-analysis', aliasName: 'PROD', callableVersions: 2 };
  const LONGEST = { promptName: 'p'.repeat(100), aliasName: 'A'.repeat(32), callableVersions: 5 };
  const encryptionKey = {
    keyRef: { keyArn: 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555', keyId: 'id' },
  } as never;
  const VERSIONS = {
    now: AliasGuardrail.version('abcdefghijkl', '10000000'),
    next: AliasGuardrail.version('zyxwvutsrqpo', '20000000'),
  };

  it.each([
    ['usual names, 2 versions', ALIAS, VERSIONS.now, 2_211],
    ['usual names, 5 versions', { ...ALIAS, callableVersions: 5 }, VERSIONS.now, 3_924],
    ['the longest names and a key, 5 versions', { ...LONGEST, encryptionKey }, VERSIONS.now, 4_500],
    [
      'the longest of all while it changes',
      { ...LONGEST, encryptionKey },
      AliasGuardrail.changeOver(VERSIONS.now, VERSIONS.next),
      4_749,
    ],
  ])('of one alias: %s', (_, { aliasName, callableVersions, ...props }, guardrail, size) => {
    const stack = stackIn();
    promptIn(stack, props).addAlias(aliasName, { callableVersions, guardrail });
    const [policy] = Object.values(resourcesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
    expect(longestDocument(policy?.Properties.PolicyDocument)).toHaveLength(size);
    expect(size).toBeLessThanOrEqual(6_144);
  });

  it.each([
    ['2 versions', 'financial-analysis-', 2, undefined, 4],
    ['2 versions and a guardrail', 'financial-analysis-', 2, VERSIONS.now, 3],
    ['2 versions, the longest names, and a guardrail', 'p'.repeat(98), 2, VERSIONS.now, 3],
    ['3 versions', 'financial-analysis-', 3, undefined, 3],
    ['3 versions and a guardrail', 'financial-analysis-', 3, VERSIONS.now, 2],
    ['5 versions and a guardrail', 'financial-analysis-', 5, VERSIONS.now, 1],
    [
      '2 versions while the guardrail changes',
      'financial-analysis-',
      2,
      AliasGuardrail.changeOver(VERSIONS.now, VERSIONS.next),
      3,
    ],
  ])('lets a combined policy take aliases of %s', (_, name, callableVersions, guardrail, most) => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const aliases = Array.from({ length: 9 }, (__, index) =>
      promptIn(stack, { registry, promptName: `${name}${index}` }).addAlias('PROD', {
        callableVersions,
        ...(guardrail && { guardrail }),
      }),
    );
    new CombinedCallerPolicy(stack, 'Support', { aliases });
    const [[, policy] = []] = Object.entries(resourcesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.startsWith('Support'),
    );
    expect(new Set(JSON.stringify(policy?.Properties.PolicyDocument).match(/[\w-]+(?=\/PROD")/g)).size).toBe(most);
  });
});
