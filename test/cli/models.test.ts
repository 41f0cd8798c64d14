import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MeasuredUse } from '../../cli/audit/measured-usage';
import { embeddedMetrics, type PromptCall } from '../../client/prompt-metrics';
import type { LockedRegion } from '../../core/models/model-lock';
import { parseModelLock } from '../../core/models/parse-model-lock';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { startCommand } from './command-process';

const NOVA = 'amazon.nova-pro-v1:0';
const SONNET = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const HAIKU_3 = 'anthropic.claude-3-haiku-20240307-v1:0';
const DAY_MS = 86_400_000;

let aws: LocalAws;
let folder: string;

/** `advisor` ran on Claude 3 Haiku before; `sorter` has no model. */
function fill(model: string): (stack: Stack) => void {
  return (stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
    const advisor = PromptVariant.text({ text: 'Explain {{ticker}}', model });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant: advisor });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.version(1) });
    const sorter = PromptVariant.text({ text: 'Sort {{letter}}' });
    new Prompt(stack, 'Sorter', { registry, promptName: 'sorter', variant: sorter }).addAlias('PROD');
  };
}

beforeAll(async () => {
  aws = await startLocalAws();
  const deployer = new StackDeployer(aws);
  for (const model of [HAIKU_3, SONNET]) await deployer.deployStack('Prompts', fill(model));
}, 120_000);
afterAll(() => aws?.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

function run(args: string) {
  return startCommand(args.split(' '), aws.environment(), folder).finished;
}

const lockFile = () => join(folder, 'models.lock.json');
const lock = () => readFileSync(lockFile(), 'utf8');
const json = async (args: string) => JSON.parse((await run(`${args} --json`)).stdout);

/** A day that is so many days from now. */
function day(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

/** Refreshes, then writes what a person or Bedrock said since. */
async function lockedWith(change: (models: Record<string, Record<string, unknown>>) => void): Promise<void> {
  await run('models refresh');
  const file = JSON.parse(lock());
  change(file.regions[aws.region].models);
  writeFileSync(lockFile(), JSON.stringify(file));
}

describe('models refresh', () => {
  test('writes what Bedrock tells, and a second one changes no byte', async () => {
    const first = await run('models refresh');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^wrote models\.lock\.json\nus-east-1 {2}\d+ models, \d+ inference profiles, read on/);
    const text = lock();
    const { models, profiles } = parseModelLock(text, 'x').regions['us-east-1'] as LockedRegion;
    expect(models[HAIKU_3]).toEqual({
      ...{ provider: 'Anthropic', status: 'LEGACY', start: '2024-03-13', legacy: '2026-06-01', end: '2027-03-01' },
      ...{ onDemand: true, text: true, streaming: true },
    });
    expect(models['amazon.titan-embed-text-v2:0']).toMatchObject({ text: false });
    expect(profiles[SONNET]).toEqual({
      model: SONNET.slice(3),
      regions: ['us-east-1', 'us-east-2', 'us-west-2'],
    });
    const second = await run('models refresh');
    expect(second.stdout).toMatch(/^models\.lock\.json is up to date\n.*no news$/m);
    expect(lock()).toBe(text);
  });

  test('keeps what a person wrote, says what changed, and leaves other Regions', async () => {
    const price = { in: 0.8, out: 3.2, asOf: '2026-11-01' };
    await lockedWith((models) => {
      Object.assign(models[HAIKU_3] ?? {}, { successor: SONNET, end: '2027-02-01' });
      Object.assign(models[NOVA] ?? {}, { price });
    });
    const file = JSON.parse(lock());
    file.regions['eu-west-1'] = file.regions['us-east-1'];
    writeFileSync(lockFile(), JSON.stringify(file));
    const { stdout } = await run('models refresh --region us-east-1');
    expect(stdout).toContain(`  ${HAIKU_3}: end 2027-02-01 → 2027-03-01`);
    const { regions } = parseModelLock(lock(), 'x');
    expect(regions['us-east-1']?.models[HAIKU_3]).toMatchObject({ successor: SONNET, end: '2027-03-01' });
    expect(regions['us-east-1']?.models[NOVA]?.price).toEqual(price);
    expect(regions['eu-west-1']).toEqual(file.regions['eu-west-1']);
    expect(await json('models refresh --region us-east-1')).toMatchObject({
      written: false,
      regions: [{ region: 'us-east-1', news: [] }],
    });
  });

  test.each([
    ['models refresh --region everywhere', 64, /no list of Regions/],
    ['models refresh --lock no/such/folder.json', 1, /cannot write no\/such\/folder\.json/],
  ])('%s: %i', async (args, code, message) => {
    const finished = await run(args);
    expect(finished.code).toBe(code);
    expect(finished.stderr).toMatch(message);
    expect(existsSync(lockFile())).toBe(false);
  });

  test('leaves a malformed file as it is, and names its place', async () => {
    writeFileSync(lockFile(), '{"schema":1,"regions":{"us-east-1":{}}}');
    const { code, stderr } = await run('models refresh');
    expect(code).toBe(1);
    expect(stderr).toMatch(/models\.lock\.json: expected read in/);
    expect(lock()).toBe('{"schema":1,"regions":{"us-east-1":{}}}');
  });
});

describe('list', () => {
  test('shows when the model of each alias ends, as far as a lock file tells', async () => {
    expect(await json('list'), 'without a lock file').not.toContainEqual(
      expect.objectContaining({ modelEnds: expect.anything() }),
    );
    expect((await run('list')).stdout).not.toContain('MODEL ENDS');
    await run('models refresh');
    const [{ aliases }] = await json('list');
    const ends = Object.fromEntries(
      aliases.map((one: { alias: string; modelEnds?: string }) => [one.alias, one.modelEnds]),
    );
    expect(ends).toEqual({ PROD: '2027-03-01', STAGING: undefined });
    const { stdout } = await run('list');
    expect(stdout).toContain('MODEL ENDS');
    expect(stdout).toMatch(/PROD .*2027-03-01, in \d+ days/);
  });

  test('tells a model without an announced end from one that the lock file does not have', async () => {
    const listed = async () => {
      const [{ aliases }] = await json('list');
      return aliases.map(({ alias, model, modelStatus }: Record<string, unknown>) => [alias, model, modelStatus]);
    };
    expect(await listed(), 'without a lock file').toEqual([
      ['STAGING', SONNET, undefined],
      ['PROD', HAIKU_3, undefined],
    ]);
    await run('models refresh');
    expect(await listed()).toContainEqual(['STAGING', SONNET, 'ACTIVE']);
    expect((await run('list')).stdout).not.toContain('unknown');
    const file = JSON.parse(lock());
    delete file.regions[aws.region].profiles[SONNET];
    writeFileSync(lockFile(), JSON.stringify(file));
    expect(await listed()).toContainEqual(['STAGING', SONNET, null]);
    expect((await run('list')).stdout).toMatch(/STAGING .* unknown$/m);
  });

  test('does without a lock file that cannot be read, and says so', async () => {
    writeFileSync(lockFile(), '{');
    const { code, stderr, stdout } = await run('list');
    expect([code, stdout.includes('PROD')]).toEqual([0, true]);
    expect(stderr).toContain('ends of models are not shown: ');
  });
});

describe('status', () => {
  test('says until when the model of each callable version goes on, and that it does not know', async () => {
    const models = async () => {
      const { aliases } = await json('status advisor');
      return Object.fromEntries(aliases.map((one: { alias: string; models: object[] }) => [one.alias, one.models]));
    };
    const unknown = { status: null, end: null, days: null, read: null };
    expect(await models(), 'without a lock file').toMatchObject({
      PROD: [{ version: 1, live: true, model: HAIKU_3, ...unknown }],
      STAGING: [
        { version: 2, live: true, model: SONNET, ...unknown },
        { version: 1, live: false, model: HAIKU_3, ...unknown },
      ],
    });
    expect((await run('status')).stdout).toContain('until when 2 models can be called is not known');
    await run('models refresh');
    expect(await models()).toMatchObject({
      PROD: [{ version: 1, status: 'LEGACY', end: '2027-03-01', read: expect.stringMatching(/^\d{4}-/) }],
    });
    const { stdout, code } = await run('status advisor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/• model: version 1 runs on anthropic\S+, which ends on 2027-03-01, in \d+ days$/m);
    expect(stdout.match(/model: version 1/g)).toHaveLength(2);
    const all = await run('status');
    expect(all.stdout.match(/• advisor (PROD|STAGING): model: version 1 runs on/g)).toHaveLength(2);
    expect(all.stdout, 'a model that goes on is no news').not.toContain('version 2 runs on');
  });

  test('does without a lock file that cannot be read, and says so', async () => {
    writeFileSync(lockFile(), '{');
    const { code, stderr } = await run('status advisor');
    expect([code, stderr.includes('ends of models are not shown: ')]).toEqual([0, true]);
  });
});

describe('audit log', () => {
  test('says on its page and in JSON until when the models of the aliases go on', async () => {
    await run('models refresh');
    const { standings, models } = await json('audit log advisor');
    expect(standings).toMatchObject([
      { alias: 'PROD', model: HAIKU_3 },
      { alias: 'STAGING', model: SONNET },
    ]);
    expect(models).toMatchObject([
      { model: HAIKU_3, end: '2027-03-01' },
      { model: SONNET, status: 'ACTIVE', end: null },
    ]);
    await run('audit log advisor --html audit.html');
    const page = readFileSync(join(folder, 'audit.html'), 'utf8').replace(/<[^>]*>/g, '');
    expect(page).toMatch(/It runs on anthropic\S+, which ends on 2027-03-01, in \d+ days \(lock file of 20/);
    expect(page).toMatch(/It runs on us\.anthropic\S+, of which no end is announced \(lock file/);
    await run('audit log advisor --html audit.html --lock none.json');
    expect(readFileSync(join(folder, 'audit.html'), 'utf8')).toMatch(/<\/code>; until when is not known\./);
  });
});

describe('models rollback', () => {
  test('does not take what it may not read for nothing to move', async () => {
    const mayNot = { Effect: 'Deny', Action: 's3:GetObject', Resource: '*' };
    const rights = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, mayNot] };
    const who = aws.environment(aws.user('onlooker', [rights]));
    const args = ['models', 'rollback', SONNET, 'PROD', '--yes'];
    const { code, stderr } = await startCommand(args, who, folder).finished;
    expect(stderr).toMatch(/^error {2}which prompts of stack Prompts are meant is not known/m);
    expect(stderr).toContain('s3:GetObject');
    expect(code).toBe(6);
  });
});

describe('models list', () => {
  test('shows which versions run on which model, and until when', async () => {
    await run('models refresh');
    const { stdout, code } = await run('models list');
    expect(code).toBe(0);
    const [, , first, second, third] = stdout.split('\n');
    expect(first).toMatch(/^anthropic\.claude-3-haiku\S+ +LEGACY +2027-03-01, in \d+ days +\(advisor STAGING :1\)$/);
    expect(second).toMatch(/^ +advisor PROD :1$/);
    expect(third).toMatch(/^us\.anthropic\.claude-sonnet\S+ +ACTIVE +advisor STAGING :2$/);
    expect((await json('models list')).models[0]).toMatchObject({
      ...{ model: HAIKU_3, modelId: HAIKU_3, route: 'on-demand', status: 'LEGACY', end: '2027-03-01' },
      uses: [
        { prompt: 'advisor', alias: 'STAGING', version: 1, live: false },
        { alias: 'PROD', version: 1, live: true },
      ],
    });
  });

  test('says what to do where there is no lock file, and where it has no such Region', async () => {
    const { code, stderr } = await run('models list');
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no models\.lock\.json[\s\S]*models refresh/);
    await run('models refresh');
    writeFileSync(lockFile(), lock().replace('"us-east-1": {', '"eu-west-1": {'));
    expect((await run('models list')).stdout).toMatch(/has no Region us-east-1: prompt-registry models refresh/);
  });
});

describe('models check', () => {
  test.each<[string, number | undefined, string, number]>([
    ['ends in 59 days', 59, '', 2],
    ['ends in 60 days', 60, '', 2],
    ['ends in 61 days', 61, '', 0],
    ['ends in 61 days, asked for 10 weeks', 61, ' --within 10w', 2],
    ['has ended', -3, ' --within 1d', 2],
    ['has no end', undefined, ' --within 9y', 0],
  ])('a model of a version that a rollback would bring back %s', async (_, days, option, expected) => {
    await lockedWith((models) => {
      models[HAIKU_3] = { status: 'LEGACY', ...(days !== undefined && { end: day(days) }) };
    });
    const { code, stdout } = await run(`models check${option}`);
    expect(stdout).toMatch(expected === 2 ? /advisor PROD :1/ : /none of 2 models ends/);
    expect(code).toBe(expected);
  });

  test('finds a model that the Region does not have any more, and answers JSON', async () => {
    await lockedWith((models) => {
      delete models[HAIKU_3];
    });
    const { code, stdout } = await run('models check --json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      passes: false,
      within: 60,
      models: [{ model: HAIKU_3, problem: expect.stringMatching(/^NoSuchModel/) }],
    });
  });

  test('refuses a time that is none', async () => {
    expect(await run('models check --within soon')).toMatchObject({ code: 64 });
  });
});

