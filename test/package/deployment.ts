// npx tsx test/package/deployment.ts APP TARBALL [PREVIOUS]: deploys the app in the folder APP with the real cdk command to a
// local endpoint, from the previous tarball if there is one; then upgrades it to TARBALL, releases, fails, and uses the command.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startLocalAws } from '../../packages/local-aws';

const [app = '', tarball = '', previous] = process.argv.slice(2);
const CDK = require.resolve('aws-cdk/bin/cdk');
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

  try {
    if (previous) await install(previous);
    await cdk(['bootstrap', `aws://${aws.account}/${aws.region}`]);
    await deploy(undefined);
    await expectProd(previous ? 'first deploy, previous package' : 'first deploy', 'none');
    await deploy('1');
    await expectProd('release', '1');
    if (previous) {
      await install(tarball);
      await deploy(undefined);
      await expectProd('upgrade to this package', '1');
    }
    const changed = { TEXT: 'Sort {{ticket}} by urgency' };
    await deploy('2', { ...changed, FAILING: 'true' }, true);
    await expectProd('a release that fails', '1');
    await deploy('2', changed);
    await expectProd('the same without the failure', '2');
    await registry('rollback', 'sorter', 'PROD', '--yes');
    await expectProd('prompt-registry rollback', '1');
    await registry('status', 'sorter');
    console.log('prompt-registry status: all agree');
  } finally {
    await aws.stop();
  }
}

void main();
