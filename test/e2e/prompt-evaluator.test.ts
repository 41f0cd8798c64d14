import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Duration, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verification } from '../../cli/audit/verify-text';
import { keptRun } from '../../core/evaluation/kept-run';
import { AliasTarget, Prompt, PromptEvaluator, PromptRegistry, PromptVariant } from '../../lib';
import { Deployer, type LocalAws, type ModelScript, startLocalAws } from '../../packages/local-aws';
import { startCommand } from '../cli/command-process';

const MODEL = 'amazon.nova-pro-v1:0';
const CASES = 12;

let aws: LocalAws;
let deployer: Deployer;
let s3: S3Client;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prompt-evaluator-'));
  const cases = Array.from({ length: CASES }, (_, n) =>
    JSON.stringify({
      ...{ id: `mail-${n}`, variables: { mail: `mail ${n}` }, expected: n % 2 ? 'refund' : 'other' },
      ...(n === 0 && { critical: true }),
    }),
  );
  writeFileSync(join(folder, 'sorter.cases.jsonl'), cases.join('\n'));
  writeFileSync(
    join(folder, 'sorter.eval.yaml'),
    'cases: sorter.cases.jsonl\nmetrics:\n  sorts: { check: equals, of: expected }\n',
  );
  aws = await startLocalAws({ models: { [MODEL]: sorts }, logDirectory: folder });
  deployer = new Deployer(aws);
  const { endpoint, region, operator: credentials } = aws;
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
});
afterEach(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sorts as the cases expect, unless the prompt asks for it badly. */
function sorts(turns: readonly { readonly text: string }[]): string {
  const text = turns.at(-1)?.text ?? '';
  if (text.includes('badly')) return 'I cannot';
  return Number(/mail (\d+)/.exec(text)?.[1]) % 2 ? 'refund' : 'other';
}

class Prompts extends Stack {
  constructor(app: App, text: string, more: { readonly timeout?: number; readonly tokensPerMinute?: number } = {}) {
    super(app, 'Prompts', { env: { account: '111122223333', region: 'us-east-1' } });
    const registry = new PromptRegistry(this, 'Registry', {
      parameterPrefix: '/prompts/test',
      policyPropagation: Duration.seconds(0),
      reviewers: { measured: [] },
    });
    const variant = PromptVariant.text({ text, model: MODEL });
    const prompt = new Prompt(this, 'Sorter', { registry, promptName: 'sorter', variant });
    const candidate = prompt.addAlias('STAGING');
    const live = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const evaluator = new PromptEvaluator(this, 'Quality', {
      registry,
      group: 'measured',
      suites: [{ prompt, suite: join(folder, 'sorter.eval.yaml'), candidate, live }],
      every: Duration.days(1),
      topic: new Topic(this, 'Alerts', { topicName: 'alerts' }),
      tokensPerMinute: more.tokensPerMinute,
    });
    if (more.timeout) (evaluator.function.node.defaultChild as CfnFunction).timeout = more.timeout;
  }
}

async function deploy(text: string, version: string, more?: ConstructorParameters<typeof Prompts>[2]): Promise<void> {
  const app = new App({ analyticsReporting: false });
  new Prompts(app, text, more);
  const parameters = { SorterProdVersion: version };
  const { failures } = await deployer.deploy('Prompts', app.synth(), { parameters });
  expect(failures).toEqual([]);
  await aws.idle();
}

const ledger = async () => Object.values(await deployer.resources('Prompts', 'AWS::S3::Bucket'))[0] ?? '';
const buckets = async () => Object.values(await deployer.resources('Prompts', 'AWS::S3::Bucket'));

async function objects(prefix: string): Promise<{ key: string; body: string }[]> {
  const found = [];
  for (const Bucket of await buckets()) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
    for (const { Key = '' } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found.push({ key: Key, body: (await Body?.transformToString()) ?? '' });
    }
  }
  return found;
}
const reviews = async () => (await objects('reviews/')).map(({ body }) => JSON.parse(body));

/** The bucket with the rows that a review names, and the object that holds them. */
async function rowsOf(digest: string): Promise<[bucket: string, run: { key: string; body: string }]> {
  const runs = (await objects('runs/')).filter(({ key }) => key.endsWith('.jsonl'));
  const run = runs.find(({ key, body }) => keptRun(body, key).found?.digest === digest);
  const bucket = (await buckets()).find((name) => name.includes('quality'));
  if (!run || !bucket) throw new Error(`no rows ${digest} in ${await buckets()}: ${runs.map(({ key }) => key)}`);
  return [bucket, run];
}