describe('models access', () => {
  test('says of every model in use that it may be called', async () => {
    await run('models refresh');
    const { code, stdout } = await run('models access');
    expect(code).toBe(0);
    expect(stdout).toMatch(/us\.anthropic\.claude-sonnet\S+ +may be called/);
  });

  test('names what is missing, also of one that nobody uses', async () => {
    const model = aws.modelCatalog.get(SONNET.slice(3));
    if (model === undefined) throw new Error(`local-aws lacks ${SONNET}`);
    aws.modelCatalog.set({ ...model, isNotEnabled: true });
    const all = await run('models access');
    aws.modelCatalog.set(model);
    expect(all.code).toBe(2);
    expect(all.stdout).toMatch(/agreement is NOT_AVAILABLE/);
    const { code, stdout } = await run('models access amazon.nova-prp-v1:0');
    expect(code).toBe(2);
    expect(stdout).toMatch(/Bedrock does not know amazon\.nova-prp-v1:0/);
  });
});

describe('audit usage --invocation-bucket', () => {
  const price = { in: 1, out: 10, cacheRead: 0.1, asOf: '2026-11-01' };
  let written = 0;

  /** As Bedrock delivers them: a gzipped line for each call. */
  async function logged(...calls: readonly object[]): Promise<void> {
    const s3 = new S3Client({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.operator,
      forcePathStyle: true,
    });
    if (written === 0) await s3.send(new CreateBucketCommand({ Bucket: 'invocations' }));
    written += 1;
    const [today = '', hour = ''] = new Date().toISOString().split(/[T:]/);
    const Key = `p/AWSLogs/${aws.account}/BedrockModelInvocationLogs/${aws.region}/${today.replaceAll('-', '/')}/${hour}/${written}.json.gz`;
    const Body = gzipSync(calls.map((call) => (typeof call === 'object' ? JSON.stringify(call) : call)).join('\n'));
    await s3.send(new PutObjectCommand({ Bucket: 'invocations', Key, Body }));
  }
  const call = (alias: string, version: number, tokens: readonly [number, number, number?], prompt = 'advisor') => ({
    ...{ schemaType: 'ModelInvocationLog', timestamp: new Date().toISOString(), operation: 'Converse', modelId: 'x' },
    requestMetadata: { prompt, alias, version: String(version) },
    input: { inputTokenCount: tokens[0], cacheReadInputTokenCount: tokens[2] ?? 0, cacheWriteInputTokenCount: 0 },
    output: { outputTokenCount: tokens[1] },
  });

  test('says what each version cost, by the model that the ledger has of it', async () => {
    await lockedWith((models) => {
      Object.assign(models[HAIKU_3] ?? {}, { price });
    });
    await logged(call('PROD', 1, [1_000_000, 100_000]), call('PROD', 1, [0, 0, 1_000_000]), { hello: 'world' });
    await logged(call('STAGING', 2, [5, 5]), call('STAGING', 1, [10, 10]), call('PROD', 1, [9, 9], 'sorter'));
    const { costs, files } = await json('audit usage advisor --invocation-bucket s3://invocations/p');
    expect(files).toBe(2);
    expect(costs).toEqual([
      expect.objectContaining({
        alias: 'PROD',
        version: 1,
        model: HAIKU_3,
        calls: 2,
        cacheReadTokens: 1_000_000,
        cost: 2.1,
      }),
      expect.objectContaining({ alias: 'STAGING', version: 2, model: SONNET, calls: 1, cost: null }),
      expect.objectContaining({ alias: 'STAGING', version: 1, model: HAIKU_3, inputTokens: 10, cost: 0.00011 }),
    ]);
    const { stdout, code } = await run('audit usage advisor --invocation-bucket s3://invocations/p');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PROD +1 +anthropic\S+ +2 +1000000 +100000 +1000000 +\$2\.1000$/m);
    expect(stdout).toMatch(/^STAGING +2 .* no price$/m);
  });

  test('says where there are none, and which file it cannot read', async () => {
    await lockedWith(() => {});
    const none = await run('audit usage advisor --invocation-bucket s3://invocations/elsewhere');
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/invocations\/elsewhere\/AWSLogs\/.* has no log files since/);
    await logged(call('PROD', 1, [1, 1]), '{' as never);
    const { notes, costs } = await json('audit usage advisor --invocation-bucket invocations/p');
    expect(notes).toEqual([expect.stringMatching(/\.json\.gz cannot be used: /)]);
    expect(costs[0].calls).toBeGreaterThan(0);
  });
});

