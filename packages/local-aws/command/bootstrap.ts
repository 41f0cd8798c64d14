import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Environment } from '../environment';

/**
 * Runs `cdk bootstrap` against an endpoint, with the CLI of the project in the working directory, until `signal` ends it.
 * @throws Error where it fails
 */
export async function bootstrap(
  account: string,
  region: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [cdk(), 'bootstrap', `aws://${account}/${region}`, '--no-notices'], {
    // No app is needed, and one in the working directory would be synthesized.
    cwd: __dirname,
    signal,
    env: {
      ...process.env,
      ...environment,
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      NODE_NO_WARNINGS: '1',
      CI: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) {
    throw new Error(`expected cdk bootstrap to succeed, found exit code ${code}:\n${output.trimEnd()}`);
  }
}

function cdk(): string {
  for (const from of [join(process.cwd(), 'package.json'), __filename]) {
    try {
      return createRequire(from).resolve('aws-cdk/bin/cdk');
    } catch {
      // The next place.
    }
  }
  throw new Error('expected the CDK CLI to be installed here, found none: npm install --save-dev aws-cdk');
}
