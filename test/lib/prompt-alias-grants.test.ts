import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { experimental } from 'aws-cdk-lib/aws-cloudfront';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import {
  AccountRootPrincipal,
  CfnRole,
  CompositePrincipal,
  Group,
  type IGrantable,
  LazyRole,
  ManagedPolicy,
  PrincipalWithConditions,
  Role,
  ServicePrincipal,
  User,
} from 'aws-cdk-lib/aws-iam';
import { Alias, Code, Function as LambdaFunction, Runtime, SingletonFunction, Version } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { environmentOptions } from '../../client/environment';
import { CombinedCallerPolicy, type IPromptAlias, PromptAlias } from '../../lib';
import { ENV, idOf, newApp, onlyResource, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

const NAMES = { parameterPrefix: '/prompts/prod', promptName: 'financial-analysis', aliasName: 'PROD' };
const INVOKE = 'prompts+prod+financial-analysis+PROD+invoke+us-east-1';
const READ = 'prompts+prod+financial-analysis+PROD+read+us-east-1';
const OTHER_ACCOUNT = '444455556666';

function prodIn(stack: Stack): PromptAlias {
  return promptIn(stack).addAlias('PROD');
}

const FUNCTION = {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline('exports.handler = async () => {}'),
};

function functionIn(stack: Stack): LambdaFunction {
  return new LambdaFunction(stack, 'Caller', { ...FUNCTION, environment: { LOG_LEVEL: 'debug' } });
}

function roleIn(stack: Stack, id = 'Role'): Role {
  return new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
}

describe('a grant', () => {
  it('attaches the policy of the alias to a role', () => {
    const stack = stackIn();
    prodIn(stack).grants.invoke(roleIn(stack));
    const template = templateOf(stack);

    const role = Object.entries(template.Resources).find(([id]) => id.startsWith('Role'))?.[1];
    expect(role?.Properties.ManagedPolicyArns).toEqual([{ Ref: idOf(template, 'FinancialAnalysisProdCallerPolicy') }]);
    expect(role?.Properties.Policies).toBeUndefined();
  });

  it('to read attaches another policy, which exists only once it is asked for', () => {
    const stack = stackIn();
    const prod = prodIn(stack);
    const policies = () => Object.keys(prod.node.findAll().filter((child) => child instanceof ManagedPolicy));
    expect(policies()).toHaveLength(1);
    prod.grants.read(roleIn(stack));
    prod.grants.read(roleIn(stack, 'Second'));
    expect(policies()).toHaveLength(2);

    const template = templateOf(stack);
    const policy = template.Resources[idOf(template, 'FinancialAnalysisProdReaderPolicy')]?.Properties;
    expect(policy.ManagedPolicyName).toBe(READ);
    expect(policy.PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action)).toEqual([
      'bedrock:GetPrompt',
      'ssm:GetParameter',
      'ssm:GetParameters',
    ]);
  });

  it('works for the role of a function, and twice is once', () => {
    const stack = stackIn();
    const caller = new LambdaFunction(stack, 'Caller', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
    });
    const prod = prodIn(stack);
    prod.grants.invoke(caller);
    prod.grants.invoke(caller);
    const template = templateOf(stack);

    const role = Object.entries(template.Resources).find(([id]) => id.startsWith('CallerServiceRole'))?.[1];
    expect(role?.Properties.ManagedPolicyArns).toHaveLength(2);
  });

  it('works for a lazy role', () => {
    const stack = stackIn();
    const role = new LazyRole(stack, 'Lazy', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    prodIn(stack).grants.invoke(role);
    expect(role.roleArn).toBeDefined();
    const template = templateOf(stack);
    const created = Object.entries(template.Resources).find(([id]) => id.startsWith('Lazy'))?.[1];
    expect(created?.Properties.ManagedPolicyArns).toHaveLength(1);
  });

  it('reaches an imported role from the side of the policy', () => {
    const stack = stackIn();
    prodIn(stack).grants.invoke(Role.fromRoleName(stack, 'Imported', 'application'));
    expect(onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties.Roles).toEqual(['application']);
  });
});