describe('manifest', () => {
  test('has an entry for each alias that serves something', async () => {
    await run('models refresh');
    const { schema, aliases } = await json('manifest');
    expect(schema).toBe(1);
    const common = { registry: '/prompts', stack: 'Prompts', region: 'us-east-1', successor: null };
    const digest = expect.stringMatching(/^pd1:[0-9a-f]{64}$/);
    const haiku = { model: HAIKU_3, modelId: HAIKU_3, route: 'on-demand', status: 'LEGACY', end: '2027-03-01' };
    const sonnet = { model: SONNET, modelId: SONNET.slice(3), route: 'us', status: 'ACTIVE', end: null };
    const none = { model: null, modelId: null, route: null, status: null, end: null };
    expect(aliases).toEqual([
      { ...common, prompt: 'advisor', alias: 'PROD', version: 1, digest, ...haiku },
      { ...common, prompt: 'advisor', alias: 'STAGING', version: 2, digest, ...sonnet },
      { ...common, prompt: 'sorter', alias: 'PROD', version: 1, digest, ...none },
    ]);
  });

  test('does without a lock file, and knows no ends then', async () => {
    const { stdout, code } = await run('manifest');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^advisor +STAGING +2 +pd1:[0-9a-f]{12} +us\.anthropic\S+ +us$/m);
  });
});

