import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedMetrics, scoreMetrics } from '../../client/prompt-metrics';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { startCommand } from '../cli/command-process';
import { StackDeployer } from '../stack-deployer';

const STACK = 'Tagged';

/** Four deployments of one prompt file, one of which must fail. */
describe('The tag in a prompt file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tags-'));
  let aws: LocalAws;
  let deployer: StackDeployer;

  const deploy = (text: string, tag: string) => {
    writeFileSync(
      join(folder, 'letters.prompt'),
      `---\nmodel: amazon.nova-pro-v1:0\ntag: ${tag}\ninput:\n  schema:\n    letter: string\n---\n${text}\n`,
    );
    const build = (stack: Stack) => {
      const registry = new PromptRegistry(stack, 'Registry', {
        parameterPrefix: '/prompts/tags',
        policyPropagation: Duration.seconds(0),
      });
      const variant = PromptVariant.fromFile(join(folder, 'letters.prompt'));
      const prompt = new Prompt(stack, 'Letters', { registry, variant });
      prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    };
    return deployer.deployStack(STACK, build);
  };
  const run = async (args: string) => startCommand(args.split(' '), aws.environment()).finished;
  const json = async (args: string) => JSON.parse((await run(`${args} --json`)).stdout);

  beforeAll(async () => {
    aws = await startLocalAws();
    deployer = new StackDeployer(aws);
    await deploy('Sort {{letter}}.', 'v1.0');
    await deploy('Sort {{letter}} kindly.', 'v1.1-alpha');
  }, 300_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await aws?.stop();
  });

  it('is what a version is released, shown and compared by', async () => {
    const promoted = await run('promote letters PROD --to v1.0 --yes');
    expect(promoted.code, promoted.stderr).toBe(0);
    expect(await json('show letters@PROD')).toMatchObject({ version: 1, tags: ['v1.0'], aliases: ['PROD'] });
    expect(await json('show letters@v1.1-alpha')).toMatchObject({ version: 2, tags: ['v1.1-alpha'] });
    expect((await run('diff letters v1.0 v1.1-alpha')).stdout).toContain('v1.1-alpha (:2)');
    expect((await run('list letters')).stdout).toMatch(/PROD +1 v1\.0 /);
    expect((await run('history letters PROD')).stdout).toMatch(/→ 1 v1\.0 live/);
    expect((await json('manifest')).aliases).toMatchObject([{ alias: 'PROD', tags: ['v1.0'] }]);
  });

  it('that nothing has is an error that says which there are', async () => {
    const [{ code, stderr }, other] = await Promise.all([run('show letters@v1.2'), run('show letters@V1.0')]);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean v1.0?') });
    expect([code, stderr]).toEqual([1, expect.stringContaining('no content of letters has the tag v1.2')]);
    expect(stderr).toMatch(/did you mean v1\.\d|tags there: v1\.0, v1\.1-alpha/);
    expect((await run('diff letters PROD :1')).stderr).toContain('did you mean @PROD?');
  });

  it('is left out where it may not be read, which only those say that show it', async () => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const mayNot = { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::*/tags/*' };
    const who = aws.environment(aws.user('onlooker', [{ Version: '2012-10-17', Statement: [everything, mayNot] }]));
    const [listed, shown, all] = await Promise.all(
      ['list letters', 'show letters', 'models list --json'].map((args) => startCommand(args.split(' '), who).finished),
    );
    expect(listed).toMatchObject({ code: 6, stdout: expect.stringMatching(/PROD +1 {2}/) });
    expect(listed?.stdout).toContain('the tags could not be read');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(all?.stderr).not.toContain('could not be read');
  });

  it('fails a deployment that gives it to another content once it was released, and is where it was', async () => {
    const { status, failures } = await deploy('Sort {{letter}} fast.', 'v1.0');
    expect([status, String(failures)]).toEqual([
      'UPDATE_ROLLBACK_COMPLETE',
      expect.stringMatching(/TagTaken: .*which record 1 of PROD released/),
    ]);
    expect(await json('show letters@v1.0')).toMatchObject({ version: 1 });
    await deploy('Sort {{letter}} fast.', 'v1.1-alpha');
    expect(await json('show letters@v1.1-alpha')).toMatchObject({ version: 3 });
  });

  it('has its versions measured side by side', async () => {
    const at = Date.now() - 60_000;
    for (const version of [1, 1, 3]) {
      const use = { prompt: 'letters', alias: 'PROD', version } as Parameters<typeof embeddedMetrics>[0]['use'];
      const usage = { inputTokens: 800, outputTokens: 100 };
      aws.logged(embeddedMetrics({ use, registry: '/prompts/tags', latency: 840, usage, cost: 0.002, time: at }));
    }
    const scored = { registry: '/prompts/tags', prompt: 'letters', alias: 'PROD', version: 1, time: at };
    aws.logged(scoreMetrics(scored, 'helpful', true));
    expect((await json('metrics letters PROD --since 1h')).versions).toMatchObject([
      { version: 3, live: false, uses: 1, scores: [] },
      { version: 1, live: true, uses: 2, cost: 0.004, scores: [{ name: 'helpful', yes: 1, answers: 1 }] },
    ]);
    const { code, stdout, stderr } = await run(`metrics letters --html ${join(folder, 'metrics.html')}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining('wrote ')]);
    expect(stdout).toMatch(/PROD +3 +1 +0 % +840 ms/);
    expect(stdout).toMatch(/PROD +helpful +1 live +1 of 1 +100\.0 %/);
    expect(readFileSync(join(folder, 'metrics.html'), 'utf8')).toContain('PROD 1 (live)');
    expect(await run('metrics letters --since 2y')).toMatchObject({ code: 64 });
    expect((await run('metrics letters STAGING')).stderr).toContain('has no alias STAGING');
  });

  it('is written by the publisher alone', async () => {
    const s3 = new S3Client({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.operator,
      forcePathStyle: true,
    });
    const [bucket = ''] = Object.values(await deployer.resources(STACK, 'AWS::S3::Bucket'));
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: 'tags/X/v1.0/99999990.json',
      Body: '{}',
      IfNoneMatch: '*',
    });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