describe('a grant that nobody would carry out is an error:', () => {
  const expectIgnored = (grant: (stack: Stack, prod: IPromptAlias) => void, found: RegExp) => {
    const stack = stackIn();
    const prod = prodIn(stack);
    expect(() => grant(stack, prod)).toThrow(
      /^Prompts\/FinancialAnalysis\/PROD: expected a role of this account .* to grant invoke on \/prompts\/prod\/financial-analysis\/PROD/,
    );
    expect(() => grant(stackIn(), prodIn(stackIn()))).toThrow(found);
  };

  it('for a principal without a role', () => {
    expectIgnored((_, prod) => prod.grants.invoke(new ServicePrincipal('lambda.amazonaws.com')), /that has no role/);
  });

  it('for a user', () => {
    expectIgnored(
      (stack, prod) => prod.grants.invoke(new User(stack, 'User')),
      /found a user, which has no role \(Prompts\/User\): attach the policy yourself, with addManagedPolicy\(\) of the user/,
    );
    expectIgnored((stack, prod) => prod.grants.invoke(User.fromUserName(stack, 'Imported', 'jane')), /found a user/);
  });

  it('for a group', () => {
    expectIgnored((stack, prod) => prod.grants.invoke(new Group(stack, 'Group')), /found a group, which has no role/);
    expectIgnored((stack, prod) => prod.grants.invoke(Group.fromGroupName(stack, 'G', 'g')), /found a group/);
  });

  it.each([
    ['of IAM Identity Center', 'aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_0123456789abcdef', /permission set/],
    ['linked to a service', 'aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS', /linked to a service/],
  ])('for a role %s', (_, name, found) => {
    const arn = `arn:aws:iam::${ENV.account}:role/${name}`;
    expectIgnored((stack, prod) => prod.grants.invoke(Role.fromRoleArn(stack, 'Reserved', arn)), found);
    const last = name.split('/').at(-1) ?? '';
    expectIgnored((stack, prod) => prod.grants.invoke(Role.fromRoleName(stack, 'Reserved', last)), found);
  });

  it.each([
    [
      'a task definition',
      (stack: Stack) => new FargateTaskDefinition(stack, 'Task'),
      /grant to its taskRole, and give the/,
    ],
    [
      'a CfnRole',
      (stack: Stack) => new CfnRole(stack, 'Cfn', { assumeRolePolicyDocument: {} }),
      /to its managedPolicyArns/,
    ],
    [
      'a wrapper of a role',
      (stack: Stack) => new PrincipalWithConditions(roleIn(stack), {}),
      /something that has no role/,
    ],
    ['several principals', () => new CompositePrincipal(new AccountRootPrincipal()), /something that has no role/],
    ['nothing', () => undefined, /something that has no role/],
  ])('for %s', (_, make, found) => {
    expectIgnored((stack, prod) => prod.grants.invoke(make(stack) as never), found);
  });

  it.each([
    [
      'takes from elsewhere',
      { usePrecreatedRoles: { 'Consumer/Role': 'mine', 'Consumer/Caller/ServiceRole': 'mine' } },
    ],
    ['only reports', { preventSynthesis: false }],
  ])('for a role that Role.customizeRoles() %s, of a function too', (_, options) => {
    const app = newApp();
    const prod = prodIn(stackIn(app));
    const consumer = new Stack(app, 'Consumer', { env: ENV });
    Role.customizeRoles(consumer, options);
    const callers = new CombinedCallerPolicy(prod, 'Callers', { aliases: [prod] });
    for (const grantee of [roleIn(consumer), functionIn(consumer)]) {
      for (const grant of [
        () => prod.grants.invoke(grantee),
        () => prod.grants.read(grantee),
        () => callers.attachTo(grantee),
      ]) {
        expect(grant).toThrow(/found a role that Role\.customizeRoles\(\) keeps CDK from changing/);
      }
    }
  });

  it.each([
    [
      'role',
      { role: true },
      /does not define, whose environment CDK cannot set.*grant to its role \(grants\.invoke\(fn\.role\)\)/,
    ],
    ['name', {}, /an imported function whose role CDK does not know/],
  ])('for a function that is imported by its %s', (_, { role }: { role?: boolean }, found) => {
    const functionArn = `arn:aws:lambda:us-east-1:${ENV.account}:function:f`;
    expectIgnored((stack, prod) => {
      const attributes = role ? { functionArn, role: Role.fromRoleName(stack, 'Own', 'own') } : { functionArn };
      prod.grants.invoke(LambdaFunction.fromFunctionAttributes(stack, 'F', { ...attributes, sameEnvironment: true }));
    }, found);
    expectIgnored((stack, prod) => {
      prod.grants.invoke(Version.fromVersionArn(stack, 'V', `${functionArn}:3`));
    }, /an imported function whose role CDK does not know/);
  });

  it('for a function of Lambda@Edge, which has no environment', () => {
    expectIgnored((stack, prod) => {
      prod.grants.invoke(new experimental.EdgeFunction(stack, 'Edge', FUNCTION));
    }, /a function of Lambda@Edge, which has no environment/);
  });

  it('for an imported role that may not change', () => {
    const arn = `arn:aws:iam::${ENV.account}:role/application`;
    expectIgnored(
      (stack, prod) => prod.grants.invoke(Role.fromRoleArn(stack, 'Imported', arn, { mutable: false })),
      /an imported role that CDK may not change/,
    );
  });

  it('for a role without policy updates', () => {
    expectIgnored(
      (stack, prod) => prod.grants.invoke(roleIn(stack).withoutPolicyUpdates()),
      /an imported role that CDK may not change/,
    );
  });

  it('for an imported role of another account', () => {
    const arn = `arn:aws:iam::${OTHER_ACCOUNT}:role/application`;
    expectIgnored(
      (stack, prod) => prod.grants.invoke(Role.fromRoleArn(stack, 'Imported', arn)),
      /a role of account 444455556666/,
    );
  });

  it('for a role that is defined in another account', () => {
    const app = newApp();
    const prod = prodIn(stackIn(app));
    const far = new Stack(app, 'Far', { env: { ...ENV, account: OTHER_ACCOUNT } });
    expect(() => prod.grants.invoke(roleIn(far))).toThrow(/a role of account 444455556666/);
  });

  it('for an imported role and an imported alias', () => {
    const stack = stackIn();
    const prod = PromptAlias.fromAliasName(stack, 'Prod', NAMES);
    expect(() => prod.grants.invoke(Role.fromRoleName(stack, 'Imported', 'application'))).toThrow(
      /an imported role and an imported alias/,
    );
  });
});