describe('an alias with a guardrail', () => {
  const guardrail = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123:3';
  const Name = '/prompts/advisor/STAGING/guardrail';

  beforeAll(async () => {
    const ssm = new SSMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
    await ssm.send(new PutParameterCommand({ Name, Value: guardrail, Type: 'String' }));
    return async () => void (await ssm.send(new DeleteParameterCommand({ Name })));
  });

  test('has it in the manifest, where it stands and no other', async () => {
    const { aliases } = await json('manifest');
    expect(aliases.map((one: object) => ('guardrail' in one ? one.guardrail : null))).toEqual([null, guardrail, null]);
    const { stdout } = await run('manifest');
    expect(stdout).toMatch(/ GUARDRAIL$/m);
    expect(stdout).toMatch(/^advisor +STAGING .* abc123:3$/m);
    expect(stdout.match(/abc123/g)).toHaveLength(1);
  });

  test('has it in the list of its prompt', async () => {
    const [{ aliases }] = await json('list advisor');
    const found = aliases.map((one: { alias: string; guardrail?: string }) => [one.alias, one.guardrail]);
    expect(Object.fromEntries(found)).toEqual({ STAGING: guardrail, PROD: undefined });
    expect((await run('list advisor')).stdout).toMatch(/^STAGING +\/prompts\/advisor\/STAGING +abc123:3$/m);
    expect((await run('list sorter')).stdout).not.toContain('GUARDRAIL');
  });

  test('has it at the version that it points to', async () => {
    expect(await json('show advisor@STAGING')).toMatchObject({ guardrails: { STAGING: guardrail } });
    expect((await run('show advisor:2')).stdout).toMatch(/^guardrail +abc123:3 for callers of STAGING$/m);
    expect(await json('show advisor@PROD')).not.toHaveProperty('guardrails');
  });
});

