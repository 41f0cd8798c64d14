import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreatePromptVersionCommand, DeletePromptCommand, paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromptClient } from '../../client';
import { aliasParameterId } from '../../core/contract/names';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { startCommand } from '../cli/command-process';
import { StackDeployer } from '../stack-deployer';
import { assumeRole, clientsOf } from './clients';

const [OLD, NEW] = ['amazon.nova-pro-v1:0', 'us.amazon.nova-lite-v1:0'];
const COUNT = 40;
const NAMES = Array.from({ length: COUNT }, (_, index) => `prompt-${String(index + 1).padStart(2, '0')}`);
const STACK = 'Prompts';
const PREFIX = '/prompts';
/** It runs on the new model before the swap: a rollback of the swap leaves it alone. */
const ALREADY = 'already-there';
/** Its PROD gets a new version in steps. */
const ROLLING = NAMES[COUNT - 2];

let aws: LocalAws;
let deployer: StackDeployer;
let folder: string;
/** What CloudFormation fails at. */
let fault = (_logicalId: string, _step: string): boolean => false;

const path = (name: string) => join(folder, 'prompts', `${name}.prompt`);
const source = (model: string) =>
  `---\nmodel: ${model}\ninput:\n  schema:\n    ticker: string\n---\nExplain {{ticker}}\n`;

function fill(stack: Stack): void {
  const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
  const role = new Role(stack, 'Application', { roleName: 'application', assumedBy: new AccountRootPrincipal() });
  for (const promptName of [...NAMES, ALREADY]) {
    const prompt = new Prompt(stack, promptName, { registry, variant: PromptVariant.fromFile(path(promptName)) });
    prompt.addAlias('STAGING');
    const rollout = Rollout.steps([5], { bake: Duration.minutes(10) });
    const rolling = promptName === ROLLING ? { callableVersions: 3, rollout } : {};
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter(), ...rolling });
    // A role takes 10 policies of its own: the callers' loop uses some of the prompts.
    if (CALLED.includes(promptName)) prod.grants.invoke(role);
  }
}
const CALLED = NAMES.slice(0, 5);

beforeAll(async () => {
  aws = await startLocalAws({ cloudFormation: { failAt: (id, step) => fault(id, step) } });
  deployer = new StackDeployer(aws);
  folder = mkdtempSync(join(tmpdir(), 'swap-'));
  mkdirSync(join(folder, 'prompts'));
  for (const name of NAMES) writeFileSync(path(name), source(OLD));
  writeFileSync(path(ALREADY), source(NEW));
  await deployer.deployStack(STACK, fill);
  const parameters = Object.fromEntries([...NAMES, ALREADY].map((name) => [aliasParameterId(name, 'PROD'), '1']));
  await deployer.deployStack(STACK, fill, parameters);
}, 300_000);
afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: string) => startCommand(args.split(' '), aws.environment(), folder).finished;
const files = () =>
  new Map(
    readdirSync(join(folder, 'prompts')).map((name) => [name, readFileSync(join(folder, 'prompts', name), 'utf8')]),
  );

async function prodModels(): Promise<Map<string, number>> {
  const { aliases } = JSON.parse((await run('manifest --json')).stdout) as {
    aliases: { alias: string; model: string }[];
  };
  const counts = new Map<string, number>();
  for (const { alias, model } of aliases) if (alias === 'PROD') counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}

