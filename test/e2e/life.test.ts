import { DeletePromptCommand, GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { DeletePolicyCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptAlias, PromptRegistry, PromptVariant } from '../../lib';
import { assumeRole, type Verdict, verdictOf } from './clients';
import { idOf, RegistryBench } from './registry-bench';

/** What docs/operations.md says of the events in a registry's life, done to the letter. */
const PATIENCE = 300_000;
const PREFIX = '/prompts/test';
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };

let bench: RegistryBench;
let promptArn: string;

interface Shape {
  /** Where the prompt stands in the tree. @default the stack */
  readonly within?: (stack: Stack) => Construct;
  readonly id?: string;
  readonly registryId?: string;
  readonly names?: readonly string[];
  readonly aliases?: readonly string[];
  readonly pathMetadata?: boolean;
}

/** Prompts with an alias PROD by parameter each; a release needs no wait for IAM here. */
function app({ within = (stack) => stack, id = 'Advisor', registryId = 'Registry', ...shape }: Shape = {}) {
  return (stack: Stack) => {
    // As the CLI has it: with it a template changes whenever a construct moves, without it only when a resource does.
    stack.node.setContext('aws:cdk:enable-path-metadata', shape.pathMetadata);
    const scope = within(stack);
    const registry = registryIn(scope, registryId);
    for (const promptName of shape.names ?? ['advisor']) {
      const prompt = promptOf(scope, `${id}${promptName}`, registry, promptName);
      for (const alias of shape.aliases ?? ['PROD']) prompt.addAlias(alias, { target: AliasTarget.parameter() });
    }
  };
}

function registryIn(scope: Construct, id = 'Registry'): PromptRegistry {
  return new PromptRegistry(scope, id, { parameterPrefix: PREFIX, policyPropagation: Duration.seconds(0) });
}

function promptOf(scope: Construct, id: string, registry: PromptRegistry, promptName: string): Prompt {
  const variant = PromptVariant.text({ text: 'Explain {{ticker}}', model: 'amazon.nova-pro-v1:0' });
  return new Prompt(scope, id, { registry, promptName, variant });
}

/** An application of another stack, which knows the alias by its names. */
function consumer(...promptNames: string[]) {
  return (stack: Stack) => {
    const role = new Role(stack, 'Role', { roleName: 'application', assumedBy: new AccountRootPrincipal() });
    for (const promptName of promptNames) {
      const names = { parameterPrefix: PREFIX, promptName, aliasName: 'PROD' };
      PromptAlias.fromAliasName(stack, promptName, names).grants.invoke(role);
    }
  };
}

async function deploy(shape: Shape = {}, parameters: Record<string, string> = {}) {
  return bench.deploy(await bench.synthesize(app(shape)), parameters);
}

async function pointer(promptName: string): Promise<string> {
  const { Parameter } = await bench.operator.ssm.send(
    new GetParameterCommand({ Name: `${PREFIX}/${promptName}/PROD` }),
  );
  return Parameter?.Value ?? '';
}

async function applicationRuns(promptName: string): Promise<Verdict> {
  const { runtime } = await assumeRole(bench.aws, 'application');
  const promptVariables = { ticker: { text: 'AMZN' } };
  return verdictOf(runtime.send(new ConverseCommand({ modelId: await pointer(promptName), promptVariables })));
}

beforeEach(async () => {
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' },
    // Handlers that read the first page only would see neither their own events nor the last version.
    { cloudFormation: { pageSize: 2 } },
  );
  expect((await deploy()).failures).toEqual([]);
  expect(await deploy({}, { AdvisorProdVersion: '1' })).toEqual(COMPLETE);
  promptArn = await bench.promptArn();
}, PATIENCE);

afterEach(() => bench.aws.stop());

