import {
  BedrockFoundationModel,
  Prompt as OfficialPrompt,
  PromptVariant as OfficialVariant,
} from '@aws-cdk/aws-bedrock-alpha';
import { CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, RemovalPolicy, type Stack, Tags } from 'aws-cdk-lib';
import { CfnPrompt, CfnPromptVersion } from 'aws-cdk-lib/aws-bedrock';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, type PromptAlias, PromptRegistry, PromptVariant } from '../../lib';
import { assumeRole, verdictOf } from './clients';
import { RegistryBench } from './registry-bench';

/** Each way of docs/migrating.md, step by step. */
const PATIENCE = 300_000;
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };
const MODEL = 'amazon.nova-pro-v1:0';

let bench: RegistryBench;

beforeEach(async () => {
  bench = await RegistryBench.start({ stack: 'App', parameterPrefix: '/prompts', promptName: 'sorter' });
});
afterEach(() => bench.aws.stop());

const registryIn = (stack: Stack) => new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });

const variants = (text: string) => [
  {
    name: 'a',
    templateType: 'TEXT' as const,
    templateConfiguration: { text: { text, inputVariables: [{ name: 'letter' }] } },
    modelId: MODEL,
  },
];

async function deploy(build: (stack: Stack) => void, parameters: Record<string, string> = {}) {
  return bench.deploy(await bench.synthesize(build), parameters);
}

async function runAs(roleName: string, modelId?: string) {
  const { runtime, ssm } = await assumeRole(bench.aws, roleName);
  const read = () => ssm.send(new GetParameterCommand({ Name: '/prompts/sorter/PROD' }));
  const arn = modelId ?? (await read()).Parameter?.Value;
  const promptVariables = { letter: { text: 'Dear all' } };
  return verdictOf(runtime.send(new ConverseCommand({ modelId: arn, promptVariables })));
}

describe('From hand-made prompts', { timeout: PATIENCE }, () => {
  it('the version that the variable names becomes PROD, the application reads the alias, the old grant goes, releases begin', async () => {
    const { bedrock } = bench.operator;
    const { arn: promptArn = '', id } = await bedrock.send(
      new CreatePromptCommand({ name: 'sorter', defaultVariant: 'a', variants: variants('Sort {{letter}}') }),
    );
    for (let made = 0; made < 3; made++) await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
    const app = (step: { target?: AliasTarget; granted?: boolean; oldWay?: boolean }) => (stack: Stack) => {
      const application = new Role(stack, 'Application', { roleName: 'app', assumedBy: new AccountRootPrincipal() });
      if (step.oldWay) {
        application.addToPolicy(new PolicyStatement({ actions: ['bedrock:*'], resources: ['*'] }));
      }
      if (!step.target) return;
      const old = Prompt.fromPromptArn(stack, 'Sorter', promptArn, {
        registry: registryIn(stack),
        promptName: 'sorter',
      });
      const prod = old.addAlias('PROD', { target: step.target });
      if (step.granted) prod.grants.invoke(application);
    };

    await deploy(app({ oldWay: true }));
    expect(await runAs('app', `${promptArn}:2`)).toBe('allowed');
    expect(await deploy(app({ oldWay: true, target: AliasTarget.version(2) }))).toEqual(COMPLETE);
    expect(await runAs('app', `${promptArn}:2`)).toBe('allowed');
    expect(await deploy(app({ oldWay: true, target: AliasTarget.version(2), granted: true }))).toEqual(COMPLETE);
    expect(await runAs('app')).toBe('allowed');
    expect(await deploy(app({ target: AliasTarget.version(2), granted: true }))).toEqual(COMPLETE);
    expect([await runAs('app'), await runAs('app', promptArn)]).toEqual(['allowed', 'refused']);

    const byParameter = app({ target: AliasTarget.parameter(), granted: true });
    const forgotten = await deploy(byParameter);
    expect(forgotten.failures.join()).toContain('NoneAfterVersion');
    expect(await deploy(byParameter, { SorterProdVersion: '2' })).toEqual(COMPLETE);
    expect(await deploy(byParameter, { SorterProdVersion: '3' })).toEqual(COMPLETE);
    expect([await runAs('app'), await bench.versions(promptArn)]).toEqual(['allowed', [1, 2, 3]]);
  });
});

/** The steps that both kinds of `CfnPromptVersion` share. */
interface Steps {
  readonly adopted?: boolean;
  readonly retained?: boolean;
  readonly versioned?: boolean;
  readonly text?: string;
}