/** Applications that go on calling, each through the alias that it reads at run time; until the answer is asked for. */
async function callers() {
  const { runtime, ssm, bedrock } = await assumeRole(aws, 'application');
  const own = { ssm, bedrockAgent: bedrock, logger: false, metrics: false } as const;
  const prompts = new PromptClient({ parameterPrefix: PREFIX, alias: 'PROD', ttl: 50, ...own });
  const errors: unknown[] = [];
  let calls = 0;
  let isOver = false;
  const loop = async (name: string) => {
    while (!isOver) {
      try {
        await prompts.run(name, { ticker: 'AMZN' }, (request) => runtime.send(new ConverseCommand(request)));
        calls += 1;
      } catch (error) {
        errors.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const loops = CALLED.map(loop);
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return { calls, errors };
  };
}

const executions = () => aws.calls.filter(({ operation }) => operation === 'ExecuteChangeSet').length;

/** The command while applications call; no caller may see an error. */
async function releasedWithCallers(args: string) {
  const before = executions();
  const end = await callers();
  const finished = await run(args);
  const { calls, errors } = await end();
  expect(errors).toEqual([]);
  expect(calls).toBeGreaterThan(CALLED.length);
  expect(executions() - before).toBe(1);
  return finished;
}

describe('40 prompts on another model', { timeout: 300_000 }, () => {
  it('a prompt without room for a version is named before a file changes', async () => {
    const full = NAMES.at(-1) ?? '';
    const { bedrock } = clientsOf(aws);
    let promptIdentifier: string | undefined;
    for await (const { promptSummaries = [] } of paginateListPrompts({ client: bedrock }, {})) {
      promptIdentifier ??= promptSummaries.find(({ name }) => name === full)?.id;
    }
    const byHand = [];
    for (let count = 1; count < 10; count++) {
      byHand.push((await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier }))).version);
    }
    const before = files();
    const { code, stderr } = await run(`models swap ${OLD} ${NEW}`);
    expect(stderr).toMatch(
      /1 prompt without room for a version: prompt-40[\s\S]*version 2: this registry did not make it/,
    );
    expect(code).toBe(1);
    expect(files()).toEqual(before);
    for (const promptVersion of byHand)
      await bedrock.send(new DeletePromptCommand({ promptIdentifier, promptVersion }));
  });

  it('is one line of each file', async () => {
    await run('models refresh');
    const before = files();
    const { code, stdout, stderr } = await run(`models swap ${OLD} ${NEW}`);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/40 files, one line each/);
    const changed = [...files()].filter(([name, text]) => text !== before.get(name));
    expect(changed).toHaveLength(COUNT);
    for (const [name, text] of changed) {
      const lines = text.split('\n').filter((line, index) => line !== before.get(name)?.split('\n')[index]);
      expect(lines).toEqual([`model: ${NEW}`]);
    }
  });

  it('is published once each, and STAGING follows', async () => {
    const published = () => aws.calls.filter(({ operation }) => operation === 'CreatePromptVersion').length;
    const before = published();
    await deployer.deployStack(STACK, fill);
    expect(published() - before).toBe(COUNT);
    expect(await prodModels()).toEqual(
      new Map([
        [OLD, COUNT],
        [NEW, 1],
      ]),
    );
  });

  it('goes nowhere where one of the releases fails', async () => {
    fault = (id, step) => step === 'Update' && /^Prompt21ProdParameter/.test(id);
    const { code, stderr } = await run(`models promote ${NEW} PROD --yes`);
    fault = () => false;
    expect(stderr).toMatch(/rolled the releases back: all aliases are where they were/);
    expect(code).toBe(4);
    expect(await prodModels()).toEqual(
      new Map([
        [OLD, COUNT],
        [NEW, 1],
      ]),
    );
  });

  it('is promoted in one change set, and no caller sees an error', async () => {
    const { code, stdout, stderr } = await releasedWithCallers(`models promote ${NEW} PROD --yes --reason swap`);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/prompt-39 +PROD +1, rolls out 2\n/);
    expect(stdout).toMatch(/39 aliases moved, 1 rollout begun/);
    expect(await prodModels()).toEqual(
      new Map([
        [OLD, 1],
        [NEW, COUNT],
      ]),
    );
    const again = await run(`models promote ${NEW} PROD --yes --prompts prompt-0*`);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/no prompt of stack Prompts has STAGING on/);
  });

  it('comes back in one change set, all of it and nothing else', async () => {
    const { code, stdout, stderr } = await releasedWithCallers(`models rollback ${NEW} PROD --yes`);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/prompt-39 +PROD +1, ends the rollout of 2\n/);
    expect(stdout).toMatch(/39 aliases moved, 1 rollout ended/);
    expect(await prodModels()).toEqual(
      new Map([
        [OLD, COUNT],
        [NEW, 1],
      ]),
    );
  });
});