describe('Renamed or moved into another construct,', { timeout: PATIENCE }, () => {
  it.each<[string, Shape]>([
    ['a prompt', { id: 'Renamed' }],
    ['a registry', { registryId: 'Renamed' }],
    ['both, in a nested construct,', { within: (stack) => new Construct(new Construct(stack, 'Team'), 'Prompts') }],
  ])(
    '%s stays what it is: nothing to update, and nothing touched where metadata tell of the move',
    async (_, shape) => {
      const [before, events] = [await bench.standing(), (await bench.deployer.events('Prompts')).length];
      await expect(deploy(shape)).rejects.toThrow('No updates are to be performed.');
      expect(await deploy({ ...shape, pathMetadata: true })).toEqual(COMPLETE);

      const news = (await bench.deployer.events('Prompts')).slice(0, -events);
      expect(news.filter(({ ResourceType }) => ResourceType !== 'AWS::CloudFormation::Stack')).toEqual([]);
      expect(await bench.standing()).toEqual(before);
    },
  );
});

describe('A prompt with another name', { timeout: PATIENCE }, () => {
  it('is another prompt, beside the old one first: released, its callers moved, the old one removed, and no call refused', async () => {
    expect((await bench.deployer.deployStack('Application', consumer('advisor'))).failures).toEqual([]);
    expect(await applicationRuns('advisor')).toBe('allowed');

    expect(await deploy({ names: ['advisor', 'counsel'] }, { CounselProdVersion: '1' })).toEqual(COMPLETE);
    expect(await bench.deployer.deployStack('Application', consumer('advisor', 'counsel'))).toEqual(COMPLETE);
    expect([await applicationRuns('advisor'), await applicationRuns('counsel')]).toEqual(['allowed', 'allowed']);
    expect(await bench.deployer.deployStack('Application', consumer('counsel'))).toEqual(COMPLETE);
    expect(await deploy({ names: ['counsel'] })).toEqual(COMPLETE);

    expect(await applicationRuns('counsel')).toBe('allowed');
    await expect(pointer('advisor')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await bench.versions(promptArn)).toEqual([1]);
    expect((await bench.ledger('PROD', promptArn)).map(({ kind }) => kind)).toEqual(['promote', 'remove']);
  });

  it('in one deploy begins at none, leaves the old prompt in Bedrock, and cannot have the old name back', async () => {
    expect(await deploy({ names: ['counsel'] })).toEqual(COMPLETE);
    expect(await pointer('counsel')).toBe('none');
    await expect(pointer('advisor')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await bench.versions(promptArn)).toEqual([1]);

    const back = await deploy();
    expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(back.failures.join()).toContain('A prompt with the name advisor already exists');
    expect(await pointer('counsel')).toBe('none');
  });
});

describe('An alias that is to live in another stack', { timeout: PATIENCE }, () => {
  it('cannot go there alone: synth says where it lives and how to refer to it', async () => {
    const apart = (stack: Stack) => {
      const prompt = promptOf(stack, 'Advisor', registryIn(stack), 'advisor');
      new PromptAlias(new Stack(stack.node.root as never, 'Other'), 'PROD', { prompt, aliasName: 'PROD' });
    };
    await expect(bench.synthesize(apart)).rejects.toThrow(
      /expected an alias in the stack of its prompt, Prompts, found it in Other: define it with prompt\.addAlias\(\), and refer to it elsewhere with PromptAlias\.fromAliasName\(\)/,
    );
  });

  it('cannot go with its prompt: the second stack meets names that the first one holds, and nothing moves', async () => {
    const before = await bench.standing();
    const second = await bench.deployer.deployStack('Second', app());
    expect(second.status).toBe('ROLLBACK_COMPLETE');
    expect(second.failures[0]).toContain('A prompt with the name advisor already exists');
    expect(await bench.standing()).toEqual(before);
  });

  it('comes with a new prompt there, under another name: released, its callers moved, the old one removed', async () => {
    const there = (stack: Stack) => {
      const registry = new PromptRegistry(stack, 'Registry', {
        parameterPrefix: '/prompts/team',
        policyPropagation: Duration.seconds(0),
      });
      promptOf(stack, 'Counsel', registry, 'counsel').addAlias('PROD', { target: AliasTarget.parameter() });
    };
    const movingTo =
      (...aliases: [parameterPrefix: string, promptName: string][]) =>
      (stack: Stack) => {
        const role = new Role(stack, 'Role', { roleName: 'application', assumedBy: new AccountRootPrincipal() });
        for (const [parameterPrefix, promptName] of aliases) {
          const names = { parameterPrefix, promptName, aliasName: 'PROD' };
          PromptAlias.fromAliasName(stack, promptName, names).grants.invoke(role);
        }
      };
    const runsThere = async () => {
      const { runtime, ssm } = await assumeRole(bench.aws, 'application');
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/prompts/team/counsel/PROD' }));
      const promptVariables = { ticker: { text: 'AMZN' } };
      return verdictOf(runtime.send(new ConverseCommand({ modelId: Parameter?.Value, promptVariables })));
    };

    expect((await bench.deployer.deployStack('Application', movingTo([PREFIX, 'advisor']))).failures).toEqual([]);
    expect((await bench.deployer.deployStack('Team', there)).failures).toEqual([]);
    expect(await bench.deployer.deployStack('Team', there, { CounselProdVersion: '1' })).toEqual(COMPLETE);
    await bench.deployer.deployStack('Application', movingTo([PREFIX, 'advisor'], ['/prompts/team', 'counsel']));
    expect([await applicationRuns('advisor'), await runsThere()]).toEqual(['allowed', 'allowed']);
    expect(await bench.deployer.deployStack('Application', movingTo(['/prompts/team', 'counsel']))).toEqual(COMPLETE);
    expect(await deploy({ names: [] })).toEqual(COMPLETE);
    expect(await runsThere()).toBe('allowed');
  });
});

