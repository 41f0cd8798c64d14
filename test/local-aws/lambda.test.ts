import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { strToU8 } from 'fflate';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ACCOUNT } from './serve';
import { ARN, ROLE, type ServedLambda, serveLambda, zip } from './serve-lambda';

let served: ServedLambda;
let client: sdk.LambdaClient;
let create: ServedLambda['create'];
let functions: ServedLambda['functions'];
let scratch: string;

beforeEach(async () => {
  served = await serveLambda();
  ({ client, create, functions, scratch } = served);
});
afterEach(() => served.stop());

async function invoke(event?: unknown, as = client) {
  const Payload = event === undefined ? undefined : JSON.stringify(event);
  const answer = await as.send(new sdk.InvokeCommand({ FunctionName: 'worker', Payload, LogType: 'Tail' }));
  const value = JSON.parse(Buffer.from(answer.Payload ?? []).toString());
  return { value, error: answer.FunctionError, log: Buffer.from(answer.LogResult ?? '', 'base64').toString() };
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('A function', () => {
  test('is a bundle that runs unmodified, as its own role, against this endpoint', async () => {
    const contents = `import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
      const client = new STSClient({});
      export const handler = async () => (await client.send(new GetCallerIdentityCommand({}))).Arn;`;
    const bundled = await build({
      ...{ stdin: { contents, resolveDir: __dirname }, bundle: true, platform: 'node', target: 'node22' },
      ...{ format: 'cjs', minify: true, write: false },
    });
    await create(bundled.outputFiles[0]?.text ?? '', { Timeout: 20 });
    const { value, log } = await invoke();
    expect(value).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/runner/worker`);
    expect(log).toBe('');
  });

  test('gets its event, context and environment, and nothing of the parent’s', async () => {
    await create(
      `exports.handler = async (event, context) => {
        const left = context.getRemainingTimeInMillis();
        return { event, context: { ...context, left }, env: process.env };
      };`,
      { Environment: { Variables: { TABLE: 'prompts' } }, Timeout: 7, MemorySize: 256 },
    );
    const { value } = await invoke({ a: [1] });
    expect(value.event).toEqual({ a: [1] });
    expect(value.context).toMatchObject({ functionName: 'worker', invokedFunctionArn: ARN, memoryLimitInMB: '256' });
    expect(value.context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(value.context.left).toBeGreaterThan(0);
    expect(value.context.left).toBeLessThanOrEqual(7000);
    const { TABLE, AWS_REGION, AWS_ENDPOINT_URL, AWS_LAMBDA_FUNCTION_NAME, VITEST } = value.env;
    expect([TABLE, AWS_REGION, AWS_LAMBDA_FUNCTION_NAME]).toEqual(['prompts', 'us-east-1', 'worker']);
    expect(AWS_ENDPOINT_URL).toBe(served.endpoint);
    expect(VITEST).toBeUndefined();
    expect((await invoke()).value.event).toEqual({});
  });

  test('runs without the loaders and options of the parent', async () => {
    process.execArgv.push('--no-deprecation');
    await create('exports.handler = async () => process.execArgv;');
    const { value } = await invoke();
    process.execArgv.pop();
    expect(value).toEqual([]);
  });

  test('may be an ES module in a folder', async () => {
    const Code = { ZipFile: zip('export const run = async () => import.meta.url.slice(-11);', 'src/main.mjs') };
    await create('', { Code, Handler: 'src/main.run' });
    expect((await invoke()).value).toBe('rc/main.mjs');
  });

  test('is shown as it was made, changed and deleted', async () => {
    await create('exports.handler = async () => 1;', { Tags: { team: 'a' }, Description: 'first', Timeout: 9 });
    const settings = { FunctionName: 'worker', Description: 'second', MemorySize: 512 };
    await client.send(new sdk.UpdateFunctionConfigurationCommand(settings));
    const { Configuration, Tags } = await client.send(new sdk.GetFunctionCommand({ FunctionName: ARN }));
    expect(Configuration).toMatchObject({
      ...{ FunctionArn: ARN, Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE, State: 'Active' },
      ...{ Description: 'second', MemorySize: 512, Timeout: 9, Version: '$LATEST' },
    });
    expect(Tags).toEqual({ team: 'a' });
    await client.send(new sdk.TagResourceCommand({ Resource: ARN, Tags: { owner: 'me' } }));
    await client.send(new sdk.UntagResourceCommand({ Resource: ARN, TagKeys: ['team'] }));
    expect((await client.send(new sdk.ListTagsCommand({ Resource: ARN }))).Tags).toEqual({ owner: 'me' });
    expect((await client.send(new sdk.ListFunctionsCommand({}))).Functions).toHaveLength(1);
    await client.send(new sdk.DeleteFunctionCommand({ FunctionName: 'worker' }));
    const gone = client.send(new sdk.GetFunctionCommand({ FunctionName: 'worker' }));
    await expect(gone).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}`,
    });
  });

  test('comes out of S3 in the name of who makes it', async () => {
    const s3Client = new S3Client({ ...served.administrator, forcePathStyle: true });
    await s3Client.send(new CreateBucketCommand({ Bucket: 'assets' }));
    const Body = zip('exports.handler = async () => "from S3";');
    await s3Client.send(new PutObjectCommand({ Bucket: 'assets', Key: 'code.zip', Body }));
    const Code = { S3Bucket: 'assets', S3Key: 'code.zip' };
    const everythingElse = { Effect: 'Allow', Action: ['lambda:*', 'iam:*'], Resource: '*' };
    const stranger = new sdk.LambdaClient(served.as([everythingElse]));
    await expect(create('', { Code }, stranger)).rejects.toThrow('S3 Error Code: AccessDenied');
    await expect(create('', { Code: { ...Code, S3Key: 'none' } })).rejects.toThrow('S3 Error Code: NoSuchKey');
    await create('', { Code });
    expect((await invoke()).value).toBe('from S3');
  });
});

