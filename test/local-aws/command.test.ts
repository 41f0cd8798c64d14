import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startLocalAws } from '../../packages/local-aws';
import { readArguments } from '../../packages/local-aws/command/arguments';
import { shellExports } from '../../packages/local-aws/command/shell-exports';

const COMMAND = 'packages/local-aws/bin/local-aws.js';
const start = (...args: string[]) =>
  spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

describe('local-aws --json', () => {
  let running: ChildProcess;
  let said: { endpoint: string; account: string; region: string; environment: Record<string, string>; unset: string[] };
  beforeAll(async () => {
    running = start('--json', '--account', '444455556666', '--region', 'eu-central-1', '--adversary', '7', '--rates');
    const [line] = await once(createInterface(running.stdout as NodeJS.ReadableStream), 'line');
    said = JSON.parse(line);
  });
  afterAll(() => running.kill('SIGKILL'));

  it('says in one line where the endpoint is, and with which variables it is reached', async () => {
    expect(said).toMatchObject({ account: '444455556666', region: 'eu-central-1' });
    expect(said.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID = '',
      AWS_SECRET_ACCESS_KEY = '',
    } = said.environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const sts = new STSClient({ endpoint, region, credentials });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('444455556666');
    expect(said.unset).toContain('AWS_PROFILE');
  });

  it('leaves no port to a second one, which says so and ends', () => {
    const port = new URL(said.endpoint).port;
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, '--port', port], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `expected port ${port} to be free, found another process listening on it: choose another port, or none for a free one\n`,
    });
  });

  it('ends with 0 when it is interrupted', async () => {
    running.kill('SIGINT');
    expect(await once(running, 'exit')).toEqual([0, null]);
  });
});

describe('Arguments', () => {
  it.each([
    [['--port', '4566x'], "expected --port to be a whole number, found '4566x'"],
    [['--port', ''], "expected --port to be a whole number, found ''"],
    [['--port', '65536'], 'expected port to be a whole number from 0 (a free one) to 65535, found 65536'],
    [['--port', '1.5'], "expected --port to be a whole number, found '1.5'"],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--account', '1234'], "expected account to be 12 digits, found '1234'"],
    [['--account', '12345678901a'], "expected account to be 12 digits, found '12345678901a'"],
    [
      ['--region', 'us-east-1a'],
      "expected region to be one of the partition aws, such as us-east-1, found 'us-east-1a'",
    ],
    [
      ['--region', 'cn-north-1'],
      "expected region to be one of the partition aws, such as us-east-1, found 'cn-north-1'",
    ],
    [['--region', ''], "expected region to be one of the partition aws, such as us-east-1, found ''"],
    [['--adversary', 'evil'], "expected --adversary to be a whole number, found 'evil'"],
    [['--adversary=-1'], "expected --adversary to be a whole number, found '-1'"],
    [['--rates=5'], "Option '--rates' does not take an argument"],
    [['--bootstap'], "Unknown option '--bootstap'"],
    [['start'], "Unexpected argument 'start'"],
  ])('%j are refused', (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });

  it('that are fine become what startLocalAws() takes', () => {
    expect(
      readArguments(['--port', '0', '--region', 'ap-southeast-1', '--adversary', '0', '--rates']).endpoint,
    ).toEqual({
      port: 0,
      region: 'ap-southeast-1',
      cloudFormation: { seed: 0 },
      bedrock: { rateLimits: true },
      ssm: { rateLimits: true },
      lambda: { concurrency: 10 },
    });
    expect(readArguments([])).toEqual({ endpoint: {}, bootstrap: false, json: false, help: false });
  });

  it.each([[{ port: -1 }], [{ port: Number.NaN }], [{ account: 'mine' }], [{ region: 'moon' }]])(
    'startLocalAws(%j) refuses as well',
    async (options) => {
      await expect(startLocalAws(options)).rejects.toThrow(/^expected (port|account|region) to be/);
    },
  );
});

describe('Exports', () => {
  const odd = `it's $HOME "and" \`more\``;
  const { sh, powerShell } = shellExports({
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    URL: 'http://a:1/',
    ODD: odd,
  });

  it('for sh take away what must not be there, and hold any value', () => {
    const script = `${sh.join('\n')}\nprintf '%s|%s|%s' "\${AWS_PROFILE-away}" "$URL" "$ODD"`;
    const env = { ...process.env, AWS_PROFILE: 'mine', AWS_SESSION_TOKEN: 'old' };
    expect(execFileSync('sh', ['-c', script], { env, encoding: 'utf8' })).toBe(`away|http://a:1/|${odd}`);
  });

  it('for PowerShell likewise', () => {
    expect(powerShell).toEqual([
      'Remove-Item Env:AWS_PROFILE, Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue',
      `$env:URL = 'http://a:1/'`,
      `$env:ODD = 'it''s $HOME "and" \`more\`'`,
    ]);
  });

  it('take away endpoints of single services, which would go before the one of all', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'https://elsewhere.example');
    const aws = await startLocalAws();
    try {
      expect(aws.environment()).toMatchObject({ AWS_ENDPOINT_URL_S3: undefined });
      expect('AWS_ENDPOINT_URL_SSM' in aws.environment()).toBe(false);
    } finally {
      vi.unstubAllEnvs();
      await aws.stop();
    }
  });
});