describe('audit usage without a trail', () => {
  /** The client's own lines, as CloudWatch Logs gets them. */
  function used(alias: string, version: number | undefined, more: Partial<PromptCall> & { error?: string } = {}): void {
    const { error, ...rest } = more;
    const use = { prompt: 'advisor', alias, version, error } as PromptCall['use'];
    const usage = error ? {} : { inputTokens: 1_000_000, outputTokens: 100_000 };
    const call = { use, registry: '/prompts', latency: 800, usage, time: Date.now() - 60_000, ...rest };
    aws.logged(`${embeddedMetrics(call)}\n`);
  }

  test('says nothing was measured, and what tells who rendered it', async () => {
    const { code, stdout } = await run('audit usage advisor');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/no use was measured[\s\S]*--trail-bucket/)]);
  });

  test('says what was measured of each version, its cost by the client or else by the lock file', async () => {
    await lockedWith((models) => {
      Object.assign(models[HAIKU_3] ?? {}, { price: { in: 1, out: 10, asOf: '2026-11-01' } });
    });
    // The client knew the price of all that was answered; of one of two; of none.
    used('PROD', 1, { cost: 2.5 });
    used('PROD', 1, { cost: 2.5 });
    used('PROD', 1, { error: 'ModelErrorException' });
    used('STAGING', 1, { cost: 2.5 });
    used('STAGING', 1);
    used('STAGING', 2);
    used('STAGING', undefined);
    const { measured, notes, source } = await json('audit usage advisor --since 1h');
    const shown = measured.map((one: MeasuredUse) => [
      one.alias,
      one.version,
      one.model,
      one.uses,
      one.errors,
      one.cost,
    ]);
    expect(shown).toEqual([
      ['PROD', 1, HAIKU_3, 3, 1, 5],
      ['STAGING', 2, SONNET, 1, 0, null],
      ['STAGING', 1, HAIKU_3, 2, 0, 4],
      ['STAGING', null, null, 1, 0, null],
    ]);
    expect(measured[0]).toMatchObject({ inputTokens: 2_000_000, outputTokens: 200_000, cacheReadTokens: 0 });
    expect([source, notes]).toEqual([
      'metrics',
      [expect.stringContaining('--trail-bucket'), expect.stringContaining('no price')],
    ]);
    const { stdout } = await run('audit usage advisor --since 1h');
    expect(stdout).toMatch(/^PROD +1 +anthropic\S+ +3 +1 +2000000 +200000 +\$5\.0000$/m);
    expect(stdout).toMatch(/^STAGING +fallback +unknown +1 .*no price$/m);
  });

  test('says which right is missing, and how far back CloudWatch goes', async () => {
    const grants = [{ Effect: 'Allow', Action: ['cloudformation:*', 's3:*', 'ssm:*', 'bedrock:*'], Resource: '*' }];
    const keys = aws.user('reader', [{ Version: '2012-10-17', Statement: grants }]);
    const refused = await startCommand(['audit', 'usage', 'advisor'], aws.environment(keys), folder).finished;
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('cloudwatch:GetMetricData')]);
    const old = await run('audit usage advisor --since 2y');
    expect([old.code, old.stderr]).toEqual([64, expect.stringContaining('within the last 455 days')]);
  });
});