describe('An invocation', () => {
  const counting = `let n = 0; exports.handler = async ({ end }) => {
    n += 1;
    if (end === 'throw') throw new TypeError('no good');
    if (end === 'exit') process.exit(3);
    if (end === 'quit') process.exit(0);
    if (end === 'later') { setImmediate(() => { throw new Error('too late'); }); return new Promise(() => {}); }
    if (end === 'hang') return new Promise(() => {});
    return { n, pid: process.pid };
  };`;

  test('that throws is a function error, and the process stays', async () => {
    await create(counting);
    expect((await invoke({})).value.n).toBe(1);
    const { value, error, log } = await invoke({ end: 'throw' });
    expect(error).toBe('Unhandled');
    expect(value).toMatchObject({ errorType: 'TypeError', errorMessage: 'no good', trace: expect.any(Array) });
    expect(log).toContain('no good');
    expect((await invoke({})).value.n).toBe(3);
  });

  test.each([
    ['exit', 'Error: Runtime exited with error: exit status 3'],
    ['quit', 'Error: Runtime exited without providing a reason'],
    ['later', 'Error: Runtime exited with error: exit status 1'],
  ])('that ends the process (%s) is a function error, and the next starts afresh', async (end, message) => {
    await create(counting);
    await invoke({});
    const { value, error } = await invoke({ end });
    expect(error).toBe('Unhandled');
    expect(value).toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining(message) });
    expect((await invoke({})).value.n).toBe(1);
  });

  test('that takes too long is ended with its process, and the next starts afresh', async () => {
    await create(counting, { Timeout: 1 });
    const { pid } = (await invoke({})).value;
    const { value, error } = await invoke({ end: 'hang' });
    expect(error).toBe('Unhandled');
    expect(value.errorType).toBe('Sandbox.Timedout');
    expect(value.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
    expect(isAlive(pid)).toBe(false);
    expect((await invoke({})).value.n).toBe(1);
  });

  test('does not meet a process that died between two events', async () => {
    await create('exports.handler = async () => { setTimeout(() => process.exit(), 20); return process.pid; };');
    const { value: pid } = await invoke();
    await expect.poll(() => isAlive(pid)).toBe(false);
    const { value, error } = await invoke();
    expect(error).toBeUndefined();
    expect(value).not.toBe(pid);
  });

  const meeting = `const fs = require('node:fs'); const path = require('node:path'); let running = 0;
    exports.handler = async ({ directory, until }, { awsRequestId }) => {
      running += 1;
      fs.writeFileSync(path.join(directory, awsRequestId), '');
      while (fs.readdirSync(directory).length < until) await new Promise((resolve) => setTimeout(resolve, 5));
      const seen = running;
      running -= 1;
      return { pid: process.pid, seen };
    };`;

  test('beside another gets a process of its own, and warm ones are used again', async () => {
    await create(meeting, { Timeout: 20 });
    const directory = mkdtempSync(join(scratch, 'meeting-'));
    const both = await Promise.all([1, 2].map(() => invoke({ directory, until: 2 })));
    const pids = both.map(({ value }) => value.pid);
    expect(new Set(pids).size).toBe(2);
    expect(both.map(({ value }) => value.seen)).toEqual([1, 1]);
    expect(pids).toContain((await invoke({ directory, until: 0 })).value.pid);
  });

  test('beyond the fourth at once waits for a free process', async () => {
    await create(meeting, { Timeout: 20 });
    const directory = mkdtempSync(join(scratch, 'meeting-'));
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => invoke({ directory, until: 4 })));
    expect(new Set(all.map(({ value }) => value.pid)).size).toBe(4);
    expect(all.every(({ value }) => value.seen === 1)).toBe(true);
    expect(readdirSync(directory)).toHaveLength(6);
  });

  test('after an update meets the new code or settings, never the old process', async () => {
    await create('exports.handler = async () => "one";');
    expect((await invoke()).value).toBe('one');
    const ZipFile = zip('exports.handler = async () => "two" + (process.env.X ?? "");');
    const { CodeSha256 } = await client.send(new sdk.UpdateFunctionCodeCommand({ FunctionName: 'worker', ZipFile }));
    expect((await invoke()).value).toBe('two');
    const Environment = { Variables: { X: '!' } };
    const changed = new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'worker', Environment });
    expect((await client.send(changed)).CodeSha256).toBe(CodeSha256);
    expect((await invoke()).value).toBe('two!');
  });

  test.each([
    ['index.nothing', 'Runtime.HandlerNotFound'],
    ['missing.handler', 'Runtime.ImportModuleError'],
  ])('of the handler %s says what is wrong', async (Handler, errorType) => {
    await create('exports.handler = async () => 1;', { Handler });
    expect(await invoke()).toMatchObject({ error: 'Unhandled', value: { errorType } });
  });

  test('leaves its output in a file', async () => {
    await create('exports.handler = async ({ say }) => { console.log(say); console.error("and " + say); };');
    const { value, log } = await invoke({ say: 'hello' });
    expect(value).toBeNull();
    expect(log).toContain('hello');
    expect(readFileSync(join(scratch, 'logs', 'worker.log'), 'utf8')).toContain('and hello');
  });
});

