import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployed, Deployer, type LocalAws, startLocalAws } from '../../packages/local-aws';
import { markdownBlocks } from '../docs/markdown';
import { clientsOf } from './clients';

// Inside the repository, so that its packages are found.
const FOLDER = resolve('.docs-pipelines');
const PATIENCE = 300_000;
const PAGE = markdownBlocks('docs/pipelines.md').find(({ language }) => language === 'ts')?.text ?? '';
const COMPLETE = { status: expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/), failures: [] };
const ENVIRONMENT = { ...process.env, CDK_VALIDATION: 'false', NODE_NO_WARNINGS: '1' };

/** An action of the pipeline, by stage. */
interface Action {
  readonly Name: string;
  readonly RunOrder: number;
  readonly ActionTypeId: { readonly Category: string };
  readonly Configuration?: Readonly<Record<string, string>>;
}

let staging: LocalAws;
let prod: LocalAws;

beforeAll(async () => {
  staging = await startLocalAws({ account: '111122223333' });
  prod = await startLocalAws({ account: '444455556666' });
});
afterAll(async () => {
  await Promise.all([staging.stop(), prod.stop()]);
  rmSync(FOLDER, { recursive: true, force: true });
});

/** The app of the page, with this text in its prompt file. */
function write(text: string, app = PAGE): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(join(FOLDER, 'prompts'), { recursive: true });
  const model = 'model: amazon.nova-pro-v1:0\ninput:\n  schema:\n    name: string';
  writeFileSync(join(FOLDER, 'prompts/greeting.prompt'), `---\n${model}\n---\n${text}`);
  // Not the wait for IAM of a real account.
  const quick = app.replace('{ parameterPrefix }', '{ parameterPrefix, policyPropagation: Duration.seconds(0) }');
  writeFileSync(join(FOLDER, 'app.ts'), quick.replace('{ App, ', '{ App, Duration, '));
  const paths = { 'cdk-prompt-registry': [resolve('lib/index.ts')] };
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions: { paths } }));
}

function synthesize(): CloudAssembly {
  const outdir = join(FOLDER, 'cdk.out');
  execFileSync(process.execPath, [resolve('node_modules/tsx/dist/cli.mjs'), 'app.ts'], {
    cwd: FOLDER,
    env: { ...ENVIRONMENT, CDK_OUTDIR: outdir },
  });
  return new CloudAssembly(outdir);
}

/** What the pipeline does with the stages' stacks, in the order of its run. */
function actionsOf(assembly: CloudAssembly): { stage: string; action: Action }[] {
  const resources = Object.values(assembly.getStackByName('Release').template.Resources) as {
    Type: string;
    Properties: { Stages: { Name: string; Actions: Action[] }[] };
  }[];
  const stages = resources.find(({ Type }) => Type === 'AWS::CodePipeline::Pipeline')?.Properties.Stages ?? [];
  return stages.flatMap(({ Name, Actions }) =>
    [...Actions].sort((a, b) => a.RunOrder - b.RunOrder).map((action) => ({ stage: Name, action })),
  );
}

/** Runs the pipeline's CloudFormation actions as CodePipeline does: parameters that it does not give take their Default. */
async function runPipeline(assembly: CloudAssembly, part: 'all' | 'to Approve' | 'from Approve' = 'all') {
  const deployed: Deployed[] = [];
  const actions = actionsOf(assembly);
  const approval = actions.findIndex(({ action }) => action.Name === 'Approve');
  const [first, end] = [part === 'from Approve' ? approval : 0, part === 'to Approve' ? approval : actions.length];
  for (const { stage, action } of actions.slice(first, end)) {
    if (action.Configuration?.ActionMode !== 'CHANGE_SET_EXECUTE') continue;
    const aws = stage === 'Prod' ? prod : staging;
    const { artifact, template } = stackOf(assembly, action.Configuration.StackName ?? '');
    const reset = Object.keys(template.Parameters ?? {}).filter((name) => name !== 'BootstrapVersion');
    deployed.push(await new Deployer(aws).deploy(artifact, assembly, { reset }));
  }
  return deployed;
}

function stackOf(assembly: CloudAssembly, name: string) {
  const found = assembly.stacksRecursively.find(({ stackName }) => stackName === name);
  if (!found) throw new Error(`expected ${name} among ${assembly.stacksRecursively.map(({ id }) => id)}`);
  return { artifact: found.stackName, template: found.template };
}

