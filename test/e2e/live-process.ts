import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentClient, ListPromptsCommand } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CdkCli } from '../../bin/demo/cdk-cli';
import { preloaded } from '../../bin/demo/preloaded';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';
import type { LiveReport } from '../live/report';

const ROOT = join(__dirname, '../..');

export interface LiveRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** With --json. */
  readonly report: LiveReport;
}

export interface RunChoice {
  /** Typed at the question. */
  readonly input?: string;
  readonly environment?: Record<string, string>;
  /** Gets the process as soon as it runs. */
  readonly meanwhile?: (child: ChildProcess) => void;
}

/** An account at a local endpoint with a profile for it, and `npm run live` as a process that knows no more than that. */
export class LiveWorld {
  private readonly scratch = mkdtempSync(join(tmpdir(), 'live-world-'));

  private constructor(readonly aws: LocalAws) {
    const { accessKeyId, secretAccessKey } = aws.operator;
    writeFileSync(join(this.scratch, 'config'), `[profile sandbox]\nregion = ${aws.region}\n\n[profile nowhere]\n`);
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    writeFileSync(join(this.scratch, 'credentials'), `[sandbox]\n${keys}\n[nowhere]\n${keys}`);
  }

  static async start(options: LocalAwsOptions): Promise<LiveWorld> {
    return new LiveWorld(await startLocalAws(options));
  }

  async bootstrap(): Promise<void> {
    const { aws } = this;
    const cdk = new CdkCli(preloaded(aws.environment(), 'e2e/short-waits.cjs'), join(this.scratch, 'cdk.out'));
    const { code, output } = await cdk.run(['bootstrap', `aws://${aws.account}/${aws.region}`]);
    if (code !== 0) throw new Error(output);
  }

  async stop(): Promise<void> {
    await this.aws.stop();
    rmSync(this.scratch, { recursive: true, force: true });
  }

  async run(args: readonly string[], { input = '', environment, meanwhile }: RunChoice = {}): Promise<LiveRun> {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'test/live/run.ts'), ...args], {
      cwd: ROOT,
      env: {
        ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', NODE_NO_WARNINGS: '1' },
        ...{ AWS_ENDPOINT_URL: this.aws.endpoint, AWS_EC2_METADATA_DISABLED: 'true' },
        AWS_CONFIG_FILE: join(this.scratch, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(this.scratch, 'credentials'),
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.end(input);
    meanwhile?.(child);
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve),
    );
    const report: LiveReport = stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
    return { code, stdout, stderr, report };
  }

  /** All that the account holds but for what the bootstrap made. */
  async remains(): Promise<string[]> {
    const { endpoint, region, operator } = this.aws;
    const settings = { endpoint, region, credentials: operator };
    const { Stacks = [] } = await new CloudFormationClient(settings).send(new DescribeStacksCommand({}));
    const { promptSummaries = [] } = await new BedrockAgentClient(settings).send(new ListPromptsCommand({}));
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const { Functions = [] } = await new LambdaClient(settings).send(new ListFunctionsCommand({}));
    const { Parameters = [] } = await new SSMClient(settings).send(new DescribeParametersCommand({}));
    const names = [
      ...Stacks.map(({ StackName }) => StackName),
      ...promptSummaries.map(({ name }) => name),
      ...Buckets.map(({ Name }) => Name),
      ...Functions.map(({ FunctionName }) => FunctionName),
      ...Parameters.map(({ Name }) => Name),
    ];
    return names.flatMap((name) => (!name || /^(CDKToolkit$|cdk-|\/cdk-bootstrap\/)/.test(name) ? [] : name)).sort();
  }
}
