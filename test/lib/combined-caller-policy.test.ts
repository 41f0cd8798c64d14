import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { CombinedCallerPolicy, PromptAlias } from '../../lib';
import { longestDocument } from './longest-document';
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

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';

/** Aliases `PROD` of as many prompts, p0, p1, …; every second one with a key where that is asked for. */
function aliasesIn(
  stack: Stack,
  count: number,
  options: { callable?: number; keys?: boolean; name?: string } = {},
): PromptAlias[] {
  const registry = registryIn(stack);
  const encryptionKey = { keyRef: { keyArn: KEY, keyId: 'id' } } as never;
  return Array.from({ length: count }, (_, index) =>
    promptIn(stack, {
      registry,
      promptName: `${options.name ?? 'p'}${index}`,
      ...(options.keys && index % 2 === 1 && { encryptionKey }),
    }).addAlias('PROD', { callableVersions: options.callable }),
  );
}

/** The combined policies of a template, by logical id. */
function policiesIn(template: TemplateJson) {
  const all = Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy'));
  return all.filter(([id]) => id.startsWith('Support')).map(([id, { Properties }]) => ({ id, ...Properties }));
}

/** Which prompts each policy holds: the names in its parameters. */
function promptsOf(template: TemplateJson): string[][] {
  return policiesIn(template).map((policy) => [
    ...new Set(JSON.stringify(policy.PolicyDocument).match(/(?<=prompts\/prod\/)p\d+/g)),
  ]);
}

const endingWith = (text: string) => new RegExp(`${text.replaceAll('*', '\\*')}$`);

/** Which aliases have the parameters below their own in a policy. */
function patternsOf(template: TemplateJson): (string[] | null)[] {
  return policiesIn(template).map(({ PolicyDocument }) =>
    JSON.stringify(PolicyDocument).match(/(?<=prompts\/prod\/)[\w-]+(?=\/PROD\/\*)/g),
  );
}

describe('a policy of several aliases', () => {
  const stack = stackIn();
  const [one, other] = aliasesIn(stack, 2, { keys: true }) as [PromptAlias, PromptAlias];
  new CombinedCallerPolicy(stack, 'Support', { aliases: [one, other, one] });
  const template = templateOf(stack);
  const [policy] = policiesIn(template);
  const slots = (...names: string[]) =>
    ['P0', 'P1'].flatMap((prompt) =>
      [1, 2].flatMap((slot) =>
        names.map((name) => ({ 'Fn::GetAtt': [idOf(template, `${prompt}ProdReleasePlan`), `${name}${slot}`] })),
      ),
    );
  const invoke = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

  it('names every callable version of each, their models, parameters and keys, and each alias once', () => {
    expect(policy?.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: ['bedrock:GetPrompt', 'bedrock:RenderPrompt'], Resource: slots('CallableArn') },
      {
        Effect: 'Allow',
        Action: ['ssm:GetParameter', 'ssm:GetParameters'],
        Resource: ['p0/PROD', 'p0/PROD/*', 'p1/PROD', 'p1/PROD/*'].map((name) => ({
          'Fn::Join': [
            '',
            expect.arrayContaining([expect.stringMatching(endingWith(`parameter/prompts/prod/${name}`))]),
          ],
        })),
      },
      { Effect: 'Allow', Action: invoke, Resource: slots('ModelArn', 'ProfileArn') },
      {
        Effect: 'Allow',
        Action: invoke,
        Resource: slots('ProfileModelArn', 'GlobalModelArn'),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': slots('ProfileArn') } },
      },
      expect.objectContaining({ Action: 'kms:Decrypt', Resource: KEY }),
    ]);
  });

  it('has no wildcard of its own but below the aliases’ parameters, so none that reaches a draft', () => {
    const [render, pointers, ...others] = policy?.PolicyDocument.Statement ?? [];
    expect(JSON.stringify(render)).not.toMatch(/[*?]/);
    expect(JSON.stringify(pointers).match(/[^/]+\/[^/]+\/[*]/g)).toEqual(['p0/PROD/*', 'p1/PROD/*']);
    // `:*` behind a prompt in the context of its key: its versions.
    expect(JSON.stringify(others).replaceAll('":*"', '')).not.toMatch(/[*?]/);
  });

  it('is widened before any of its aliases moves', () => {
    for (const alias of ['P0ProdAlias', 'P1ProdAlias']) {
      expect(comesBefore(template, policy?.id ?? '', idOf(template, alias)), alias).toBe(true);
    }
  });
});