describe('Role.customizeRoles() in the place of the registry', () => {
  it('is refused where it leaves roles out of the template', () => {
    const app = newApp();
    Role.customizeRoles(app);
    expect(() => registryIn(stackIn(app))).toThrow(
      expect.objectContaining({
        code: 'RolesCustomized',
        message: expect.stringMatching(/^Prompts\/Registry: expected a place/),
      }),
    );
  });

  it('passes where it only reports', () => {
    const app = newApp();
    Role.customizeRoles(app, { preventSynthesis: false });
    const stack = stackIn(app);
    prodIn(stack);
    expect(onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties.ManagedPolicyName).toBe(INVOKE);
  });
});

describe('a consumer', () => {
  it('in another stack imports the policy, and no version', () => {
    const app = newApp();
    const stack = stackIn(app);
    const prod = prodIn(stack);
    const consumer = new Stack(app, 'Consumer', { env: ENV });
    prod.grants.invoke(roleIn(consumer));

    const exported = Object.values(templateOf(stack).Outputs ?? {}).map(({ Value }) => Value);
    expect(exported).toEqual([{ Ref: idOf(templateOf(stack), 'FinancialAnalysisProdCallerPolicy') }]);
    expect(onlyResource(templateOf(consumer), 'AWS::IAM::Role').Properties.ManagedPolicyArns).toEqual([
      { 'Fn::ImportValue': expect.stringContaining('CallerPolicy') },
    ]);
  });

  it('in another app needs the names only', () => {
    const stack = stackIn(newApp(), 'Consumer');
    const prod = PromptAlias.fromAliasName(stack, 'Prod', NAMES);
    const role = roleIn(stack);
    prod.grants.invoke(role);
    prod.grants.read(role);

    expect(prod.parameterName).toBe('/prompts/prod/financial-analysis/PROD');
    const [invoke, read] = onlyResource(templateOf(stack), 'AWS::IAM::Role').Properties.ManagedPolicyArns;
    expect(JSON.stringify(invoke)).toContain(`111122223333:policy/${INVOKE}`);
    expect(JSON.stringify(read)).toContain(`111122223333:policy/${READ}`);
  });

  it('finds the very policy that the owner defines', () => {
    const stack = stackIn();
    prodIn(stack);
    expect(onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties.ManagedPolicyName).toBe(INVOKE);
  });

  it.each([
    ['prefix', { parameterPrefix: 'prompts' }, /a parameter prefix must/],
    ['prompt', { promptName: 'a b' }, /a prompt's name must/],
    ['alias', { aliasName: 'a/b' }, /an alias's name must/],
  ])('cannot import by a wrong %s', (_, names, message) => {
    expect(() => PromptAlias.fromAliasName(stackIn(), 'Prod', { ...NAMES, ...names })).toThrow(message);
  });
});

describe('a role takes 10 managed policies:', () => {
  const withGrants = (count: number, context = {}) => {
    const stack = stackIn(newApp(context));
    const registry = registryIn(stack);
    const role = roleIn(stack);
    for (let index = 0; index < count; index++) {
      promptIn(stack, { registry, promptName: `prompt-${index}` })
        .addAlias('PROD')
        .grants.invoke(role);
    }
    return stack;
  };

  it('ten grants pass', () => {
    const roles = resourcesOf(templateOf(withGrants(10)), 'AWS::IAM::Role');
    expect(Object.values(roles).map(({ Properties }) => Properties.ManagedPolicyArns?.length)).toContain(10);
  });

  it('the eleventh is refused', () => {
    expect(() => templateOf(withGrants(11))).toThrow(
      /Prompts\/Role: expected at most 10 managed policies.*found 11: combine aliases with a CombinedCallerPolicy, give a second role some of them, or/,
    );
  });

  it('more where AWS raised the quota, once the app says so', () => {
    const raised = { 'cdk-prompt-registry:managedPoliciesPerRole': 20 };
    expect(() => templateOf(withGrants(20, raised))).not.toThrow();
    expect(() => templateOf(withGrants(21, raised))).toThrow(/expected at most 20 managed policies/);
  });
});

describe('a grant to a function tells its client where the prompts are:', () => {
  const environmentOf = (stack: Stack) => {
    const caller = Object.entries(resourcesOf(templateOf(stack), 'AWS::Lambda::Function')).find(([id]) =>
      id.startsWith('Caller'),
    );
    return caller?.[1].Properties.Environment.Variables;
  };

  it.each(['invoke', 'read'] as const)('to %s sets prefix and alias, which the client reads', (access) => {
    const stack = stackIn();
    prodIn(stack).grants[access](functionIn(stack));
    const environment = environmentOf(stack);

    expect(environment).toEqual({
      LOG_LEVEL: 'debug',
      PROMPT_REGISTRY_PREFIX: '/prompts/prod',
      PROMPT_REGISTRY_ALIAS: 'PROD',
    });
    expect(environmentOptions(environment)).toMatchObject({ parameterPrefix: '/prompts/prod', alias: 'PROD' });
  });

  it('one alias name of several prompts is meant when the code names none', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const caller = functionIn(stack);
    for (const promptName of ['one', 'two'])
      promptIn(stack, { registry, promptName }).addAlias('PROD').grants.invoke(caller);
    expect(environmentOf(stack).PROMPT_REGISTRY_ALIAS).toBe('PROD');
  });

  it('of several alias names the code must choose', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const caller = functionIn(stack);
    for (const aliasName of ['PROD', 'CANARY']) prompt.addAlias(aliasName).grants.invoke(caller);
    expect(environmentOf(stack)).toEqual({ LOG_LEVEL: 'debug', PROMPT_REGISTRY_PREFIX: '/prompts/prod' });
  });

  it('an alias that is known by name does as well', () => {
    const stack = stackIn();
    PromptAlias.fromAliasName(stack, 'Prod', NAMES).grants.invoke(functionIn(stack));
    expect(environmentOf(stack)).toMatchObject({
      PROMPT_REGISTRY_PREFIX: '/prompts/prod',
      PROMPT_REGISTRY_ALIAS: 'PROD',
    });
  });

  it.each<[string, (fn: LambdaFunction) => IGrantable]>([
    ['an alias', (fn) => fn.addAlias('live')],
    ['its current version', (fn) => fn.currentVersion],
    [
      'an alias that is imported',
      (fn) => Alias.fromAliasAttributes(fn, 'A', { aliasName: 'a', aliasVersion: fn.currentVersion }),
    ],
  ])('through %s as well, whose version is another one with it', (_, of) => {
    const versionOf = (granted: boolean) => {
      const stack = stackIn();
      const prod = prodIn(stack);
      const fn = functionIn(stack);
      const grantee = of(fn);
      if (granted) prod.grants.invoke(grantee);
      const template = templateOf(stack);
      if (granted) expect(environmentOf(stack)).toMatchObject({ PROMPT_REGISTRY_ALIAS: 'PROD' });
      return Object.keys(resourcesOf(template, 'AWS::Lambda::Version'));
    };
    expect(versionOf(true)).not.toEqual(versionOf(false));
  });

  it.each<[string, (scope: Construct) => IGrantable[]]>([
    ['a function', (scope) => [new LambdaFunction(scope, 'Caller', FUNCTION)]],
    ['a SingletonFunction', (scope) => [new SingletonFunction(scope, 'Caller', { ...FUNCTION, uuid: 'one' })]],
    [
      'two functions of one role, one of them deeper',
      (scope) => {
        const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
        const inner = new Construct(scope, 'Inner');
        return [scope, inner].map((at) => new LambdaFunction(at, 'Caller', { ...FUNCTION, role }));
      },
    ],
  ])('through a construct that holds %s and passes its role for its own', (_, make) => {
    const stack = stackIn();
    const wrapper = new Construct(stack, 'Wrapper');
    const functions = make(wrapper);
    new LambdaFunction(wrapper, 'Other', FUNCTION);
    const [{ grantPrincipal } = roleIn(stack)] = functions;
    prodIn(stack).grants.invoke(Object.assign(wrapper, { grantPrincipal }));
    const variables = Object.entries(resourcesOf(templateOf(stack), 'AWS::Lambda::Function'))
      .filter(([id]) => /^(Wrapper|Singleton)/.test(id))
      .map(([, { Properties }]) => Properties.Environment?.Variables);
    const told = { PROMPT_REGISTRY_PREFIX: '/prompts/prod', PROMPT_REGISTRY_ALIAS: 'PROD' };
    expect(variables).toHaveLength(functions.length + 1);
    expect(variables.filter((found) => found !== undefined)).toEqual(functions.map(() => told));
  });

  it('but a version with an id of its own may keep the environment from before', () => {
    const stack = stackIn();
    const version = new Version(stack, 'Fixed', { lambda: functionIn(stack) });
    prodIn(stack).grants.invoke(version);
    const warning = Match.stringLikeRegexp('keeps the environment that it was published with.*environmentOfVersion');
    expect(environmentOf(stack)).toMatchObject({ PROMPT_REGISTRY_ALIAS: 'PROD' });
    expect(Annotations.fromStack(stack).findWarning('/Prompts/Fixed', warning)).toHaveLength(1);
  });

  it('also where two SingletonFunctions are one, or a function and its alias', () => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    const [prod, canary] = [prompt.addAlias('PROD'), prompt.addAlias('CANARY')];
    const single = (id: string) => new SingletonFunction(stack, id, { ...FUNCTION, uuid: 'one' });
    prod.grants.invoke(single('A'));
    canary.grants.invoke(single('B'));
    const fn = functionIn(stack);
    prod.grants.invoke(fn);
    canary.grants.invoke(fn.addAlias('live'));
    const functions = Object.entries(resourcesOf(templateOf(stack), 'AWS::Lambda::Function'));
    const environments = functions
      .filter(([id]) => id.startsWith('Singleton') || id.startsWith('Caller'))
      .map(([, { Properties }]) => Properties.Environment.Variables);
    expect(environments).toHaveLength(2);
    for (const variables of environments) {
      expect(variables).toMatchObject({ PROMPT_REGISTRY_PREFIX: '/prompts/prod' });
      expect(variables).not.toHaveProperty('PROMPT_REGISTRY_ALIAS');
    }
  });

  it('two registries on one function are refused', () => {
    const stack = stackIn();
    const caller = functionIn(stack);
    PromptAlias.fromAliasName(stack, 'Prod', NAMES).grants.invoke(caller);
    const other = PromptAlias.fromAliasName(stack, 'Other', { ...NAMES, parameterPrefix: '/prompts/test' });
    expect(() => other.grants.invoke(caller)).toThrow(
      expect.objectContaining({
        code: 'ConflictingPrefix',
        message: expect.stringMatching(
          /^Prompts\/Other: expected aliases of one registry on a function.*found \/prompts\/prod\/financial-analysis\/PROD and \/prompts\/test\/financial-analysis\/PROD: /,
        ),
      }),
    );
  });
});

