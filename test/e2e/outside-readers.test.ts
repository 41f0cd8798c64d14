import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { RegistryBench } from './registry-bench';

/** What people have who never heard of this package: the AWS CLI and boto3, Debian's or newer. */
const PYTHON = firstThat(['/usr/bin/python3', 'python3'], ['-c', 'import boto3']);
const CLIS = ['/usr/bin/aws', 'aws'].filter((name) => runs(name, ['--version']));
for (const [name, isThere] of Object.entries({ 'boto3 for python3': PYTHON, 'the AWS CLI': CLIS[0] })) {
  if (!isThere) console.warn(`SKIPPED: ${name} is not installed, so nobody but this project reads the ledger`);
}

const EXAMPLES = join(__dirname, '../../examples/python');
const PATIENCE = 300_000;
const names = { stack: 'Prompts', parameterPrefix: '/prompts/prod', promptName: 'sorter' };
const PROD = `${names.parameterPrefix}/sorter/PROD`;

let bench: RegistryBench;
let bucket: string;
const scratch = mkdtempSync(join(tmpdir(), 'outside-readers-'));

beforeAll(async () => {
  // Two a page, as under the adversary: whoever reads has to turn pages.
  bench = await RegistryBench.start(names, { cloudFormation: { pageSize: 2 } });
  await release('Sort {{letter}}');
  await release('Sort {{letter}} well', '1');
  await release('Sort {{letter}} best', '2');
  await release('Sort {{letter}} best', '2..3');
  bucket = await bench.ledgerBucket();
}, PATIENCE);
afterAll(async () => {
  await bench.aws.stop();
  rmSync(scratch, { recursive: true, force: true });
});

async function release(text: string, version?: string): Promise<void> {
  const template = await bench.synthesize((stack: Stack) => {
    const { parameterPrefix, promptName } = names;
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix, policyPropagation: Duration.seconds(0) });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Sorter', { registry, promptName, variant });
    prompt.addAlias('STAGING');
    const assumedBy = new AccountRootPrincipal();
    const caller = new Role(stack, 'Caller', { roleName: 'caller', assumedBy });
    const rollout = Rollout.steps([50], { bake: Duration.minutes(1), minimumUses: 0 });
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter(), callableVersions: 3, rollout });
    prod.grants.invoke(caller);
  });
  expect((await bench.deploy(template, version ? { SorterProdVersion: version } : {})).failures).toEqual([]);
}

function environment(): NodeJS.ProcessEnv {
  // Endpoints are given as options: Debian's versions do not know this variable.
  return {
    ...process.env,
    ...bench.aws.environment(),
    AWS_ENDPOINT_URL: undefined,
    AWS_PAGER: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Not synchronously: this process serves the requests. */
function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { env: environment(), cwd: scratch });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve({ code, output })),
  );
}

describe.skipIf(!PYTHON)('boto3', { timeout: PATIENCE }, () => {
  const verify = (ledger: string) =>
    run(PYTHON as string, [join(EXAMPLES, 'verify_ledger.py'), ledger, bench.aws.endpoint]);

  it('reads the stable version of an alias that rolls out, of which it knows nothing', async () => {
    const read = `import boto3; print(boto3.client("ssm", endpoint_url="${bench.aws.endpoint}").get_parameter(Name="${PROD}")["Parameter"]["Value"])`;
    const { output } = await run(PYTHON as string, ['-c', read]);
    expect(output.trim()).toBe(`${await bench.promptArn()}:2`);
    expect((await bench.ledger('PROD')).at(-1)).toMatchObject({ to: { version: 2 }, rollout: { plan: 3 } });
  });

  it('reads and verifies the ledger, and compares its end with the pointers', async () => {
    const { code, output } = await verify(bucket);

    const id = (await bench.promptArn()).split('/').at(-1);
    expect(output.trim().split('\n')).toEqual([
      `${id} PROD: 3 records, verified`,
      `${id} STAGING: 3 records, verified`,
    ]);
    expect(code).toBe(0);
  });

  it.skipIf(CLIS.length === 0)('finds what was changed, cut off or put elsewhere', async () => {
    const id = (await bench.promptArn()).split('/').at(-1);
    const cli = (...args: string[]) => run(CLIS[0] as string, ['--endpoint-url', bench.aws.endpoint, 's3', ...args]);
    await cli('cp', `s3://${bucket}/ledger`, 'ledger', '--recursive');
    const first = join(scratch, `ledger/${id}/STAGING/99999998.json`);
    const original = readFileSync(first, 'utf8');
    writeFileSync(first, original.replace('"undo":false', '"undo":true'));
    for (const last of [99999997, 99999996]) rmSync(join(scratch, `ledger/${id}/PROD/${last}.json`));
    await cli('mb', 's3://tampered');
    await cli('sync', 'ledger', 's3://tampered/ledger');

    const { code, output } = await verify('tampered');

    expect(output).toContain('STAGING: 3 records, record 2 does not carry the hash of the record before');
    expect(output).toContain(`PROD: 1 records, ${PROD} is arn:aws:bedrock`);
    expect(code).toBe(1);
  });
});