describe('more aliases than 6,144 characters hold', () => {
  const split = (count: number, options: Parameters<typeof aliasesIn>[2] = {}) => {
    const stack = stackIn();
    const aliases = aliasesIn(stack, count, options);
    const combined = new CombinedCallerPolicy(stack, 'Support', { aliases, managedPolicyName: 'support' });
    return { stack, combined, template: templateOf(stack) };
  };

  it.each([
    ['of two versions', { callable: 2 }],
    ['of five versions', { callable: 5 }],
    ['with keys', { keys: true }],
  ])('%s go into several policies, each of which fits with the longest names', (_, options) => {
    const { template } = split(12, options);
    expect(promptsOf(template).flat()).toEqual(Array.from({ length: 12 }, (_, index) => `p${index}`));
    expect(promptsOf(template).length).toBeGreaterThan(1);
    for (const { PolicyDocument } of policiesIn(template)) {
      expect(longestDocument(PolicyDocument).length).toBeLessThanOrEqual(6_144);
    }
  });

  it('take as few policies as may be, where one alias alone takes one', () => {
    expect(promptsOf(split(12).template).map((prompts) => prompts.length)).toEqual([4, 4, 4]);
  });

  it.each([
    ['4 of 2 versions', 4, { name: 'financial-analysis-' }, 5_871],
    ['2 of 3 versions', 2, { name: 'financial-analysis-', callable: 3 }, 4_325],
    ['1 of 5 versions', 1, { name: 'financial-analysis-', callable: 5 }, 3_552],
  ])('have room for what stands below their parameters: %s', (_, count, options, size) => {
    const { template } = split(count, options);
    const names = Array.from({ length: count }, (__, index) => `financial-analysis-${index}`);
    expect(patternsOf(template)).toEqual([names]);
    // As the registry counts: with a partition and a Region that are the longest of all, whatever the stack's.
    const [policy] = policiesIn(template);
    expect(size - longestDocument(policy?.PolicyDocument).length).toBeGreaterThanOrEqual(0);
    expect(size).toBeLessThanOrEqual(6_144);
  });

  it.each([
    ['3 of 3 versions', 3, { name: 'financial-analysis-', callable: 3 }],
    ['4 of 2 versions, two with a key', 4, { keys: true }],
    ['4 of 2 versions with long names', 4, { name: 'n'.repeat(60) }],
  ])('keep the policy that they had where there is none, and do without: %s', (_, count, options) => {
    const { template } = split(count, options);
    expect(policiesIn(template)).toHaveLength(1);
    expect(patternsOf(template)).toEqual([null]);
    expect(longestDocument(policiesIn(template)[0]?.PolicyDocument).length).toBeLessThanOrEqual(6_144);
  });

  it('stay where they are when one comes at the end', () => {
    const [before, after] = [promptsOf(split(9).template), promptsOf(split(10).template)];
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).toEqual([...(before[2] ?? []), 'p9']);
  });

  it('are in policies with names that another app can tell', () => {
    expect(policiesIn(split(9).template).map(({ ManagedPolicyName }) => ManagedPolicyName)).toEqual([
      'support',
      'support-2',
      'support-3',
    ]);
  });

  it('are each widened before the aliases in it move', () => {
    const { template } = split(9);
    for (const [index, prompts] of promptsOf(template).entries()) {
      for (const name of prompts) {
        const policy = policiesIn(template)[index]?.id ?? '';
        expect(comesBefore(template, policy, idOf(template, `${name.toUpperCase()}ProdAlias`)), name).toBe(true);
      }
    }
  });
});

describe('callers', () => {
  it('of another stack attach all the policies, and none of their ARNs changes with a release', () => {
    const app = newApp();
    const stack = stackIn(app);
    const combined = new CombinedCallerPolicy(stack, 'Support', { aliases: aliasesIn(stack, 9) });
    const other = new Stack(app, 'Other', { env: ENV });
    combined.attachTo(new Role(other, 'Role', { assumedBy: new AccountRootPrincipal() }));
    expect(onlyResource(templateOf(other), 'AWS::IAM::Role').Properties.ManagedPolicyArns).toHaveLength(3);
    expect(JSON.stringify(templateOf(stack).Outputs)).not.toMatch(/ReleasePlan|CallableArn/);
  });

  it('that are functions get what the client reads, and 12 aliases where grants would need 12 policies', () => {
    const stack = stackIn();
    const fn = new LambdaFunction(stack, 'Fn', {
      ...{ runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('0') },
      role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    });
    new CombinedCallerPolicy(stack, 'Support', { aliases: aliasesIn(stack, 12) }).attachTo(fn);
    const functions = Object.entries(resourcesOf(templateOf(stack), 'AWS::Lambda::Function'));
    expect(functions.find(([id]) => id.startsWith('Fn'))?.[1].Properties.Environment.Variables).toMatchObject({
      PROMPT_REGISTRY_PREFIX: '/prompts/prod',
      PROMPT_REGISTRY_ALIAS: 'PROD',
    });
  });

  it('that CDK would ignore are refused', () => {
    const stack = stackIn();
    const combined = new CombinedCallerPolicy(stack, 'Support', { aliases: aliasesIn(stack, 1) });
    const imported = Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111122223333:role/theirs', { mutable: false });
    expect(() => combined.attachTo(imported)).toThrow(
      /^Prompts\/Support: expected a role of this account that CDK may change, to grant invoke on \/prompts\/prod\/p0\/PROD, found an imported role that CDK may not change/,
    );
  });
});

describe('refused at synth are', () => {
  it('no aliases', () => {
    expect(() => new CombinedCallerPolicy(stackIn(), 'Support', { aliases: [] })).toThrow(
      /^Prompts\/Support: expected at least one alias, found none/,
    );
  });

  it('aliases of another stack: their callers must be let in before they move', () => {
    const app = newApp();
    const [alias] = aliasesIn(stackIn(app), 1) as [PromptAlias];
    const other = new Stack(app, 'Other', { env: ENV });
    expect(() => new CombinedCallerPolicy(other, 'Support', { aliases: [alias] })).toThrow(
      /^Other\/Support: expected aliases that are defined in Other, found Prompts\/p0\/PROD: define the policy in the stack of the aliases/,
    );
    const names = { parameterPrefix: '/prompts/prod', promptName: 'p0', aliasName: 'PROD' };
    const imported = PromptAlias.fromAliasName(other, 'Imported', names);
    expect(() => new CombinedCallerPolicy(other, 'Again', { aliases: [imported] })).toThrow(
      /expected aliases that are defined in Other/,
    );
  });
});