describe('a grant to a container', () => {
  it('goes to the role of its task, and the environment is there to be set', () => {
    const stack = stackIn();
    const prod = prodIn(stack);
    const task = new FargateTaskDefinition(stack, 'Task');
    task.addContainer('App', { image: ContainerImage.fromRegistry('app'), environment: prod.clientEnvironment });
    prod.grants.invoke(task.taskRole);
    const template = templateOf(stack);

    const [definition] = Object.values(resourcesOf(template, 'AWS::ECS::TaskDefinition'));
    expect(definition?.Properties.ContainerDefinitions[0].Environment).toEqual([
      { Name: 'PROMPT_REGISTRY_PREFIX', Value: '/prompts/prod' },
      { Name: 'PROMPT_REGISTRY_ALIAS', Value: 'PROD' },
    ]);
    const role = Object.entries(template.Resources).find(([id]) => id.startsWith('TaskTaskRole'))?.[1];
    expect(role?.Properties.ManagedPolicyArns).toEqual([{ Ref: idOf(template, 'FinancialAnalysisProdCallerPolicy') }]);
  });
});

describe('a grant to a role of another stack of the app', () => {
  it('exports the policy, which no release changes, and no version', () => {
    const app = newApp();
    const stack = stackIn(app);
    const prod = prodIn(stack);
    const consumer = new Stack(app, 'Consumer', { env: ENV });
    prod.grants.invoke(roleIn(consumer));
    const exported = Object.values(templateOf(stack).Outputs ?? {});

    expect(exported).toHaveLength(1);
    expect(exported[0].Value).toEqual({ Ref: idOf(templateOf(stack), 'FinancialAnalysisProdCallerPolicy') });
    const [role] = Object.values(resourcesOf(templateOf(consumer), 'AWS::IAM::Role'));
    expect(role?.Properties.ManagedPolicyArns).toEqual([{ 'Fn::ImportValue': exported[0].Export.Name }]);
  });
});
