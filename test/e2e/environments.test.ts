import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import type { Deployed } from '../../packages/local-aws';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { assumeRole, type Clients, clientsOf, verdictOf } from './clients';
import { RegistryBench } from './registry-bench';

/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };

const started: LocalAws[] = [];
afterAll(() => Promise.all(started.map((aws) => aws.stop())));

async function account(number: string): Promise<LocalAws> {
  const aws = await startLocalAws({ account: number });
  started.push(aws);
  return aws;
}

interface Environment {
  readonly prefix: string;
  readonly promptName: string;
  readonly text: string;
  readonly target?: AliasTarget;
  readonly bedrockNamePrefix?: string;
}

function environment({ prefix, promptName, text, target = AliasTarget.parameter(), bedrockNamePrefix }: Environment) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: prefix,
      bedrockNamePrefix,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Sorter', { registry, promptName, variant });
    const role = new Role(stack, 'Caller', {
      roleName: `caller${prefix.replaceAll('/', '-')}`,
      assumedBy: new AccountRootPrincipal(),
    });
    prompt.addAlias('PROD', { target }).grants.invoke(role);
  };
}

async function pointer(aws: LocalAws, name: string): Promise<string> {
  const { Parameter } = await clientsOf(aws).ssm.send(new GetParameterCommand({ Name: name }));
  return Parameter?.Value ?? '';
}

const run = (runtime: Clients['runtime'], modelId: string) =>
  runtime.send(new ConverseCommand({ modelId, promptVariables: { letter: { text: 'Dear all' } } }));

function numberIn(versionArn: string): string {
  return versionArn.split(':').at(-1) ?? '';
}

describe('Two environments in one account', { timeout: PATIENCE }, () => {
  const test = {
    stack: 'Test',
    prefix: '/prompts/test',
    promptName: 'sorter',
    bedrockNamePrefix: 'test-',
    parameter: 'SorterProdVersion',
  };
  const prod = {
    stack: 'Prod',
    prefix: '/prompts/prod',
    promptName: 'sorter',
    bedrockNamePrefix: undefined,
    parameter: 'SorterProdVersion',
  };

  it('are two stacks with two prefixes: a release or a failure in one is nothing to the other, nor are its callers', async () => {
    const aws = await account('111122223333');
    const deployer = new StackDeployer(aws);
    const deploy = (to: typeof test | typeof prod, text: string, parameters = {}): Promise<Deployed> =>
      deployer.deployStack(to.stack, environment({ ...to, text }), parameters);
    for (const each of [test, prod]) {
      expect((await deploy(each, 'Sort {{letter}}')).failures).toEqual([]);
      expect(await deploy(each, 'Sort {{letter}} well', { [each.parameter]: '1' })).toEqual(COMPLETE);
    }
    const [inTest, inProd] = [`${test.prefix}/sorter/PROD`, `${prod.prefix}/sorter/PROD`];
    const before = await pointer(aws, inProd);

    expect(await deploy(test, 'Sort {{letter}} well', { [test.parameter]: '2' })).toEqual(COMPLETE);
    const failed = await deploy(test, 'Sort {{letter}} best', { [test.parameter]: '9' });
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(await pointer(aws, inProd)).toBe(before);
    expect(numberIn(await pointer(aws, inTest))).toBe('2');
    const callerOf = async (each: typeof test | typeof prod) =>
      (await assumeRole(aws, `caller${each.prefix.replaceAll('/', '-')}`)).runtime;
    const verdicts = async (each: typeof test | typeof prod) => {
      const runtime = await callerOf(each);
      const ask = async (name: string) => verdictOf(run(runtime, await pointer(aws, name)));
      return { test: await ask(inTest), prod: await ask(inProd) };
    };
    expect(await verdicts(test)).toEqual({ test: 'allowed', prod: 'refused' });
    expect(await verdicts(prod)).toEqual({ test: 'refused', prod: 'allowed' });

    expect(await deployer.destroy(test.stack)).toBe('DELETE_COMPLETE');
    expect(await pointer(aws, inProd)).toBe(before);
    expect(await verdictOf(run(await callerOf(prod), before))).toBe('allowed');
  });

  it('are named apart later: a prefix on a stack that is there renames the prompt in Bedrock, and nothing else', async () => {
    const bench = await RegistryBench.start({ stack: 'Test', parameterPrefix: '/prompts/test', promptName: 'sorter' });
    started.push(bench.aws);
    const plain = { prefix: '/prompts/test', promptName: 'sorter', text: 'Sort {{letter}}' };
    const deploy = (own: object) =>
      bench.deployer.deployStack('Test', environment({ ...plain, ...own }), { SorterProdVersion: '1' });
    expect((await deploy({})).failures).toEqual([]);
    const promptArn = await bench.promptArn();
    const standing = async () => [
      await bench.deployer.resources('Test', 'AWS::Bedrock::Prompt'),
      await bench.pointers(),
      await bench.versions(promptArn),
      await bench.ledger('PROD', promptArn),
    ];
    const before = await standing();

    expect(await deploy({ bedrockNamePrefix: 'test-' })).toEqual(COMPLETE);

    expect(await bench.promptArn('test-sorter')).toBe(promptArn);
    expect(await standing()).toEqual(before);
  });

  it('need prompts of two names in Bedrock: the second stack is refused a name that the first one has, and the first keeps it', async () => {
    const aws = await account('111122223333');
    const deployer = new StackDeployer(aws);
    const sorter = { promptName: 'sorter', text: 'Sort {{letter}}', target: AliasTarget.currentVersion() };
    expect((await deployer.deployStack('Test', environment({ ...sorter, prefix: '/prompts/test' }))).failures).toEqual(
      [],
    );
    const second = await deployer.deployStack('Prod', environment({ ...sorter, prefix: '/prompts/prod' }));

    expect(second.status).toBe('ROLLBACK_COMPLETE');
    expect(second.failures[0]).toMatch(/A prompt with the name sorter already exists/);
    expect(numberIn(await pointer(aws, '/prompts/test/sorter/PROD'))).toBe('1');
  });
});

