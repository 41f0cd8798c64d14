import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LangfuseClient } from '@langfuse/client';
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { AliasTarget, LangfuseEndpoint, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { AwsError } from '../../packages/local-aws/aws-error';
import { StackDeployer } from '../stack-deployer';

const { Langfuse } = require('langfuse');

const PATIENCE = 120_000;
const STACK = 'Prompts-test';
const PREFIX = '/prompts/test';
const NAME = 'support/triage';
/** Longer than the pointers' time to live, and its spread. */
const TTL = 5_600;

let aws: LocalAws;
let deployer: StackDeployer;
let logs: string;
let url: string;
let both: Pair;
let staging: Pair;

interface Pair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** A prompt with a text, STAGING that follows it and PROD by parameter, and an endpoint with two keys. */
function app(text: string) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-lite-v1:0', inference: { temperature: 0.2 } });
    const prompt = new Prompt(stack, 'Triage', { registry, promptName: 'triage', versionNote: text, variant });
    const aliases = [prompt.addAlias('PROD', { target: AliasTarget.parameter() }), prompt.addAlias('STAGING')];
    const endpoint = new LangfuseEndpoint(stack, 'Langfuse', { registry, aliases, names: { [NAME]: 'triage' } });
    new CfnOutput(stack, 'Url', { value: endpoint.url });
    new CfnOutput(stack, 'Both', { value: endpoint.addKey('Both', { read: aliases }).secretArn });
    new CfnOutput(stack, 'Staging', { value: endpoint.addKey('Staging', { read: aliases.slice(1) }).secretArn });
  };
}

async function deploy(text: string, prod: string): Promise<void> {
  const { status, failures } = await deployer.deployStack(STACK, app(text), { TriageProdVersion: prod });
  expect({ status: status.split('_').slice(1).join('_'), failures }).toEqual({ status: 'COMPLETE', failures: [] });
}