describe('An alias that is removed', { timeout: PATIENCE }, () => {
  it('before its callers let go of it leaves its policy behind, which stands in the way when it comes again', async () => {
    await bench.deployer.deployStack('Application', consumer('advisor'));
    expect((await deploy({ aliases: [] })).status).toBe('UPDATE_COMPLETE');
    const events = await bench.deployer.events('Prompts');
    expect(events.map(({ ResourceStatusReason }) => ResourceStatusReason).join()).toContain(
      'Cannot delete a policy attached to entities.',
    );

    const again = await deploy();
    expect(again.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const policyName = 'prompts+test+advisor+PROD+invoke+us-east-1';
    expect(again.failures.join()).toContain(`A policy called ${policyName} already exists`);

    const PolicyArn = `arn:aws:iam::${bench.aws.account}:policy/${policyName}`;
    await bench.operator.iam.send(new DetachRolePolicyCommand({ RoleName: 'application', PolicyArn }));
    await bench.operator.iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect(await deploy({}, { AdvisorProdVersion: '1' })).toEqual(COMPLETE);
    expect((await bench.ledger('PROD')).map(({ kind }) => kind).slice(0, 2)).toEqual(['promote', 'remove']);
    expect(await bench.pointers()).toEqual({ PROD: '1' });
  });
});

describe('A registry that is destroyed', { timeout: PATIENCE }, () => {
  it('goes only after its consumers', async () => {
    await bench.deployer.deployStack('Application', consumer('advisor'));
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_FAILED');

    expect(await bench.deployer.destroy('Application')).toBe('DELETE_COMPLETE');
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
  });

  it('comes again with the prompt that was kept, adopted by its ARN, and a new chain', async () => {
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
    const adopting = (stack: Stack) => {
      const registry = registryIn(stack);
      const old = Prompt.fromPromptArn(stack, 'Old', promptArn, { registry, promptName: 'advisor' });
      old.addAlias('PROD', { target: AliasTarget.version(1) });
    };
    expect(await bench.deployer.deployStack('Prompts', adopting)).toEqual({ status: 'CREATE_COMPLETE', failures: [] });

    expect(await pointer('advisor')).toBe(`${promptArn}:1`);
    expect(await bench.ledger('PROD', promptArn)).toMatchObject([{ sequence: 1, kind: 'promote', from: null }]);
  });

  it('comes again with a prompt of its own once the kept one is deleted by hand', async () => {
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
    await bench.operator.bedrock.send(new DeletePromptCommand({ promptIdentifier: idOf(promptArn) }));
    await expect(
      bench.operator.bedrock.send(new GetPromptCommand({ promptIdentifier: idOf(promptArn), promptVersion: '1' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

    expect((await deploy()).failures).toEqual([]);
    expect(await bench.pointers()).toEqual({ PROD: 'none' });
  });
});
