import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verification } from '../../cli/audit/verify-text';
import { AliasTarget, Gate, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant } from '../../lib';
import type { ModelFunction } from '../../packages/local-aws';
import { RegistryBench } from '../e2e/registry-bench';
import { hurried, startCommand } from './command-process';

const MODEL = 'amazon.nova-pro-v1:0';
const TEXTS = ['Explain {{ticker}}.', 'Explain {{ticker}} well.', 'Explain {{ticker}} badly.'];
const CASES = 60;
const HOUR = 3_600_000;
/** How far AWS's clock is ahead of the machine's. The trail is made two hours before, and was left alone since. */
let shift = -2 * HOUR;
/** What the model answers, as each test has it. */
let answer: ModelFunction = (turns) => turns.at(-1)?.text ?? '';

/** What is signed for, over a registry whose PROD is held to it. */
describe('evaluate --sign', () => {
  let bench: RegistryBench;
  let folder: string;
  const sessions = new Map<string, NodeJS.ProcessEnv>();

  function app(text: string, stack: Stack): void {
    const role = (roleName: string) => new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
    const [pipeline, guest] = [role('Pipeline'), role('Guest')];
    const registry = new PromptRegistry(stack, 'Registry', {
      ...{ parameterPrefix: '/prompts/test', policyPropagation: Duration.seconds(0) },
      // By its ARN: the role calls the aliases as well, which come after the ledger's policy.
      reviewers: { measured: [`arn:aws:iam::${stack.account}:role/Pipeline`] },
      gates: { PROD: [Gate.evaluation({ by: 'measured', suite: join(folder, 'prompts/advisor.eval.yaml') })] },
    });
    const variant = PromptVariant.text({ text, model: MODEL });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    const staging = prompt.addAlias('STAGING');
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] });
    for (const one of [pipeline, guest]) {
      one.addManagedPolicy(registry.reviewerPolicy);
      one.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'));
      staging.grants.invoke(one);
      prod.grants.invoke(one);
      one.addToPrincipalPolicy(new PolicyStatement({ actions: ['bedrock:*'], resources: ['*'] }));
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signed-'));
    mkdirSync(join(folder, 'prompts'));
    const lines = Array.from({ length: CASES }, (_, index) =>
      JSON.stringify({ id: `c${index}`, variables: { ticker: `T${index}` }, expected: `T${index}` }),
    );
    writeFileSync(join(folder, 'prompts/advisor.cases.jsonl'), lines.join('\n'));
    const metrics = 'metrics:\n  mentions: { check: contains-all, of: expected }\n';
    writeFileSync(join(folder, 'prompts/advisor.eval.yaml'), `cases: advisor.cases.jsonl\n${metrics}`);
    const names = { stack: 'Prompts-test', parameterPrefix: '/prompts/test', promptName: 'advisor' };
    bench = await RegistryBench.start(names, {
      ...{ models: { [MODEL]: (turns, call) => answer(turns, call) }, clockSkewMs: 24 * HOUR },
      now: () => new Date(Date.now() + shift),
    });
    for (const text of TEXTS) {
      const { failures } = await bench.deploy(await bench.synthesize((stack) => app(text, stack)));
      expect(failures).toEqual([]);
    }
    shift = 0;
  }, 300_000);
  afterAll(async () => {
    await bench?.aws.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function session(who: string): Promise<NodeJS.ProcessEnv> {
    const [RoleSessionName = '', role] = who.split(' of ');
    const { endpoint, region, operator, account } = bench.aws;
    const sts = new STSClient({ endpoint, region, credentials: operator });
    const RoleArn = `arn:aws:iam::${account}:role/${role}`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    const environment = {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials?.SessionToken,
    };
    sessions.set(who, environment);
    return environment;
  }

  const run = async (args: string, who?: string) => {
    const credentials = who === undefined ? {} : (sessions.get(who) ?? (await session(who)));
    return startCommand(args.split(' '), { ...bench.aws.environment(), ...credentials, ...hurried(shift) }, folder)
      .finished;
  };
  const asPipeline = (args: string) => run(args, 'deploy of Pipeline');
  const calls = () => bench.aws.calls.filter(({ operation }) => operation === 'Converse').length;

  const verify = async (args: string) => {
    const command = ['audit', 'verify', '--json', ...args.split(' ').filter(Boolean)];
    const { code, stdout, stderr } = await startCommand(
      command,
      { ...bench.aws.environment(), ...hurried(shift) },
      folder,
    ).finished;
    return { code, stderr, ...(JSON.parse(stdout || '{}') as Partial<Verification>) };
  };

  it.each([
    ['a file', '--against :1 --for PROD --sign measured', 64, 'nobody signs for file'],
    ['the draft', '--candidate draft --for PROD --sign measured', 64, 'nobody signs for draft'],
    ['a part', '--candidate :2 --for PROD --only x --sign measured', 64, 'nobody signs for a run with --only'],
    ['no alias', '--candidate :2 --against :1 --sign measured', 64, 'for which alias is the run signed?'],
    ['nobody', '--candidate :2 --for PROD', 64, '--for is the alias of --sign'],
  ])('refuses %s before a model is asked', async (_, args, code, message) => {
    const before = calls();
    const refused = await asPipeline(`evaluate advisor ${args}`);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(calls()).toBe(before);
  });

  it('refuses who has no session before a model is asked, and who is in no such group', async () => {
    const before = calls();
    const operator = await run('evaluate advisor --candidate :1 --for PROD --sign measured');
    expect([operator.code, operator.stderr]).toEqual([6, expect.stringContaining('cannot sign a review')]);
    expect(calls()).toBe(before);
    const guest = await run('evaluate advisor --candidate :1 --for PROD --sign measured', 'gil of Guest');
    expect([guest.code, guest.stderr]).toEqual([6, expect.stringContaining('gil may not sign as measured')]);
    expect(guest.stdout).toContain('mentions');
  });

  it('says on Ctrl-C that nothing is signed, and that a signed run begins anew', async () => {
    bench.aws.interceptors.push(async ({ operation }) => {
      if (operation === 'Converse') await new Promise((resolve) => setTimeout(resolve, 100));
    });
    const before = calls();
    const environment = { ...bench.aws.environment(), ...(await session('deploy of Pipeline')), ...hurried(shift) };
    const args = 'evaluate advisor --candidate :1 --for PROD --sign measured --at-once 2';
    const running = startCommand(args.split(' '), environment, folder);
    while (calls() - before < 6 && running.child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    bench.aws.interceptors.length = 0;
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/interrupted; nothing is signed, and a run that is signed asks all anew/),
    ]);
  });

  it('lets an alias move to what was measured, from the first version on', async () => {
    const early = await run('promote advisor PROD --to :1 --yes');
    expect([early.code, early.stderr]).toEqual([
      1,
      expect.stringContaining('prompt-registry evaluate advisor --candidate :1 --for PROD --sign measured'),
    ]);
    // The guest's run left its answers here, where anybody may have chosen or written them.
    const kept = join(folder, '.prompt-registry/answers/advisor.jsonl');
    writeFileSync(kept, readFileSync(kept, 'utf8').replace(/"text":"[^"]*"/g, '"text":"forged"'));
    const before = calls();
    const first = await asPipeline('evaluate advisor --candidate :1 --for PROD --sign measured');
    expect([calls() - before, first.stdout]).toEqual([CASES, expect.stringContaining(`${CASES} asked, 0 from cache`)]);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('✔ deploy signed as measured: PROD of advisor → version 1');
    expect((await run('promote advisor PROD --to :1 --yes')).code).toBe(0);

    const none = await run('promote advisor PROD --to :2 --yes');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('EvaluationMissing')]);
    const { code, stdout } = await asPipeline(
      'evaluate advisor --candidate @STAGING --against @PROD --sign measured --json',
    );
    // STAGING is version 3, which is as good with this model.
    expect([code, JSON.parse(stdout).signed]).toMatchObject([0, { person: 'deploy', version: 3, missing: [] }]);
  });

  it('holds back what is worse, says why everywhere, and lets nobody wait who goes back', async () => {
    answer = (turns) => {
      const text = turns.at(-1)?.text ?? '';
      return /well/.test(text) && Number(/T(\d+)/.exec(text)?.[1]) < 30 ? 'No idea.' : text;
    };
    const worse = await asPipeline('evaluate advisor --candidate :2 --against @PROD --sign measured --rows bad.jsonl');
    expect([worse.code, worse.stderr]).toEqual([2, 'wrote bad.jsonl\n']);
    expect(worse.stdout).toContain('missing: expected an evaluation by measured');
    const refused = await run('promote advisor PROD --to :2 --yes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('BelowThreshold')]);
    const plan = await run('plan advisor PROD --to :2');
    expect(plan.stdout).toContain('measured by deploy');
    const review = await run('review advisor PROD --to :2');
    expect(review.stdout).toMatch(/measured +by deploy as measured, .*: mentions 100 % → 50 %/);
    expect(review.stdout).toContain('prompt-registry evaluate advisor --candidate :2 --against @PROD --sign measured');
    expect((await run('diff advisor :1 :2 --html diff.html')).code).toBe(0);
    const page = readFileSync(join(folder, 'diff.html'), 'utf8');
    expect(page).toMatch(/<dt>Measured<\/dt><dd>for PROD: by deploy as measured, .*: mentions 100 % → 50 %.*worse/);
    // What was compared with something else says nothing of this difference.
    expect((await run('diff advisor :3 :2 --html other.html')).code).toBe(0);
    expect(readFileSync(join(folder, 'other.html'), 'utf8')).not.toContain('Measured');
    const shown = JSON.parse((await run('evaluate show advisor PROD --json')).stdout);
    expect(shown.map((one: { version: number; verdict: string }) => [one.version, one.verdict])).toEqual([
      [2, 'worse'],
      [3, 'not worse'],
      [1, 'not worse'],
    ]);
    expect((await run('evaluate show advisor --to :2')).stdout).toContain('worse');

    expect((await run('promote advisor PROD --to :3 --yes')).code).toBe(0);
    const [{ records }] = JSON.parse((await run('history advisor PROD --json')).stdout);
    const [head] = records;
    expect(head.passed).toMatchObject({ how: 'agreed', runs: 1, reviews: [{ kind: 'evaluate' }] });
    expect((await run('list')).stdout).toContain('measured by deploy (mentions 100 % → 100 %)');
    // What was measured against version 1 says nothing of version 3.
    const stale = await run('promote advisor PROD --to :2 --yes');
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('StaleBaseline')]);
    expect((await run('rollback advisor PROD --yes')).code).toBe(0);
    expect(readFileSync(join(folder, 'bad.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1 + 2 * CASES);
  });

  it('is compared with the rows that were kept, in a folder or a bucket', async () => {
    // The handlers go by the machine's clock, so that what was deployed before looks written at another time.
    const found = ({ findings }: Partial<Verification>) => findings?.filter(({ check }) => check === 'approvals');
    const approvals = ({ checks, notRun }: Partial<Verification>) => [
      checks?.find(({ check }) => check === 'approvals')?.looked,
      ...(notRun ?? []).filter(({ check }) => check === 'approvals').map(({ why }) => why),
    ];
    const none = await verify('');
    expect([found(none), ...approvals(none)]).toEqual([
      [],
      expect.stringContaining('3 evaluations not compared with rows'),
      '3 signed evaluations not compared with rows: name where they are kept with --rows',
    ]);

    const kept = await verify('--rows .');
    expect([found(kept), ...approvals(kept)]).toEqual([
      [],
      expect.stringContaining('1 of 3 evaluations compared with rows'),
      expect.stringContaining('2 of 3 signed evaluations not compared, without rows: reviews/'),
      '2 files that are no run: .prompt-registry/answers/advisor.jsonl, prompts/advisor.cases.jsonl',
    ]);

    const { endpoint, region, operator } = bench.aws;
    const s3 = new S3Client({ endpoint, region, credentials: operator, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'kept-runs' }));
    const Body = readFileSync(join(folder, 'bad.jsonl'), 'utf8').replace('No idea.', 'T1 has an idea.');
    await s3.send(new PutObjectCommand({ Bucket: 'kept-runs', Key: 'runs/1.jsonl', Body }));
    const edited = await verify('--rows s3://kept-runs/runs/');
    expect([edited.code, found(edited)]).toEqual([
      2,
      [
        expect.objectContaining({
          ...{ check: 'approvals', problem: 'RowsDiffer', object: expect.stringContaining('/@measured/') },
          message: expect.stringContaining('s3://kept-runs/runs/1.jsonl holds '),
        }),
      ],
    ]);
    const missing = await verify('--rows no-such-bucket');
    expect([found(missing), ...approvals(missing)]).toEqual([
      [],
      expect.stringContaining('3 evaluations not compared with rows'),
      expect.stringContaining('there is no such bucket'),
    ]);
    const nowhere = await verify('--rows no/such');
    expect([nowhere.code, nowhere.stderr]).toEqual([64, expect.stringContaining('is no folder and no bucket')]);
  }, 120_000);

  it('is compared with what CloudTrail has of its calls, and a run that nobody made is found', async () => {
    const [trail] = Object.entries(await bench.deployer.resources('Prompts-test', 'AWS::S3::Bucket'))
      .filter(([id]) => !id.startsWith('Ledger'))
      .map(([, name]) => name);
    await bench.aws.deliverTrails();
    shift += 2 * HOUR;
    const looked = ({ checks }: Partial<Verification>) => checks?.find(({ check }) => check === 'CloudTrail')?.looked;
    const honest = await verify(`--trail-bucket ${trail}`);
    const missing = ({ findings = [] }: typeof honest) =>
      findings.filter(({ problem }) => problem === 'CallsMissing').map(({ object, message }) => [object, message]);
    expect([looked(honest), missing(honest)]).toEqual([
      expect.stringContaining('3 of 3 evaluations compared with renderings'),
      [],
    ]);

    const { endpoint, region, operator } = bench.aws;
    const clients = { endpoint, region, forcePathStyle: true, systemClockOffset: shift };
    const [ledger = ''] = Object.entries(await bench.deployer.resources('Prompts-test', 'AWS::S3::Bucket'))
      .filter(([id]) => id.startsWith('Ledger'))
      .map(([, name]) => name);
    const s3 = new S3Client({ ...clients, credentials: operator });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: ledger, Prefix: 'reviews/' }));
    const keys = Contents.flatMap(({ Key }) => Key ?? []);
    const bodies = await Promise.all(
      keys.map(async (Key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: ledger, Key }));
        return JSON.parse((await Body?.transformToString()) ?? '');
      }),
    );
    const worse = bodies.findIndex(({ version }) => version === 2);
    const { questions } = bodies[worse];
    expect(questions).toMatchObject({ candidate: CASES, live: CASES });
    // Whoever may take the role of the group writes other counts than came out, with the rows of no run.
    const mentions = { both: CASES, onlyCandidate: 0, onlyLive: 0, neither: 0 };
    const since = new Date(Date.now() + shift).toISOString();
    const forged = {
      ...bodies[worse],
      metrics: { mentions },
      rows: '0'.repeat(64),
      questions: { ...questions, since },
    };
    const Key = (keys[worse] ?? '').replace(/\d{8}\.json$/, '99999997.json');
    const {
      AWS_ACCESS_KEY_ID = '',
      AWS_SECRET_ACCESS_KEY = '',
      AWS_SESSION_TOKEN,
    } = await session('deploy of Pipeline');
    const pipeline = new S3Client({
      ...clients,
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        sessionToken: AWS_SESSION_TOKEN,
      },
    });
    const Body = `${JSON.stringify(forged)}\n`;
    await pipeline.send(new PutObjectCommand({ Bucket: ledger, Key, Body, IfNoneMatch: '*' }));
    await bench.aws.deliverTrails();
    const early = await verify(`--trail-bucket ${trail}`);
    expect([looked(early), missing(early)]).toEqual([expect.stringContaining('3 of 4 evaluations'), []]);
    expect(early.notRun).toContainEqual(
      expect.objectContaining({ check: 'CloudTrail', why: expect.stringContaining(`${Key} (not yet delivered)`) }),
    );

    await bench.aws.deliverTrails();
    shift += 2 * HOUR;
    const found = await verify(`--trail-bucket ${trail}`);
    expect([found.code, missing(found)]).toEqual([
      2,
      [
        [
          Key,
          expect.stringMatching(/says that version 2, .*, answered 60 questions; .* has 0 renderings of it by AROA/),
        ],
      ],
    ]);
    const dir = join(folder, 'exported');
    expect((await run(`audit export ${dir} --trail-bucket ${trail}`)).code).toBe(0);
    const script = join(__dirname, '../../tools/verify-offline.mjs');
    const offline = spawnSync(process.execPath, [script, dir], { encoding: 'utf8' });
    expect([offline.status, offline.stdout.split('\n').filter((line) => line.includes(Key))]).toEqual([
      2,
      [expect.stringContaining('CallsMissing')],
    ]);
  }, 240_000);
});