describe.skipIf(CLIS.length === 0)('the AWS CLI', { timeout: PATIENCE }, () => {
  const aws = (...args: string[]) => run(CLIS[0] as string, ['--endpoint-url', bench.aws.endpoint, ...args]);
  const json = async (...args: string[]) => JSON.parse((await aws(...args, '--output', 'json')).output);

  it('says who asks, and reads pointers, stacks and their events over pages', async () => {
    expect(await json('sts', 'get-caller-identity')).toMatchObject({ Account: bench.aws.account });
    const { Parameter } = await json('ssm', 'get-parameter', '--name', PROD);
    expect(Parameter).toMatchObject({ Value: `${await bench.promptArn()}:2`, Type: 'String' });
    const stacks = await json('cloudformation', 'describe-stacks', '--stack-name', 'Prompts');
    expect(stacks.Stacks).toMatchObject([{ StackName: 'Prompts', StackStatus: 'UPDATE_COMPLETE' }]);
    const { StackEvents } = await json('cloudformation', 'describe-stack-events', '--stack-name', 'Prompts');
    expect(StackEvents).toHaveLength((await bench.deployer.events('Prompts')).length);
    const missing = await aws('cloudformation', 'describe-stacks', '--stack-name', 'Nowhere');
    expect(missing.output).toContain('(ValidationError)');
  });

  it('lists and copies the ledger, and can neither change nor remove a record', async () => {
    const id = (await bench.promptArn()).split('/').at(-1);
    const record = `s3://${bucket}/ledger/${id}/PROD/99999998.json`;

    const listed = await aws('s3', 'ls', `s3://${bucket}/ledger/`, '--recursive');
    const body = await aws('s3', 'cp', record, '-');
    const removed = await aws('s3', 'rm', record);
    writeFileSync(join(scratch, 'other.json'), body.output.replace('"version":1', '"version":2'));
    const changed = await aws('s3', 'cp', 'other.json', record);

    expect(listed.output.match(/ledger\/\w+\/\w+\/\d{8}\.json/g)).toHaveLength(6);
    expect(JSON.parse(body.output)).toMatchObject({ prompt: 'sorter', alias: 'PROD', sequence: 1, previous: null });
    for (const { code, output } of [removed, changed]) {
      expect([code, output]).toEqual([1, expect.stringContaining('with an explicit deny in a resource-based policy')]);
    }
  });

  it('reads prompts, where it knows the service', async () => {
    const newer = [];
    for (const cli of CLIS) {
      const { code, output } = await run(cli, [
        ...['--endpoint-url', bench.aws.endpoint, 'bedrock-agent', 'get-prompt', '--output', 'json'],
        ...['--prompt-identifier', await bench.promptArn(), '--prompt-version', '2'],
      ]);
      if (output.includes('Invalid choice')) continue;
      newer.push(cli);
      expect(code, output).toBe(0);
      expect(JSON.parse(output)).toMatchObject({ name: 'sorter', version: '2' });
    }
    if (newer.length === 0) console.warn(`SKIPPED: ${CLIS.join(' and ')} do not know bedrock-agent`);
  });
});

