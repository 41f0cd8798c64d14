// npx tsx test/package/deployment.ts APP TARBALL [PREVIOUS]: deploys the app in the folder APP with the real cdk command to a
// local endpoint, from the previous tarball if there is one; then upgrades it to TARBALL, releases, fails, uses the command,
// and rolls a version out, of which a client of the previous package knows nothing.
import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startLocalAws } from '../../packages/local-aws';

const [app = '', tarball = '', previous] = process.argv.slice(2);
const CDK = require.resolve('aws-cdk/bin/cdk');
const CLOCK = join(__dirname, '../cli/shifted-clock.cjs');
const READ = `const { PromptClient } = require(process.argv[1]);
new PromptClient({ parameterPrefix: '/prompts/prod', alias: 'PROD', logger: false, metrics: false })
  .get('sorter', { targetingKey: 'anybody' })
  .then(({ version }) => console.log(version));`;
const QUIET = {
  ...{ CDK_VALIDATION: 'false', CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' },
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

async function main(): Promise<void> {
  const aws = await startLocalAws();
  const ssm = new SSMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
  const environment = { ...process.env, ...QUIET, ...aws.environment() };

  const run = async (command: string, args: string[], own: Record<string, string>, isToFail = false) => {
    const child = spawn(command, args, {
      cwd: app,
      env: { ...environment, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if ((code !== 0) !== isToFail) throw new Error(`${args.join(' ')} ended with ${code}\n${output}`);
    return output;
  };
  const install = (file: string) => run('npm', ['install', '--no-audit', '--no-fund', file], {});
  const cdk = (args: string[], own: Record<string, string> = {}, isToFail = false) =>
    run(process.execPath, [CDK, ...args, '--app', `${process.execPath} app.js`, '--no-notices'], own, isToFail);
  const deploy = (version: string | undefined, own: Record<string, string> = {}, isToFail = false) =>
    cdk(
      ['deploy', '--require-approval', 'never', ...(version ? ['--parameters', `SorterProdVersion=${version}`] : [])],
      own,
      isToFail,
    );
  const registry = (...args: string[]) => run(join(app, 'node_modules/.bin/prompt-registry'), args, {});
  const expectProd = async (what: string, expected: string) => {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/prompts/prod/sorter/PROD' }));
    const found = Parameter?.Value?.split(':').pop();
    console.log(`${what}: PROD ${found}`);
    if (found !== expected) throw new Error(`${what}: expected PROD at ${expected}, found ${found}`);
  };
  /** Minutes take a second each, in which the controller comes as often, until its first step holds. */
  const begun = async () => {
    const Name = '/prompts/prod/sorter/PROD/rollout-progress';
    const at = async () =>
      /"at":"([^"]+)"/.exec((await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '');
    aws.setSpeed(60);
    while (((await at())?.[1] ?? '~') > aws.now().toISOString()) await sleep(200);
    aws.setSpeed(1);
    await aws.idle();
  };
  /** What a client reads, by the endpoint's clock. */
  const expectClient = async (what: string, client: string, expected: string) => {
    const shift = { NODE_OPTIONS: `--require ${CLOCK}`, CLOCK_SHIFT_MS: String(aws.now().getTime() - Date.now()) };
    const found = (await run(process.execPath, ['-e', READ, client], shift)).trim().split('\n').at(-1);
    console.log(`${what}: version ${found}`);
    if (found !== expected) throw new Error(`${what}: expected version ${expected}, found ${found}`);
  };

  try {
    if (previous) await install(previous);
    await cdk(['bootstrap', `aws://${aws.account}/${aws.region}`]);
    await deploy(undefined);
    await expectProd(previous ? 'first deploy, previous package' : 'first deploy', 'none');
    await deploy('1');
    await expectProd('release', '1');
    const changed = { TEXT: 'Sort {{ticket}} by urgency' };
    const rolling = { ...changed, ROLLING: 'true' };
    if (previous) {
      await install(tarball);
      await deploy('1..2', { ...rolling, FAILING: 'true' }, true);
      await expectProd('an upgrade that begins a rollout, and fails', '1');
      await deploy(undefined);
      await expectProd('upgrade to this package', '1');
    }
    await deploy('2', { ...changed, FAILING: 'true' }, true);
    await expectProd('a release that fails', '1');
    await deploy('2', changed);
    await expectProd('the same without the failure', '2');
    await registry('rollback', 'sorter', 'PROD', '--yes');
    await expectProd('prompt-registry rollback', '1');
    await registry('status', 'sorter');
    console.log('prompt-registry status: all agree');

    await deploy('1..2', rolling);
    await expectProd('a rollout', '1');
    await begun();
    symlinkSync(join(__dirname, '../../node_modules/@aws-sdk'), join(app, 'node_modules/@aws-sdk'));
    await expectClient('client of this package', join(app, 'node_modules/cdk-prompt-registry/dist/client'), '2');
    if (previous) await expectClient('client of the previous package', join(dirname(previous), 'dist/client'), '1');
    await registry('promote', 'sorter', 'PROD', '--to', 'v1.0', '--yes');
    await expectProd('the rollout settled by its tag', '2');
  } finally {
    await aws.stop();
  }
}

void main();
