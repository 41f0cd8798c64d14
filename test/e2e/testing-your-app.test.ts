import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { markdownBlocks } from '../docs/markdown';

const LINKS: Record<string, string> = {
  'cdk-prompt-registry': '.',
  'cdk-prompt-registry-local-aws': 'packages/local-aws/dist',
  ...Object.fromEntries(
    [
      'vitest',
      'typescript',
      '@types/node',
      'aws-cdk-lib',
      'aws-cdk',
      'constructs',
      '@aws-sdk/client-bedrock-runtime',
    ].map((name) => [name, `node_modules/${name}`]),
  ),
};

/** A project of a user's, outside this one. */
let project: string;

beforeAll(() => {
  execFileSync(process.execPath, ['packages/local-aws/build.mjs']);
  project = mkdtempSync(join(tmpdir(), 'testing-your-app-'));
  for (const [name, target] of Object.entries(LINKS)) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(target), link);
  }
  writeFileSync(join(project, 'package.json'), '{ "name": "app", "private": true }');
});
afterAll(() => rmSync(project, { recursive: true }));

test('the test on the page passes in a project of its own, whatever profile is set', () => {
  const [example] = markdownBlocks('docs/testing-your-app.md').filter(({ language }) => language === 'ts');
  writeFileSync(join(project, 'prompts.test.ts'), example?.text ?? '');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=result.json'],
    { cwd: project, env: { ...process.env, AWS_PROFILE: 'mine', VITEST: undefined }, encoding: 'utf8' },
  );
  expect({ status, stderr }, stdout).toMatchObject({ status: 0 });
  expect(JSON.parse(readFileSync(join(project, 'result.json'), 'utf8'))).toMatchObject({
    numPassedTests: 1,
    numTotalTests: 1,
  });
});

test('its types hold under a strict project of today, and its JavaScript runs without a loader', () => {
  const compilerOptions = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['prompts.test.ts'] }));
  const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  expect(node('node_modules/typescript/bin/tsc', '-p', '.').stdout).toBe('');
  const script = `
    const { Deployer, startLocalAws } = require('cdk-prompt-registry-local-aws');
    (async () => {
      const aws = await startLocalAws();
      const Resources = { P: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } } };
      console.log((await new Deployer(aws).deployTemplate('Mine', JSON.stringify({ Resources }))).status);
      await aws.stop();
    })();`;
  expect(node('-e', script).stdout).toBe('CREATE_COMPLETE\n');
});

test('local-aws --bootstrap: the CDK CLI deploys to it with what it prints', async () => {
  const running = spawn(process.execPath, [resolve('packages/local-aws/dist/local-aws.js'), '--json', '--bootstrap'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface(running.stdout), 'line');
    const { environment, unset } = JSON.parse(line);
    const taken = Object.fromEntries(unset.map((name: string) => [name, undefined]));
    writeFileSync(
      join(project, 'app.js'),
      "const { App, Stack, CfnOutput } = require('aws-cdk-lib');\nconst { StringParameter } = require('aws-cdk-lib/aws-ssm');\nconst stack = new Stack(new App(), 'Mine');\nnew StringParameter(stack, 'P', { stringValue: 'x' });\nnew CfnOutput(stack, 'Out', { value: 'here' });\n",
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['node_modules/aws-cdk/bin/cdk', 'deploy', 'Mine', '--app', 'node app.js', '--no-notices'],
      { cwd: project, env: { ...process.env, ...environment, ...taken, CI: 'true' }, encoding: 'utf8' },
    );
    expect({ status, stderr }, stderr).toMatchObject({ status: 0 });
    expect(stdout).toContain('Mine.Out = here');
  } finally {
    running.kill('SIGINT');
  }
  expect(await once(running, 'exit')).toEqual([0, null]);
});