async function pointer(aws: LocalAws, name: string): Promise<string | undefined> {
  const { Parameter } = await clientsOf(aws).ssm.send(new GetParameterCommand({ Name: name }));
  return Parameter?.Value?.split(':').at(-1);
}

describe('The pipeline of docs/pipelines.md', { timeout: PATIENCE }, () => {
  const live = async () => ({
    staging: await pointer(staging, '/prompts/staging/greeting/LIVE'),
    prod: await pointer(prod, '/prompts/prod/greeting/LIVE'),
  });

  it('deploys Staging, waits for the approval, then deploys Prod; a commit that is taken back goes back', async () => {
    write('Greet {{name}}.');
    const first = synthesize();
    const run = actionsOf(first).flatMap(({ stage, action: { Name, ActionTypeId, Configuration } }) =>
      stage === 'Staging' || stage === 'Prod'
        ? [`${stage} ${Configuration?.ActionMode ?? ActionTypeId.Category} ${Name}`]
        : [],
    );
    expect(run).toEqual([
      'Staging CHANGE_SET_REPLACE Prepare',
      'Staging CHANGE_SET_EXECUTE Deploy',
      'Prod Approval Approve',
      'Prod CHANGE_SET_REPLACE Prompts.Prepare',
      'Prod CHANGE_SET_EXECUTE Prompts.Deploy',
    ]);
    expect(actionsOf(first).every(({ action }) => action.Configuration?.ParameterOverrides === undefined)).toBe(true);

    expect(await runPipeline(first)).toEqual([COMPLETE, COMPLETE]);
    expect(await live()).toEqual({ staging: '1', prod: '1' });

    write('Greet {{name}} warmly.');
    const second = synthesize();
    expect(await runPipeline(second, 'to Approve')).toEqual([COMPLETE]);
    expect(await live()).toEqual({ staging: '2', prod: '1' });
    expect(await runPipeline(second, 'from Approve')).toEqual([COMPLETE]);
    expect(await live()).toEqual({ staging: '2', prod: '2' });

    write('Greet {{name}}.');
    expect(await runPipeline(synthesize())).toEqual([COMPLETE, COMPLETE]);
    expect(await live()).toEqual({ staging: '1', prod: '1' });
  });
});

describe('A stage that the cdk command deploys', { timeout: PATIENCE }, () => {
  const withParameter = PAGE.replace(
    "addAlias('LIVE')",
    "addAlias('LIVE', { target: AliasTarget.parameter() })",
  ).replace('{ Prompt, ', '{ AliasTarget, Prompt, ');
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws({ account: '111122223333' });
  });
  afterAll(() => aws.stop());

  /** Not synchronously: this process serves its requests. */
  function cdk(...args: string[]): Promise<{ code: number | null; output: string }> {
    const app = `${process.execPath} ${resolve('node_modules/tsx/dist/cli.mjs')} app.ts`;
    const quiet = { CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' };
    const NODE_OPTIONS = `--require "${join(__dirname, 'short-waits.cjs')}"`;
    const child = spawn(
      process.execPath,
      [require.resolve('aws-cdk/bin/cdk'), ...args, '--app', app, '--no-notices', '--progress', 'events'],
      { cwd: FOLDER, env: { ...ENVIRONMENT, ...quiet, NODE_OPTIONS, ...aws.environment() } },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, output })));
  }

  it('releases by its parameter and keeps it; a pipeline that resets it is refused, and nothing moves', async () => {
    const live = () => pointer(aws, '/prompts/staging/greeting/LIVE');
    const deploy = (...more: string[]) =>
      cdk('deploy', 'Release/Staging/*', '--require-approval', 'never', ...more).then(({ code, output }) => {
        expect(code, output).toBe(0);
      });
    write('Greet {{name}}.', withParameter);
    expect((await cdk('bootstrap', `aws://${aws.account}/${aws.region}`)).code).toBe(0);
    await deploy('--parameters', 'GreetingLiveVersion=1');
    expect(await live()).toBe('1');

    write('Greet {{name}} warmly.', withParameter);
    await deploy();
    expect(await live()).toBe('1');

    write('Greet {{name}} twice.', withParameter);
    const assembly = synthesize();
    const reset = ['GreetingLiveVersion'];
    const { status, failures } = await new Deployer(aws).deploy('Staging-Prompts', assembly, { reset });
    expect([status, failures.join()]).toEqual([
      'UPDATE_ROLLBACK_COMPLETE',
      expect.stringContaining('NoneAfterVersion: alias LIVE of prompt greeting points at version 1'),
    ]);
    expect(await live()).toBe('1');
  });
});