describe('IAM is asked', () => {
  const allow = (Action: string, Resource = '*') => ({ Effect: 'Allow', Action, Resource });

  test('for the right to pass the role', async () => {
    const without = new sdk.LambdaClient(served.as([allow('lambda:*')]));
    await expect(create('', {}, without)).rejects.toThrow(`iam:PassRole on resource: ${ROLE}`);
    await create('', {}, new sdk.LambdaClient(served.as([allow('lambda:*'), allow('iam:PassRole', ROLE)])));
    const changed = new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'worker', Role: ROLE });
    await expect(without.send(changed)).rejects.toThrow('iam:PassRole');
  });

  test('for the right to invoke this function, in the caller’s policies or the function’s own', async () => {
    await create('exports.handler = async () => "done";');
    const may = new sdk.LambdaClient(served.as([allow('lambda:InvokeFunction', ARN)]));
    expect((await invoke({}, may)).value).toBe('done');
    const mayNot = new sdk.LambdaClient(served.as([allow('lambda:InvokeFunction', `${ARN}2`)]));
    await expect(invoke({}, mayNot)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const grant = { FunctionName: 'worker', StatementId: 'all', Action: 'lambda:InvokeFunction' };
    const Principal = `arn:aws:iam::${ACCOUNT}:user/somebody`;
    await client.send(new sdk.AddPermissionCommand({ ...grant, Principal }));
    expect((await invoke({}, mayNot)).value).toBe('done');
    const twice = client.send(new sdk.AddPermissionCommand({ ...grant, Principal }));
    await expect(twice).rejects.toMatchObject({ name: 'ResourceConflictException' });
    const { Policy = '' } = await client.send(new sdk.GetPolicyCommand({ FunctionName: 'worker' }));
    expect(JSON.parse(Policy).Statement).toMatchObject([{ Sid: 'all', Resource: ARN }]);
    await client.send(new sdk.RemovePermissionCommand({ FunctionName: 'worker', StatementId: 'all' }));
    await expect(invoke({}, mayNot)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('Refused', () => {
  const cases: [string, Partial<sdk.CreateFunctionCommandInput>, string][] = [
    ['a role that Lambda may not assume', { Role: ROLE.replace('runner', 'other') }, 'cannot be assumed by Lambda'],
    ['a role that is not there', { Role: ROLE.replace('runner', 'none') }, 'cannot be assumed by Lambda'],
    ['a reserved variable', { Environment: { Variables: { AWS_REGION: 'x' } } }, 'request: AWS_REGION'],
    ['5 KB of variables', { Environment: { Variables: { X: 'x'.repeat(5000) } } }, 'exceeded the 4KB limit'],
    ['an archive that is none', { Code: { ZipFile: strToU8('no zip') } }, 'Could not unzip uploaded file'],
    ['an archive that reaches out', { Code: { ZipFile: zip('', '../../x.js') } }, 'leaves the archive'],
    ['15 minutes and a second', { Timeout: 901 }, 'value less than or equal to 900'],
    ['no handler', { Handler: undefined }, 'Runtime and Handler are mandatory'],
    ['another runtime', { Runtime: 'python3.13' }, 'does not implement the Lambda runtime python3.13'],
    [
      'layers',
      { Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] },
      'does not implement lambda CreateFunction: Layers',
    ],
    ['an image', { PackageType: 'Image' }, 'does not implement lambda CreateFunction: PackageType'],
  ];
  test.each(cases)('is %s', async (_, input, message) => {
    await expect(create('', input)).rejects.toThrow(message);
    expect((await client.send(new sdk.ListFunctionsCommand({}))).Functions).toEqual([]);
  });

  test('are a second function of a name, an unknown one, a version and an event that is no JSON', async () => {
    await create('');
    await expect(create('')).rejects.toMatchObject({ name: 'ResourceConflictException' });
    const wrong = (input: sdk.InvokeCommandInput) => client.send(new sdk.InvokeCommand(input));
    await expect(wrong({ FunctionName: 'nobody' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(wrong({ FunctionName: `${ARN}:7` })).rejects.toThrow(`Function not found: ${ARN}:7`);
    await expect(wrong({ FunctionName: 'worker', Payload: '{' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });
});

describe('Processes', () => {
  const large = (statements: string) => `${statements}\n//${'x'.repeat(200_000)}`;
  const folder = () => join(scratch, 'compiled');
  beforeEach(() => {
    vi.stubEnv('NODE_COMPILE_CACHE', folder());
    return () => vi.unstubAllEnvs();
  });

  test('of the same large function compile it once', async () => {
    await create(
      large(`exports.handler = async (end) => end === 1 ? process.exit() : { pid: process.pid, at: __filename };`),
    );
    const first = (await invoke()).value;
    await expect
      .poll(() => readdirSync(folder()), { timeout: 20_000 })
      .toEqual([expect.stringMatching(/^function-[0-9a-f]{64}$/)]);
    const kept = () => readdirSync(folder()).map((name) => statSync(join(folder(), name)).ino);
    const before = kept();
    await invoke(1);
    const second = (await invoke()).value;
    expect(second).toEqual({ pid: expect.not.toBeOneOf([first.pid]), at: first.at });
    await invoke();
    expect(kept()).toEqual(before);
  });

  test.each([
    ['imports while it runs', 'index.js', `exports.handler = async () => (await import('node:os')).EOL;`],
    ['is an ES module', 'index.mjs', `export const handler = async () => (await import('node:os')).EOL;`],
  ])('of a large function that %s leave it to Node', async (_, name, statements) => {
    await create('', { Code: { ZipFile: zip(large(statements), name) } });
    expect(await invoke()).toMatchObject({ value: '\n' });
  });

  test('end when the endpoint stops', async () => {
    await create('exports.handler = async () => process.pid;');
    const { value } = await invoke();
    expect(isAlive(value)).toBe(true);
    await functions.stop();
    expect(isAlive(value)).toBe(false);
  });

  test('end when the endpoint is killed', async () => {
    const worker = JSON.stringify(join(functions.directory(), 'worker.js'));
    const parentFile = join(scratch, 'parent.js');
    writeFileSync(parentFile, `process.send(require('node:child_process').fork(${worker}).pid)`);
    const parent = fork(parentFile);
    const [pid] = await once(parent, 'message');
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});
