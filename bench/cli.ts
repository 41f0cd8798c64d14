import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { awsClients } from '../cli/aws-clients';
import { list } from '../cli/commands/list';
import { Interruption } from '../cli/interruption';
import { Registry } from '../cli/registry';
import type { RegistryStack, StackAlias } from '../cli/registry-stack';
import { Terminal } from '../cli/terminal';
import { logicalId } from '../core/contract/names';
import { bedrockAgent } from '../packages/local-aws/bedrock/bedrock-agent';
import { PromptStore } from '../packages/local-aws/bedrock/prompt-store';
import { s3 } from '../packages/local-aws/s3/s3';
import { ssm } from '../packages/local-aws/ssm/ssm';
import { serve } from '../test/local-aws/serve';

const RUNS = 7;
const PROMPTS = 500;
const READS_PER_SECOND = 10;
const COMMAND = 'dist/bin/prompt-registry.js';

/** Prints what the command's speed is, beside what it is measured against. Run after `npm run build`. */
async function main(): Promise<void> {
  coldStart();
  longDiffs();
  await longList();
}

function coldStart(): void {
  const ours = medianMs(() => node([COMMAND, '--version']));
  const theirs = medianMs(() => node([require.resolve('aws-cdk/bin/cdk'), '--version']));
  const bare = medianMs(() => node(['-e', '0']));
  line(
    '--version, cold',
    `${ours} ms`,
    `cdk --version ${theirs} ms, ratio ${(ours / theirs).toFixed(2)}; node alone ${bare} ms`,
  );
}

function longDiffs(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cli-'));
  try {
    for (const [name, changes] of [
      ['every 50th word changed', 50],
      ['every 3rd word changed', 3],
      ['nothing in common', 1],
    ] as const) {
      const a = join(folder, 'a.prompt');
      const b = join(folder, 'b.prompt');
      writeFileSync(
        a,
        promptFile((index) => `word${(index * 7919) % 5003}`),
      );
      writeFileSync(
        b,
        promptFile((index) =>
          index % changes === 0 ? `other${(index * 6101) % 5003}` : `word${(index * 7919) % 5003}`,
        ),
      );
      const ms = medianMs(() => node([COMMAND, 'diff', 'a', `file:${a}`, `file:${b}`, '--words']), 3);
      line('diff of two 200,000-character prompts', `${ms} ms`, `${name}, process included`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 200,000 characters in lines of 12 words. */
function promptFile(word: (index: number) => string): string {
  let text = '';
  for (let index = 0; text.length < 199_980; index++) text += word(index) + (index % 12 === 11 ? '\n' : ' ');
  return `---\nmodel: amazon.nova-pro-v1:0\n---\n${text}`;
}

async function longList(): Promise<void> {
  const store = new PromptStore();
  const served = await serve(() => [bedrockAgent(store, { rateLimits: true }), ssm(), s3()]);
  const timer = setInterval(() => {
    served.clock.time = new Date();
  }, 1);
  const { endpoint, region, credentials } = served.administrator;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    NODE_NO_WARNINGS: '1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
  });
  const clients = awsClients({});
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'ledger' }));
  const stack = await registryOf(PROMPTS, store, clients);
  const notices = new PassThrough();
  const terminal = new Terminal({
    stdout: new PassThrough().resume(),
    stderr: notices.resume(),
    stdin: new PassThrough(),
    env: {},
  });
  const started = performance.now();
  await list.run({
    terminal,
    positionals: [],
    values: {},
    interruption: new Interruption(),
    now: () => new Date(),
    commands: [],
    openRegistry: async () => new Registry(clients, stack),
  });
  const seconds = (performance.now() - started) / 1000;
  const reads = served.calls.filter(({ operation }) => operation === 'ListPrompts');
  const refused = reads.filter(({ status }) => status !== 200).length;
  const floor = (reads.length - refused) / READS_PER_SECOND;
  line(
    `list over ${PROMPTS} prompts`,
    `${seconds.toFixed(1)} s`,
    `floor ${floor.toFixed(1)} s at ${READS_PER_SECOND} reads a second, ${refused} reads refused`,
  );
  clearInterval(timer);
  await served.stop();
}

async function registryOf(
  count: number,
  store: PromptStore,
  { ssm: parameters }: ReturnType<typeof awsClients>,
): Promise<RegistryStack> {
  const aliases: StackAlias[] = [];
  const resources = new Map<string, { type: string; physicalId: string }>();
  for (let index = 0; index < count; index++) {
    const promptName = `prompt-${index}`;
    const { arn, id } = store.create(
      'arn:aws:bedrock:us-east-1:111122223333:prompt/',
      { name: promptName },
      new Date(),
    );
    for (let version = 0; version < 3; version++) {
      store.publish({ id, arn, promptArn: arn, version: 'DRAFT' }, undefined, new Date());
    }
    resources.set(logicalId('/bench', promptName, undefined, 'Prompt'), {
      type: 'AWS::Bedrock::Prompt',
      physicalId: arn,
    });
    aliases.push({
      promptName,
      aliasName: 'PROD',
      parameterId: undefined,
      sourceTarget: undefined,
      callableVersions: 2,
    });
    await parameters.send(
      new PutParameterCommand({ Name: `/bench/${promptName}/PROD`, Value: `${arn}:3`, Type: 'String' }),
    );
  }
  return {
    stackId: 'bench',
    stackName: 'bench',
    status: 'UPDATE_COMPLETE',
    parameters: [],
    capabilities: [],
    tags: [],
    notificationArns: [],
    parameterPrefix: '/bench',
    ledgerBucket: 'ledger',
    aliases,
    resources,
    policies: [],
    changed: '',
  };
}

function node(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, CDK_DISABLE_VERSION_CHECK: '1' },
  });
  if (status !== 0) throw new Error(String(stderr));
}

function medianMs(work: () => void, runs = RUNS): number {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0);
}

function line(what: string, figure: string, beside: string): void {
  console.log(`${what.padEnd(40)} ${figure.padStart(10)}   ${beside}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