async function expectMigration(define: (stack: Stack, steps: Steps) => CfnPrompt): Promise<void> {
  const app = (steps: Steps) => (stack: Stack) => {
    const cfnPrompt = define(stack, steps);
    if (steps.retained) cfnPrompt.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    if (!steps.adopted) return;
    const registry = registryIn(stack);
    const prompt = Prompt.fromPromptRef(stack, 'Adopted', cfnPrompt, { registry, publishDraft: true });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  };
  expect((await deploy(app({ versioned: true }))).failures).toEqual([]);
  // 1. The removal policies alone.
  expect(await deploy(app({ versioned: true, retained: true }))).toEqual(COMPLETE);
  // 2. Adopt, with the number that is live: the version is found, whoever made it.
  const adopted = { versioned: true, retained: true, adopted: true };
  expect(await deploy(app(adopted), { SorterProdVersion: '1' })).toEqual(COMPLETE);
  expect([await bench.pointers(), await bench.versions()]).toEqual([{ PROD: '1', STAGING: '1' }, [1]]);
  // 3. The resources of the versions go, the versions stay.
  const migrated = { retained: true, adopted: true };
  expect(await deploy(app(migrated))).toEqual(COMPLETE);
  expect([await bench.pointers(), await bench.versions()]).toEqual([{ PROD: '1', STAGING: '1' }, [1]]);
  // From now on, release.
  expect(await deploy(app({ ...migrated, text: 'Sort {{letter}} well' }))).toEqual(COMPLETE);
  expect(await deploy(app({ ...migrated, text: 'Sort {{letter}} well' }), { SorterProdVersion: '2' })).toEqual(
    COMPLETE,
  );
  expect([await bench.pointers(), await bench.versions()]).toEqual([{ PROD: '2', STAGING: '2' }, [1, 2]]);
}

describe('From AWS::Bedrock::PromptVersion', { timeout: PATIENCE }, () => {
  it('the versions are retained, found, let go of, and followed by new ones', () =>
    expectMigration((stack, { versioned, retained, text = 'Sort {{letter}}' }) => {
      const prompt = new CfnPrompt(stack, 'Old', { name: 'sorter', defaultVariant: 'a', variants: variants(text) });
      if (versioned) {
        const version = new CfnPromptVersion(stack, 'OldVersion', { promptArn: prompt.attrArn });
        if (retained) version.applyRemovalPolicy(RemovalPolicy.RETAIN);
      }
      return prompt;
    }));
});

describe('From the official alpha construct', { timeout: PATIENCE }, () => {
  it('the versions are retained, found, let go of, and followed by new ones', () =>
    expectMigration((stack, { versioned, retained, text = 'Sort {{letter}}' }) => {
      const variant = OfficialVariant.text({
        variantName: 'a',
        model: BedrockFoundationModel.AMAZON_NOVA_PRO_V1,
        promptText: text,
        promptVariables: ['letter'],
      });
      const official = new OfficialPrompt(stack, 'Old', {
        promptName: 'sorter',
        defaultVariant: variant,
        variants: [variant],
      });
      if (versioned) official.createVersion();
      const versions = official.node.findAll().filter((child) => child instanceof CfnPromptVersion);
      expect(versions).toHaveLength(versioned ? 1 : 0);
      if (retained) for (const version of versions) version.applyRemovalPolicy(RemovalPolicy.RETAIN);
      return official.node.defaultChild as CfnPrompt;
    }));
});

describe('What is no content', { timeout: PATIENCE }, () => {
  const KEYS = ['1', '2'].map((n) => `arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-55555555555${n}`);

  it('changes without a new version, and nothing is deleted: tags, a key, another key, the description', async () => {
    const app = (change: { tag?: string; key?: string; description?: string }) => (stack: Stack) => {
      const prompt = new Prompt(stack, 'Sorter', {
        registry: registryIn(stack),
        promptName: 'sorter',
        variant: PromptVariant.text({ text: 'Sort {{letter}}', model: MODEL }),
        description: change.description,
        ...(change.key && { encryptionKey: { keyRef: { keyArn: change.key, keyId: 'key' } } as never }),
      });
      const prod: PromptAlias = prompt.addAlias('PROD');
      prod.grants.invoke(new Role(stack, 'Application', { roleName: 'app', assumedBy: new AccountRootPrincipal() }));
      if (change.tag) Tags.of(prompt).add('team', change.tag);
    };
    expect((await deploy(app({}))).failures).toEqual([]);
    const before = await bench.standing();
    for (const change of [
      { tag: 'one' },
      { tag: 'two' },
      { tag: 'two', key: KEYS[0] },
      { tag: 'two', key: KEYS[1] },
      { key: KEYS[1], description: 'Sorts letters' },
      {},
    ]) {
      expect(await deploy(app(change)), JSON.stringify(change)).toEqual(COMPLETE);
      expect(await bench.standing(), JSON.stringify(change)).toEqual(before);
      expect(await runAs('app')).toBe('allowed');
    }
    const made = bench.aws.calls.filter(({ operation }) => /^(CreatePromptVersion|DeletePrompt)$/.test(operation));
    expect(made.map(({ operation }) => operation)).toEqual(['CreatePromptVersion']);
  });
});