/** `audit verify` over the bucket. */
async function verify(bucket: string): Promise<Verification> {
  const args = ['audit', 'verify', '--rows', bucket, '--json'];
  const { stdout, stderr } = await startCommand(args, aws.environment()).finished;
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}
const messages = () => aws.topicMessages(`arn:aws:sns:us-east-1:111122223333:alerts`).map(({ message }) => message);
const asked = () => aws.calls.filter(({ operation }) => operation === 'Converse');

describe('an evaluator in the account', () => {
  it('measures each published version beside what is live, signs as a member of its group, and says what is worse', async () => {
    await deploy('Sort {{mail}}', 'none');
    const [first] = await reviews();
    expect(first).toMatchObject({ kind: 'evaluate', group: 'measured', version: 1, baseline: null, cases: CASES });
    // A case is critical, and asked three times.
    expect(first.questions).toMatchObject({ candidate: CASES + 2, live: 0 });

    await deploy('Sort {{mail}}', '1');
    expect(await reviews()).toHaveLength(1);
    await deploy('Sort {{mail}} badly', '1');
    const second = (await reviews()).find(({ version }) => version === 2);
    expect(second).toMatchObject({
      ...{ cases: CASES, errors: 0, critical: { cases: 1, failed: ['mail-0'] } },
      metrics: { sorts: { both: 0, onlyCandidate: 0, onlyLive: CASES, neither: 0 } },
    });
    expect(second.baseline).toBe(first.digest);
    expect(messages().join()).toContain('sorter :2 is worse than what PROD stands on (:1)');
    expect(aws.undelivered).toEqual([]);

    // Its own bucket holds what it signed for, case by case.
    const [bucket, run] = await rowsOf(second.rows);
    const honest = await verify(bucket);
    expect(honest.checks.find(({ check }) => check === 'approvals')?.looked).toContain(
      '2 of 2 evaluations compared with rows',
    );
    expect(honest.findings.filter(({ check }) => check === 'approvals')).toEqual([]);
    // Whoever may write there makes the worse content look as good.
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: run.key, Body: run.body.replaceAll('I cannot', 'refund') }),
    );
    const changed = await verify(bucket);
    expect(changed.findings.filter(({ check }) => check === 'approvals')).toMatchObject([
      { problem: 'RowsDiffer', level: 'finding', message: expect.stringContaining(run.key) },
    ]);
    expect(aws.calls.filter(({ status, principalArn }) => status === 403 && principalArn.includes('Quality'))).toEqual(
      [],
    );
  });

  it('notices a model that changed overnight, and moves nothing', async () => {
    await deploy('Sort {{mail}}', '1');
    const day = async () => {
      aws.passTime(86_400_000);
      await aws.idle();
    };
    await day();
    const before = asked().length;
    await day();
    expect(asked().length - before).toBe(CASES + 2);
    expect(messages()).toEqual([]);

    aws.setModel(MODEL, () => 'as you wish');
    await day();
    expect(messages().join()).toContain('sorter PROD (:1) is worse than its own last run');
    expect(messages().join()).toContain('mail-11');
    expect(await reviews()).toEqual([]);
    expect(await objects('runs/')).toHaveLength(3);
  });

  it('goes on past the end of an invocation, throttled, to one review', async () => {
    const script: ModelScript = { answer: sorts, throttled: 0.3 };
    aws.setModel(MODEL, script);
    await deploy('Sort {{mail}}', 'none', { timeout: 4 });
    expect(await reviews()).toHaveLength(1);
    expect((await objects('next/')).length).toBeGreaterThan(0);
  });

  it('may not sign as somebody else, release, or read another prompt', async () => {
    await deploy('Sort {{mail}}', 'none');
    const roles = await deployer.resources('Prompts', 'AWS::IAM::Role');
    const role = Object.entries(roles).find(([id]) => id.startsWith('Quality'))?.[1];
    const own = aws.calls.filter(({ principalArn }) => principalArn.includes(role ?? '-'));
    expect(new Set(own.map(({ service, operation }) => `${service} ${operation}`))).toEqual(
      new Set(['s3 GetObject', 's3 PutObject', 's3 ListObjectsV2', 'bedrock-runtime Converse']),
    );
    expect(await ledger()).not.toBe('');
  });
});