describe('Two accounts', { timeout: PATIENCE }, () => {
  const names = { stack: 'Prompts', parameterPrefix: '/prompts/prod', promptName: 'sorter' };
  const one = { prefix: names.parameterPrefix, promptName: names.promptName };
  const [first, second, third] = ['Sort {{letter}}', 'Sort {{letter}} well', 'Sort {{letter}} best'] as const;

  async function published(aws: LocalAws, texts: readonly string[]) {
    const bench = new RegistryBench(aws, names);
    const digests: Record<string, string> = {};
    for (const text of texts) {
      const template = await bench.synthesize(environment({ ...one, text }));
      expect((await bench.deploy(template)).failures).toEqual([]);
      digests[text] = digestIn(template);
    }
    return { bench, digests };
  }

  function digestIn(template: string): string {
    const resources = Object.values(JSON.parse(template).Resources) as {
      Type: string;
      Properties: { ContentDigest: string };
    }[];
    return resources.find(({ Type }) => Type === 'Custom::PromptVersion')?.Properties.ContentDigest ?? '';
  }

  it('release one digest, by parameter or in source, and each moves to its own number; what is not published is refused', async () => {
    const staging = await published(await account('111122223333'), [first, second, third]);
    const production = await published(await account('444455556666'), [first, third]);
    expect(production.digests[third]).toBe(staging.digests[third]);
    const digest = staging.digests[third] ?? '';

    for (const [{ bench }, number] of [
      [staging, '3'],
      [production, '2'],
    ] as const) {
      const template = await bench.synthesize(environment({ ...one, text: third }));
      expect(await bench.deploy(template, { SorterProdVersion: digest })).toEqual(COMPLETE);
      const arn = await pointer(bench.aws, '/prompts/prod/sorter/PROD');
      expect(arn).toMatch(new RegExp(`^arn:aws:bedrock:us-east-1:${bench.aws.account}:prompt/\\w{10}:${number}$`));
      expect((await bench.ledger('PROD')).at(-1)?.to).toMatchObject({ version: Number(number), digest });
    }

    const pinned = environment({ ...one, text: third, target: AliasTarget.digest(staging.digests[first] ?? '') });
    for (const { bench } of [staging, production]) {
      expect(await bench.deploy(await bench.synthesize(pinned))).toEqual(COMPLETE);
      expect(await bench.pointers()).toEqual({ PROD: '1' });
    }

    const missing = staging.digests[second] ?? '';
    const { bench } = production;
    const { status, failures } = await bench.deploy(
      await bench.synthesize(environment({ ...one, text: third, target: AliasTarget.digest(missing) })),
    );
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const short = (text: string) => `${staging.digests[text]?.slice(0, 12)}…`;
    expect(failures.join()).toContain(
      `NoSuchDigest: alias PROD of prompt sorter cannot point at ${missing}: no version of the prompt has that content; it has versions 1 (${short(first)}), 2 (${short(third)})`,
    );
    expect(await bench.pointers()).toEqual({ PROD: '1' });
    expect(await bench.ledger('PROD')).toHaveLength(2);
  });
});