describe.skipIf(!PYTHON)('the Python example', { timeout: PATIENCE }, () => {
  const started: ChildProcessWithoutNullStreams[] = [];
  afterEach(() => {
    bench.aws.interceptors.length = 0;
    for (const child of started.splice(0)) child.kill();
  });

  /** A process of the caller role. */
  async function caller(ttl: number, maxStale = 900) {
    const RoleArn = `arn:aws:iam::${bench.aws.account}:role/caller`;
    const { Credentials: issued } = await bench.operator.sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'python' }),
    );
    const args = [join(__dirname, 'python-caller.py'), bench.aws.endpoint, EXAMPLES, PROD, `${ttl}`, `${maxStale}`];
    const child = spawn(PYTHON as string, args, {
      env: {
        ...environment(),
        AWS_ACCESS_KEY_ID: issued?.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: issued?.SecretAccessKey,
        AWS_SESSION_TOKEN: issued?.SessionToken,
      },
    });
    started.push(child);
    let complaints = '';
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return async (command: 'read' | 'run' | 'fail') => {
      const before = bench.aws.calls.length;
      child.stdin.write(`${command}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(complaints);
      const reads = bench.aws.calls.slice(before).filter(({ operation }) => operation === 'GetParameter').length;
      return { ...JSON.parse(value), reads };
    };
  }
  const failing = (error?: AwsError) => {
    bench.aws.interceptors.length = 0;
    bench.aws.interceptors.push(({ operation }) => {
      if (error && operation === 'GetParameter') throw error;
    });
  };
  const unavailable = new AwsError('InternalServerError', 500, 'away');
  const denied = new AwsError('AccessDeniedException', 400, 'no');

  it('asks once per time to live', async () => {
    const ask = await caller(60);

    expect((await ask('read')).answer).toMatch(/:2$/);
    expect(await ask('run')).toEqual({ answer: '2', asked: ['2'], reads: 0 });
  });

  it('serves the last good value while SSM is away, asking once in a while, and not for ever', async () => {
    const ask = await caller(0);
    const { answer: arn } = await ask('read');
    failing(unavailable);

    // One attempt and one retry.
    expect(await ask('read')).toEqual({ answer: arn, asked: [], reads: 2 });
    expect(await ask('read')).toEqual({ answer: arn, asked: [], reads: 0 });
    failing();
    const fresh = await caller(0, 0);
    await fresh('read');
    failing(unavailable);
    expect((await fresh('read')).error).toContain('InternalServerError');
  });

  it.each([
    ['throttling', new AwsError('ThrottlingException', 400, 'Rate exceeded')],
    ['an expired session', new AwsError('ExpiredTokenException', 400, 'expired')],
  ])('takes %s for no answer', async (_, error) => {
    const ask = await caller(0);
    const { answer: arn } = await ask('read');
    failing(error);

    expect((await ask('read')).answer).toBe(arn);
  });

  it('hides no refusal behind an older value, neither at once nor in an outage that follows', async () => {
    const ask = await caller(0);
    await ask('read');
    failing(denied);
    expect((await ask('read')).refused).toBe(`${PROD}: AccessDeniedException`);
    failing(unavailable);

    expect((await ask('read')).error).toContain('InternalServerError');
  });

  it('lets an error pass that is not the registry’s', async () => {
    const ask = await caller(60);
    await ask('read');

    expect(await ask('fail')).toMatchObject({ error: expect.stringContaining('of a guardrail'), reads: 1 });
    expect(await ask('run')).toMatchObject({ answer: '2', reads: 0 });
  });

  it('follows an alias whose version was withdrawn under it: refused once, asked again, served', async () => {
    const ask = await caller(3600);
    expect(await ask('run')).toMatchObject({ answer: '2' });
    for (const version of ['3', '4', '1']) await release('Sort {{letter}} at last', version);

    expect(await ask('run')).toEqual({ answer: '1', asked: ['2', '1'], reads: 1 });
  });
});

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function firstThat(commands: string[], args: string[]): string | undefined {
  return commands.find((command) => runs(command, args));
}
