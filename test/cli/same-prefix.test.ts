import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { startCommand } from './command-process';

let aws: LocalAws;
const run = (args: string) => startCommand(args.split(' '), aws.environment()).finished;

/** Registries of several apps, whose synthesis cannot know of the others. */
function registryWith(promptName: string) {
  return (stack: Stack) => {
    const settings = { parameterPrefix: '/prompts/same', policyPropagation: Duration.seconds(1) };
    const registry = new PromptRegistry(stack, 'Registry', settings);
    const variant = PromptVariant.text({ text: promptName, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  };
}

beforeAll(async () => {
  aws = await startLocalAws();
  const deployer = new StackDeployer(aws);
  await deployer.deployStack('one', registryWith('advisor'));
  await deployer.deployStack('two', registryWith('sorter'));
  await deployer.deployStack('three', registryWith('advisor'));
}, 300_000);
afterAll(() => aws?.stop());

describe('Two registries of one prefix', () => {
  it('are two registries: each has its prompts, its ledger and its releases', async () => {
    const moved = await run('promote sorter PROD --to :1 --yes --json');
    expect(moved.code, moved.stderr).toBe(0);
    const { code, stdout, stderr } = await run('list --json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject([
      { prompt: 'advisor', stack: 'one', aliases: [{ version: 1 }, { version: null, differences: [] }] },
      { prompt: 'sorter', stack: 'two', aliases: [{ version: 1 }, { version: 1, differences: [] }] },
    ]);
    const status = await run('status');
    expect(status.code, status.stdout).toBe(0);
    expect(status.stdout).toContain('unless another stack of the registry made it');
  });

  it('have to be named where a command looks at one of them', async () => {
    for (const args of ['snapshot --json', 'check --template x.json', 'audit verify']) {
      const { code, stdout, stderr } = await run(args);
      expect([code, stdout], args).toEqual([1, '']);
      expect(stderr, args).toContain('2 prompt registries in us-east-1');
      expect(stderr, args).toMatch(/--stack one\n.*--stack two/);
    }
    expect(Object.keys(JSON.parse((await run('snapshot --json --stack one')).stdout).aliases)).toEqual([
      'advisor/STAGING',
    ]);
  });

  it('a stack that could not be created, for its names were taken, is none', async () => {
    expect((await run('list --json')).stderr).not.toContain('three');
    const { code, stderr } = await run('list --stack three');
    expect(code).toBe(1);
    expect(stderr).toContain('stack three could not be created, and was rolled back');
    expect(stderr).toContain('aws cloudformation describe-stack-events --stack-name three --region us-east-1');
  });
});

describe('list PROMPT', () => {
  it('says from which parameter applications read each alias', async () => {
    const { stdout } = await run('list advisor');
    expect(stdout).toMatch(
      /^ALIAS +READ AT\nSTAGING +\/prompts\/same\/advisor\/STAGING\nPROD +\/prompts\/same\/advisor\/PROD$/m,
    );
    expect((await run('list')).stdout).not.toContain('/prompts/same');
  });
});