const settings = () => ({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function pairOf(SecretId: string): Promise<Pair> {
  const { SecretString = '' } = await new SecretsManagerClient(settings()).send(
    new GetSecretValueCommand({ SecretId }),
  );
  return JSON.parse(SecretString);
}

async function start(httpApi?: { decodesPaths: boolean }): Promise<void> {
  logs = mkdtempSync(join(tmpdir(), 'langfuse-logs-'));
  aws = await startLocalAws({ logDirectory: logs, httpApi });
  deployer = new StackDeployer(aws);
  await deploy('First {{ticket}}', 'none');
  await deploy('Second {{ticket}}', '1');
  const outputs = await deployer.outputs(STACK);
  url = outputs.Url ?? '';
  [both, staging] = [await pairOf(outputs.Both ?? ''), await pairOf(outputs.Staging ?? '')];
}

async function stop(): Promise<void> {
  await aws.stop();
  rmSync(logs, { recursive: true, force: true });
}

async function ask(method: string, path: string, { publicKey, secretKey }: Pair = both, body?: unknown) {
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/public/v2/prompts${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

// The clients say on the console what they also throw.
beforeEach(() => {
  const said = [vi.spyOn(console, 'error').mockReturnValue(), vi.spyOn(console, 'log').mockReturnValue()];
  return () => {
    for (const spy of said) spy.mockRestore();
  };
});

describe('An endpoint behind an HTTP API', () => {
  beforeAll(() => start(), PATIENCE);
  afterAll(() => stop());

  const v5 = (keys = both) => new LangfuseClient({ ...keys, baseUrl: url });

  it('serves unmodified clients what PROD points to', async () => {
    const got = await v5().prompt.get(NAME);
    expect(got).toMatchObject({
      name: NAME,
      version: 1,
      prompt: 'First {{ticket}}',
      commitMessage: 'First {{ticket}}',
      config: { model: 'amazon.nova-lite-v1:0', temperature: 0.2 },
    });
    expect(got.compile({ ticket: '$& <b>' })).toBe('First $& <b>');
    expect(await v5(staging).prompt.get(NAME, { label: 'staging' })).toMatchObject({ version: 2, labels: ['staging'] });
    await expect(v5(staging).prompt.get(NAME, { maxRetries: 0 })).rejects.toThrow(/Prompt not found/);
    const v3 = new Langfuse({ ...both, baseUrl: url });
    expect((await v3.getPrompt(NAME)).compile({ ticket: 'x' })).toBe('First x');
    await v3.shutdownAsync();
    expect((await v5().api.prompts.list({})).data).toMatchObject([
      { name: NAME, versions: [1, 2], labels: ['prod', 'production', 'staging'] },
    ]);
  });

  answersPaths(false);

  it('refuses to release, and says how; nothing moves', async () => {
    const before = await state();
    await expect(v5().prompt.update({ name: NAME, version: 2, newLabels: ['production'] })).rejects.toThrow(
      `Label 'production' is the alias PROD of triage. It moves with the stack ${STACK} only: prompt-registry promote triage PROD --to 2`,
    );
    // Version 3 of the client takes a refusal for an answer: it resolves with what the server said.
    const v3 = new Langfuse({ ...both, baseUrl: url });
    expect(await v3.updatePrompt({ name: NAME, version: 2, newLabels: ['production'] })).toMatchObject({
      error: 'ForbiddenError',
    });
    await v3.shutdownAsync();
    await expect(v5().prompt.create({ name: NAME, prompt: 'mine' })).rejects.toThrow(
      /change its .prompt file and deploy/,
    );
    await expect(v5().prompt.delete(NAME)).rejects.toThrow(/rollback triage PROD --withdraw/);
    expect(await v5().prompt.update({ name: NAME, version: 1, newLabels: ['production'] })).toMatchObject({
      version: 1,
    });
    expect(await state()).toEqual(before);
  });

  it('changes no byte, whatever four clients write to whichever label', async () => {
    const before = await state();
    const labels = ['production', 'prod', 'staging', 'canary'];
    const v3 = new Langfuse({ ...both, baseUrl: url });
    const cli = cliFor(both);
    const attempts = labels.flatMap((label) => [
      () => v5().prompt.update({ name: NAME, version: 9, newLabels: [label] }),
      () => v5().prompt.create({ name: NAME, prompt: 'mine', labels: [label] }),
      () => v5().api.prompts.delete(NAME, { label }),
      () => v3.updatePrompt({ name: NAME, version: 9, newLabels: [label] }),
      () => v3.createPrompt({ name: NAME, prompt: 'mine', labels: [label] }),
      () => cli('update-version', NAME, '9', '--body-json', JSON.stringify({ newLabels: [label] })),
      () => cli('create', '--type', 'text', '--name', NAME, '--prompt', 'mine', '--labels', label),
      () => cli('delete', NAME, '--label', label),
      () => ask('PATCH', `/${encodeURIComponent(NAME)}/versions/9`, staging, { newLabels: [label] }),
      () => ask('POST', '', staging, { name: NAME, prompt: 'mine', labels: [label] }),
      () => ask('DELETE', `/${encodeURIComponent(NAME)}?label=${label}`, staging),
    ]);
    expect(attempts.length).toBeGreaterThanOrEqual(40);
    const [asked, refused] = [aws.calls.length, await refusals()];
    for (const attempt of attempts) await attempt().catch(() => undefined);
    await v3.shutdownAsync();
    expect((await refusals()) - refused).toBe(attempts.length);
    expect(await state()).toEqual(before);
    const written = aws.calls.slice(asked).filter(({ operation }) => /^(Put|Create|Update|Delete)/.test(operation));
    expect(written).toEqual([]);
  }, 60_000);

  it('follows a release, and withholds what is not callable', async () => {
    expect((await ask('GET', `/${encodeURIComponent(NAME)}?version=2`)).status).toBe(200);
    await deploy('Third {{ticket}}', '2');
    await pause(TTL);
    expect((await ask('GET', `/${encodeURIComponent(NAME)}`)).body).toMatchObject({ version: 2 });
    expect((await ask('GET', `/${encodeURIComponent(NAME)}?version=1`)).body).toMatchObject({ version: 1, labels: [] });
    expect((await ask('GET', `/${encodeURIComponent(NAME)}?version=1`, staging)).status).toBe(404);
    expect((await ask('GET', `/${encodeURIComponent(NAME)}?version=3`)).body).toMatchObject({
      version: 3,
      labels: ['staging'],
    });
  });

  it('serves on while SSM is away', async () => {
    aws.interceptors.push(({ service, operation }) => {
      if (service === 'ssm' && operation === 'GetParameters') throw new AwsError('ThrottlingException', 429, 'not now');
    });
    await pause(TTL);
    expect((await ask('GET', `/${encodeURIComponent(NAME)}`)).body).toMatchObject({ version: 2 });
    aws.interceptors.pop();
  });

  it('takes another secret once it was rotated, and the old one for a while', async () => {
    const { Staging = '' } = await deployer.outputs(STACK);
    const rotated = { ...staging, secretKey: 'rotated' };
    await new SecretsManagerClient(settings()).send(
      new PutSecretValueCommand({ SecretId: Staging, SecretString: JSON.stringify(rotated) }),
    );
    const label = `/${encodeURIComponent(NAME)}?label=staging`;
    await vi.waitFor(async () => expect((await ask('GET', label, rotated)).status).toBe(200), {
      timeout: 30_000,
      interval: 2_000,
    });
    expect((await ask('GET', label, staging)).status).toBe(200);
    expect((await ask('GET', label, { ...staging, secretKey: 'guess' })).status).toBe(401);
  }, 60_000);

  it('asked Bedrock for nothing, and wrote who read what and no secret', async () => {
    const asked = aws.calls.filter(({ principalArn }) => principalArn.includes('LangfuseRole'));
    expect(new Set(asked.map(({ service }) => service))).toEqual(new Set(['ssm', 's3', 'secretsmanager']));
    // A young secret may have a value of before, and these two have none.
    const refused = asked.filter(
      ({ status, input }) => status >= 400 && status !== 429 && input.VersionStage !== 'AWSPREVIOUS',
    );
    expect(refused).toEqual([]);
    const [file = ''] = await logFiles();
    const log = readFileSync(join(logs, file), 'utf8');
    expect(log).toContain(`"publicKey":"${both.publicKey}","prompt":"${NAME}","label":"production","version":1`);
    for (const secret of [both.secretKey, staging.secretKey, 'rotated', 'guess']) expect(log).not.toContain(secret);
  });
});

describe('An endpoint behind a front that decodes paths', () => {
  beforeAll(() => start({ decodesPaths: true }), PATIENCE);
  afterAll(() => stop());

  answersPaths(true);
});

function answersPaths(isDecoded: boolean): void {
  test.each([
    ['/support%2Ftriage', 200],
    ['/support/triage', 200],
    ['/support%2Ftriage?label=production&resolve=true', 200],
    ['/support%252Ftriage', isDecoded ? 200 : 404],
    ['/support%2F..%2Ftriage', 404],
    ['/%E0%A4%A', 404],
  ])('%s is %i', async (path, status) => {
    expect((await ask('GET', path)).status).toBe(status);
  });

  it('PATCH finds the version behind the name', async () => {
    for (const path of ['/support%2Ftriage/versions/1', '/support/triage/versions/1'])
      expect(await ask('PATCH', path, both, { newLabels: ['production'] })).toMatchObject({
        status: 200,
        body: { version: 1 },
      });
  });
}

/** `langfuse api prompts …`; rejects where the command fails. */
function cliFor({ publicKey, secretKey }: Pair) {
  const program = join(dirname(require.resolve('langfuse-cli/package.json')), 'bin/langfuse.mjs');
  const own = { LANGFUSE_BASE_URL: url, LANGFUSE_HOST: url, LANGFUSE_PUBLIC_KEY: publicKey };
  const env = { ...process.env, ...own, LANGFUSE_SECRET_KEY: secretKey };
  return (...args: string[]) => promisify(execFile)(process.execPath, [program, 'api', 'prompts', ...args], { env });
}

/** Everything that a write could have changed. */
async function state() {
  const { Parameters } = await new SSMClient(settings()).send(
    new GetParametersByPathCommand({ Path: PREFIX, Recursive: true }),
  );
  const [Bucket] = Object.values(await deployer.resources(STACK, 'AWS::S3::Bucket'));
  const { Contents } = await new S3Client({ ...settings(), forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket }),
  );
  return { Parameters, objects: Contents?.map(({ Key, ETag }) => [Key, ETag]) };
}

/** How many requests the function refused so far. */
async function refusals(): Promise<number> {
  const [file = ''] = await logFiles();
  return readFileSync(join(logs, file), 'utf8').split('"status":403').length - 1;
}

async function logFiles(): Promise<string[]> {
  const functions = Object.values(await deployer.resources(STACK, 'AWS::Lambda::Function'));
  return functions.filter((name) => name.includes('Langfuse')).map((name) => `${name}.log`);
}
