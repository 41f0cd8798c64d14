import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, test } from 'vitest';
import { LangfuseEndpoint, type LangfuseEndpointProps, LangfuseFront, PromptAlias, PromptRegistry } from '../../lib';
import { onlyResource, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

function endpointIn(props: Partial<LangfuseEndpointProps> = {}) {
  const stack = stackIn();
  const registry = registryIn(stack);
  const prompt = promptIn(stack, { registry });
  const other = promptIn(stack, { registry, promptName: 'style' });
  const [prod, staging, style] = [prompt.addAlias('PROD'), prompt.addAlias('STAGING'), other.addAlias('PROD')];
  const make = (more: Partial<LangfuseEndpointProps> = {}) =>
    new LangfuseEndpoint(stack, 'Langfuse', { registry, aliases: [prod, staging, style], ...props, ...more });
  return { stack, registry, prompt, prod, staging, style, make };
}

/** The settings as the function gets them; what only CloudFormation knows stands as `…`. */
function settingsOf(template: ReturnType<typeof templateOf>) {
  const [found] = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.Environment?.Variables.LANGFUSE_ENDPOINT,
  );
  const value = found?.Properties.Environment.Variables.LANGFUSE_ENDPOINT;
  const text =
    typeof value === 'string'
      ? value
      : value['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '…')).join('');
  return { settings: JSON.parse(text), handler: found?.Properties };
}

describe('A LangfuseEndpoint', () => {
  it('tells its function which names and labels stand for which aliases, and what each key reads', () => {
    const { stack, staging, make } = endpointIn({ names: { 'research/financial analysis': 'financial-analysis' } });
    const endpoint = make();
    endpoint.addKey('Promptfoo', { read: [staging] });
    endpoint.addKey('Dev', { read: [staging], latest: true });
    const { settings, handler } = settingsOf(templateOf(stack));
    expect(settings).toEqual({
      schema: 1,
      stack: 'Prompts',
      aliases: [
        ['research/financial analysis', 'financial-analysis', 'PROD', ['production', 'prod'], 2],
        ['research/financial analysis', 'financial-analysis', 'STAGING', ['staging'], 2],
        ['style', 'style', 'PROD', ['production', 'prod'], 2],
      ],
      keys: [
        { name: 'Promptfoo', publicKey: expect.stringMatching(/^pk-lf-[0-9a-f]{32}$/), secretArn: '…', read: [1] },
        { name: 'Dev', publicKey: expect.stringMatching(/^pk-lf-/), secretArn: '…', read: [1], latest: true },
      ],
      ttl: 5_000,
      grace: 3_600_000,
      modelPrefix: '',
      throttle: [50, 100],
    });
    expect(handler).toMatchObject({ ReservedConcurrentExecutions: 20, Timeout: 10 });
  });

  it('lets its function read the pointers, the archive, the ledger and its secrets, and write nothing', () => {
    const { stack, prod, make } = endpointIn();
    make().addKey('Key', { read: [prod] });
    const template = templateOf(stack);
    const [policy] = Object.entries(resourcesOf(template, 'AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('Langfuse'),
    );
    const statements = policy?.[1].Properties.PolicyDocument.Statement;
    expect(statements.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      'ssm:GetParameters',
      's3:ListBucket',
      's3:GetObject',
      ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    ]);
    expect(JSON.stringify(statements[0].Resource)).toContain('parameter/prompts/prod/style/PROD');
    expect(statements[1].Condition).toEqual({ StringLike: { 's3:prefix': ['versions/*', 'ledger/*'] } });
  });

  it('generates each secret, whose value stands in no template', () => {
    const { stack, prod, make } = endpointIn();
    make().addKey('Key', { read: [prod] });
    expect(onlyResource(templateOf(stack), 'AWS::SecretsManager::Secret').Properties.GenerateSecretString).toEqual({
      SecretStringTemplate: expect.stringMatching(/^\{"publicKey":"pk-lf-[0-9a-f]{32}"\}$/),
      GenerateStringKey: 'secretKey',
      PasswordLength: 48,
      ExcludePunctuation: true,
    });
  });

  it('stands behind an HTTP API, a function URL or nothing', () => {
    const gateway = endpointIn();
    gateway.make().addKey('Key', { read: [gateway.prod] });
    Template.fromStack(gateway.stack).hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'ANY /api/public/{proxy+}',
    });
    Template.fromStack(gateway.stack).hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
    });
    const url = endpointIn({ front: LangfuseFront.functionUrl() });
    url.make().addKey('Key', { read: [url.prod] });
    Template.fromStack(url.stack).hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    const target = endpointIn({ front: LangfuseFront.target() });
    const endpoint = target.make();
    endpoint.addKey('Key', { read: [target.prod] });
    Template.fromStack(target.stack).resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    expect(() => endpoint.url).toThrow(/use your load balancer's address/);
  });

  it('rings when an archived version is not what was published', () => {
    const { stack, prod, make } = endpointIn();
    make().addKey('Key', { read: [prod] });
    expect(onlyResource(templateOf(stack), 'AWS::CloudWatch::Alarm').Properties).toMatchObject({
      Namespace: 'PromptRegistry',
      MetricName: 'ChangedContent',
      Dimensions: [{ Name: 'Registry', Value: '/prompts/prod' }],
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
  });

  it('takes labels of your own, and one of them only for one alias', () => {
    const { stack, prod, staging, style, make } = endpointIn();
    make({ labels: { production: [staging, style], live: prod } }).addKey('Key', { read: [prod] });
    expect(
      settingsOf(templateOf(stack)).settings.aliases.map(
        ([, , , labels]: [string, string, string, string[]]) => labels,
      ),
    ).toEqual([
      ['live', 'prod'],
      ['production', 'staging'],
      ['production', 'prod'],
    ]);
  });

  it('serves aliases of another stack by their names', () => {
    const stack = stackIn();
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', {
      parameterPrefix: '/prompts/prod',
      handlers: { version: 'arn:v', plan: 'arn:p', alias: 'arn:a' },
      publisherRoleName: 'p',
      releaserRoleName: 'r',
      ledgerBucketName: 'ledger-bucket',
    });
    const prod = PromptAlias.fromAliasName(stack, 'Prod', {
      parameterPrefix: '/prompts/prod',
      promptName: 'p',
      aliasName: 'PROD',
    });
    new LangfuseEndpoint(stack, 'Langfuse', { registry, aliases: [prod] }).addKey('Key', { read: [prod] });
    expect(settingsOf(templateOf(stack)).settings.aliases).toEqual([['p', 'p', 'PROD', ['production', 'prod'], 2]]);
  });

  test.each([
    [20, 3, 5],
    [100, 3, 5],
    [120, 3, 6],
    [1_200, 3, 60],
  ])('with %i at once and %i aliases has pointers of %i seconds', (reservedConcurrency, _, seconds) => {
    expect(endpointIn({ reservedConcurrency }).make().ttl.toSeconds()).toBe(seconds);
  });

  test.each<[string, (app: ReturnType<typeof endpointIn>) => unknown, RegExp]>([
    ['no alias', ({ make }) => make({ aliases: [] }), /expected at least one alias/],
    ['a label in capitals', ({ make, prod }) => make({ labels: { Live: prod } }), /found 'Live'/],
    ['latest as a label', ({ make, prod }) => make({ labels: { latest: prod } }), /other than latest/],
    [
      'a label for two aliases',
      ({ make, prod, staging }) => make({ labels: { live: [prod, staging] } }),
      /the label live of financial-analysis on one alias, found PROD and STAGING/,
    ],
    [
      'a label that is another alias’s name',
      ({ make, prod }) => make({ labels: { staging: prod } }),
      /the label staging/,
    ],
    ['a name with a slash at its end', ({ make }) => make({ names: { 'a/': 'style' } }), /cannot end with a slash/],
    ['a name with a percent sign', ({ make }) => make({ names: { 'a%2F': 'style' } }), /no path carries/],
    ['a name of nothing', ({ make }) => make({ names: { a: 'nothing' } }), /add an alias of it/],
    ['two names of a prompt', ({ make }) => make({ names: { a: 'style', b: 'style' } }), /one name for style/],
    ['a name for two prompts', ({ make }) => make({ names: { style: 'financial-analysis' } }), /style for two/],
    ['too much at once', ({ make }) => make({ reservedConcurrency: 1_201 }), /reserve less/],
    ['part of a request at once', ({ make }) => make({ reservedConcurrency: 1.5 }), /reservedConcurrency/],
    ['a key that reads nothing', ({ make }) => make().addKey('Key', { read: [] }), /found none/],
    [
      'a key that reads another endpoint’s alias',
      ({ make, prod, staging }) => make({ aliases: [prod] }).addKey('Key', { read: [staging] }),
      /found \/prompts\/prod\/financial-analysis\/STAGING/,
    ],
    ['a key without a name', ({ make, prod }) => make().addKey('a b', { read: [prod] }), /letters and digits/],
    [
      'no key',
      ({ make, stack }) => {
        make();
        templateOf(stack);
      },
      /call addKey/,
    ],
    [
      'more than a function’s variables hold',
      ({ make, prod, stack }) => {
        const endpoint = make();
        for (let n = 0; n < 20; n++) endpoint.addKey(`Key${n}`, { read: [prod] });
        templateOf(stack);
      },
      /make several endpoints/,
    ],
  ])('refuses %s', (_, act, message) => {
    expect(() => act(endpointIn())).toThrow(message);
  });
});
