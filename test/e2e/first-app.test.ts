import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployer, type LocalAws, startLocalAws } from '../../packages/local-aws';

const COMMAND = resolve('dist/bin/prompt-registry.js');

/** Each release waits 15 s for IAM, and functions are bundled. */
const PATIENCE = 300_000;

let app: string;
let aws: LocalAws;

/** What `init` writes, with the packages of this checkout. */
beforeAll(async () => {
  app = join(mkdtempSync(join(tmpdir(), 'first-app-')), 'app');
  const { files } = JSON.parse(execFileSync(process.execPath, [COMMAND, 'init', app, '--json'], { encoding: 'utf8' }));
  expect(files).toContain('package.json');
  const { dependencies, devDependencies } = require(join(app, 'package.json'));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(name === 'cdk-prompt-registry' ? '.' : `node_modules/${name}`), link);
  }
  // npm install writes one, and the bundling of functions looks for it.
  copyFileSync('package-lock.json', join(app, 'package-lock.json'));
  aws = await startLocalAws();
});
afterAll(async () => {
  rmSync(dirname(app), { recursive: true });
  await aws.stop();
});

/** Not `spawnSync`: the endpoint is in this process, and `cdk` asks it who is calling. */
const node = (args: readonly string[], env = {}) =>
  new Promise<{ status: number | null; output: string }>((ended) => {
    const child = spawn(process.execPath, args, { cwd: app, env: { ...process.env, ...env }, timeout: 100_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('close', (status) => ended({ status, output }));
  });

test('its TypeScript is strict and compiles, and its test passes', async () => {
  expect(await node(['node_modules/typescript/bin/tsc'])).toEqual({ status: 0, output: '' });
  const { status, output } = await node(
    ['--import', 'tsx', '--test', ...readdirSync(join(app, 'test')).map((name) => join('test', name))],
    {
      CDK_VALIDATION: 'false',
    },
  );
  expect(status, output).toBe(0);
});

test(
  'its environments deploy next to each other, and the application runs what was released',
  async () => {
    const deployer = new Deployer(aws);
    mkdirSync(join(app, 'prompts/team/old.prompt'), { recursive: true });
    writeFileSync(join(app, 'prompts/team/nested.prompt'), 'Be brief');
    writeFileSync(join(app, 'prompts/team/_part.prompt'), 'Be kind');
    for (const name of ['prod', 'dev']) {
      const assembly = join(app, `cdk.out-${name}`);
      const cdk = ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '-o', assembly, '-c', `env=${name}`];
      const { status, output } = await node([...cdk, '--no-notices'], aws.environment());
      expect(status, output).toBe(0);
      const parameters: Record<string, string> =
        name === 'prod' ? { GreetingProdVersion: '1', SupportProdVersion: '1' } : {};
      const prompts = await deployer.deploy(`Prompts-${name}`, assembly, { parameters });
      expect(prompts).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
      const stack = `Application-${name}`;
      expect((await deployer.deploy(stack, assembly)).failures).toEqual([]);

      const { FunctionName = '' } = await deployer.outputs(stack);
      expect(await answerOf(FunctionName, { name: 'Ada' })).toContain('Greet Ada in one friendly sentence.');
      expect(await answerOf(FunctionName, { question: 'Where is 1815?' })).toContain('user: Where is 1815?');
    }
    const typesOf = async (...args: string[]) => (await node([COMMAND, 'types', ...args, '--out', '-'])).output;
    const deployed = await typesOf('--app', 'cdk.out-dev');
    expect(deployed).toContain('nested: {');
    expect((await typesOf('prompts')).replace(/^(note|[^\n]*skipped).*\n/gm, '')).toBe(deployed);
  },
  PATIENCE,
);

async function answerOf(FunctionName: string, event: object): Promise<string> {
  const { endpoint, region, operator } = aws;
  const lambda = new LambdaClient({ endpoint, region, credentials: operator });
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  return String(JSON.parse(Buffer.from(Payload ?? []).toString()));
}
