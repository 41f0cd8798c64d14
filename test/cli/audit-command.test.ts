import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditUsage } from '../../cli/audit/usage-text';
import type { Verification } from '../../cli/audit/verify-text';
import { AliasTarget, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { clientsOf } from '../e2e/clients';
import { idOf, RegistryBench } from '../e2e/registry-bench';
import { type Finished, hurried, startCommand } from './command-process';

const PREFIX = '/prompts/test';
const MINUTE = 60_000;
const DAY = 86_400_000;
type Keys = RegistryBench['aws']['operator'];

let bench: RegistryBench;
let folder: string;
let ledger: string;
let trail: string;
/** How far AWS's clock is ahead of the machine's. */
let shift = 0;
let failsAt: (logicalId: string, step: string) => boolean = () => false;

const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
  });
  const variant = PromptVariant.text({ text: `${text} {{ticker}}`, model: 'amazon.nova-pro-v1:0' });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  const role = (name: string) => new Role(stack, name, { roleName: name, assumedBy: new AccountRootPrincipal() });
  for (const admin of [role('Deployer'), role('Release')]) {
    admin.assumeRolePolicy?.addStatements(
      new PolicyStatement({ actions: ['sts:SetSourceIdentity'], principals: [new AccountRootPrincipal()] }),
    );
    admin.addToPolicy(new PolicyStatement({ actions: ['*'], resources: ['*'] }));
  }
  new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role('Auditor'));
};

/** The command as somebody runs it, on a machine whose clock agrees with AWS's. */
function run(args: string, keys: Keys = bench.aws.operator, ahead = shift): Promise<Finished> {
  return startCommand(args.split(' '), { ...bench.aws.environment(keys), ...hurried(ahead) }).finished;
}

/** Sets AWS's clock, and those of the operator's clients. */
function passTo(time: number): void {
  shift = time;
  for (const { config } of Object.values(bench.operator)) config.systemClockOffset = time;
}

/** Clients of a machine whose clock agrees with AWS's: their one attempt must not go to finding that out. */
const onTime = (keys: Keys) => clientsOf(bench.aws, keys, shift);

async function json<T>(args: string, keys?: Keys): Promise<T & { code: number | null }> {
  const { code, stdout, stderr } = await run(`${args} --json`, keys);
  if (!stdout) throw new Error(stderr);
  return { ...JSON.parse(stdout), code };
}

async function assume(keys: Keys, role: string, RoleSessionName: string, SourceIdentity?: string): Promise<Keys> {
  const { endpoint, region, account } = bench.aws;
  const sts = new STSClient({ endpoint, region, credentials: keys });
  const RoleArn = `arn:aws:iam::${account}:role/${role}`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName, SourceIdentity }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

async function deploy(text: string, parameters: Record<string, string> = {}): Promise<string> {
  return (await bench.deploy(await bench.synthesize(app(text)), parameters)).status;
}

const bad = ({ findings }: Verification) => findings.filter(({ level }) => level === 'finding');
const problems = (found: Verification) => [...new Set(bad(found).map(({ problem }) => problem))].sort();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' },
    {
      now: () => new Date(Date.now() + shift),
      // The clocks of the clients in this process stay behind.
      clockSkewMs: 366 * DAY,
      cloudFormation: { failAt: (id, step) => failsAt(id, step) },
    },
  );
  expect(await deploy('one')).toBe('CREATE_COMPLETE');
  const buckets = Object.entries(await bench.deployer.resources('Prompts', 'AWS::S3::Bucket'));
  ledger = buckets.find(([id]) => id.startsWith('Ledger'))?.[1] ?? '';
  trail = buckets.find(([id]) => !id.startsWith('Ledger'))?.[1] ?? '';
}, 300_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bench?.aws.stop();
});

describe('audit of a registry whose stack has a trail', { timeout: 300_000 }, () => {
  it('tells an empty ledger and an alias that was never released from others', async () => {
    expect(await run('audit log advisor --alias PROD')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the ledger has no record of PROD of advisor'),
    });
    expect(await run('audit log nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no prompt nobody in the ledger[\s\S]*prompts there: advisor/),
    });
  });

  it('shows the person behind the roles, the reason, and what was not delivered yet', async () => {
    const alice = await assume(bench.aws.user('alice'), 'Deployer', 'alice@example.com', 'alice');
    const deployer = await assume(alice, 'Release', 'aws-cdk-alice');
    const released = await run('promote advisor PROD --to :1 --yes --reason CHG-1,=1+1', deployer);
    expect(released.code, released.stderr).toBe(0);
    const log = await json<AuditLog>('audit log advisor --alias PROD');
    expect(log.rows).toHaveLength(1);
    const [row] = log.rows;
    expect(row).toMatchObject({
      alias: 'PROD',
      kind: 'promote',
      from: null,
      to: 1,
      reason: 'CHG-1,=1+1',
      person: { end: 'person' },
    });
    expect(
      row?.person.links.map(({ who, eventName, sourceIdentity }) => [
        who.replace(/^.*:/, ''),
        eventName,
        sourceIdentity,
      ]),
    ).toEqual([
      ['user/alice', 'AssumeRole', null],
      ['assumed-role/Deployer/alice@example.com', 'AssumeRole', 'alice'],
      ['assumed-role/Release/aws-cdk-alice', 'ExecuteChangeSet', 'alice'],
    ]);
    expect((await run('audit log advisor --alias PROD --csv')).stdout).toContain(`"CHG-1,=1+1"`);
    const page = join(folder, 'audit.html');
    expect((await run(`audit log advisor --html ${page}`)).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('user/alice');
    const sentence = readFileSync(page, 'utf8').match(/<p class="standing">.*PROD is on 1.*/)?.[0];
    expect(sentence).toContain('promoted by alice, because “CHG-1,=1+1”.');
    const diff = join(folder, 'diff.html');
    expect((await run(`diff advisor :1 @PROD --html ${diff}`)).code).toBe(0);
    const [before, after] = readFileSync(diff, 'utf8').split('<span class="tally">After</span>');
    expect(before).toMatch(/<dt>When<\/dt><dd>published <time.*<dt>Who<\/dt><dd>(?!user\/alice)/);
    expect(after).toMatch(
      /promoted to PROD <time.*<dd>user\/alice → role\/Deployer as .*<dt>Why<\/dt><dd>CHG-1,=1\+1</,
    );
  });

  it('finds nothing in a history with failures and rollbacks, as the auditor, with everything compared', async () => {
    for (const [index, text] of ['two', 'three', 'two', 'four', 'five'].entries()) {
      failsAt =
        index === 1 || index === 3
          ? (id, step) =>
              /ProdParameter|ProdAlias/.test(id) && step === 'Update' && index === (/ProdParameter/.test(id) ? 1 : 3)
          : () => false;
      const status = await deploy(text, {
        AdvisorProdVersion: String(1 + (index % 3)),
        ReleaseReason: `reason ${index}`,
      });
      expect(status).toBe(index === 1 || index === 3 ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE');
    }
    failsAt = () => false;
    await bench.aws.idle();
    await bench.aws.deliverTrails();
    await bench.aws.deliverDigests();
    passTo(70 * MINUTE);
    const auditor = await assume(bench.aws.operator, 'Auditor', 'auditor');
    const found = await json<Verification>(`audit verify --trail-bucket ${trail}`, auditor);
    expect(bad(found)).toEqual([]);
    expect(found.notRun).toEqual([]);
    expect(found.checks.map(({ looked }) => looked)).not.toContain(null);
    const text = found.checks.find(({ check }) => check === 'CloudTrail')?.looked ?? '';
    const [, compared, of] = /: (\d+) of (\d+) records compared$/.exec(text) ?? [];
    expect([compared, Number(of) > 8]).toEqual([of, true]);
    expect(found.code).toBe(0);
    expect(found.validateLogs).toMatch(
      /^aws cloudtrail validate-logs --trail-arn arn:aws:cloudtrail:us-east-1:111122223333:trail\//,
    );
    writeFileSync(join(folder, 'heads.json'), JSON.stringify(found));
    expect((await run(`audit verify --heads ${join(folder, 'heads.json')}`)).code).toBe(0);
  });

  it('says who rendered which version, and that nobody was to use the draft', async () => {
    const arn = await bench.promptArn();
    const user = onTime(bench.aws.user('batch'));
    for (const modelId of [`${arn}:3`, `${arn}:3`, arn]) {
      await user.runtime.send(new ConverseCommand({ modelId, promptVariables: { ticker: { text: 'X' } } }));
    }
    await bench.aws.deliverTrails();
    passTo(shift + 20 * MINUTE);
    const { uses, code } = await json<AuditUsage>(`audit usage advisor --trail-bucket s3://${trail}/`);
    expect(code).toBe(0);
    expect(
      uses.map(({ principal, version, count, standing }) => [principal.replace(/^.*:/, ''), version, count, standing]),
    ).toEqual([
      ['user/batch', 3, 2, 'callable'],
      ['user/batch', null, 1, 'draft'],
    ]);
    expect(await run('audit usage advisor')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--trail-bucket'),
    });
  });

  it('names what it may not read, and does the rest', async () => {
    const limited = bench.aws.user('limited', [
      {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          {
            Effect: 'Deny',
            Action: ['cloudtrail:*', 's3:ListBucketVersions', 'ssm:GetParameterHistory', 'bedrock:*'],
            Resource: '*',
          },
        ],
      },
    ]);
    const found = await json<Verification>('audit verify', limited);
    expect(found.code).toBe(1);
    expect(
      found.notRun
        .filter(({ failed }) => failed)
        .map(({ check }) => check)
        .sort(),
    ).toEqual(['CloudTrail', 'archive', 'parameters', 'versions of objects']);
    expect(bad(found)).toEqual([]);
    const log = await json<AuditLog>('audit log advisor', limited);
    expect(log.rows.length).toBeGreaterThan(5);
    expect(log.notes).toEqual([expect.stringMatching(/^who it was cannot be told: AWS refuses/)]);
    const nobody = bench.aws.user('nobody', []);
    expect(await run('audit verify', nobody)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a permission is missing'),
    });
  });

  it('takes its own clock for wrong, not CloudTrail for late', async () => {
    const { code, stdout } = await run('audit verify', bench.aws.operator, shift - 5 * 60 * MINUTE);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/(\d+) of \1 records compared/)]);
  });

  it('names a bucket that is elsewhere, or nowhere, and does the rest', async () => {
    const nowhere = await json<Verification>('audit verify --trail-bucket no-such-bucket');
    expect(bad(nowhere)).toEqual([]);
    expect(nowhere).toMatchObject({
      code: 1,
      notRun: [{ check: 'trail files', why: expect.stringContaining('no such bucket') }],
    });
    bench.aws.interceptors.push(({ service, input }) => {
      if (service === 's3' && input.Bucket === 'elsewhere')
        throw new AwsError(
          'PermanentRedirect',
          301,
          'The bucket you are attempting to access must be addressed using the specified endpoint.',
        );
    });
    const { notRun, code } = await json<Verification>('audit verify --trail-bucket elsewhere');
    expect([code, notRun]).toEqual([
      1,
      [expect.objectContaining({ check: 'trail files', why: expect.stringContaining('another Region') })],
    ]);
    bench.aws.interceptors.length = 0;
    expect(await run('audit verify --trail-bucket s3:/x')).toMatchObject({ code: 64 });
    expect(await run('audit log advisor --since yesterday')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('30d'),
    });
  });

  it('waits its turn where CloudTrail throttles', async () => {
    let refused = 0;
    bench.aws.interceptors.push(({ operation }) => {
      if (operation === 'LookupEvents' && refused++ % 3 === 0)
        throw new AwsError('ThrottlingException', 400, 'Rate exceeded');
    });
    const { rows } = await json<AuditLog>('audit log advisor --alias PROD');
    bench.aws.interceptors.length = 0;
    expect(refused).toBeGreaterThan(3);
    expect(rows.every(({ person }) => person.end === 'person')).toBe(true);
  });

  it('reads the trail for what CloudTrail no longer keeps, and says so without', async () => {
    const now = shift;
    passTo(100 * DAY);
    const without = await json<AuditLog>('audit log advisor --alias PROD');
    expect(without.rows.map(({ person }) => person.end)).toEqual(without.rows.map(() => 'too old'));
    expect(without.notes.join()).toContain('--trail-bucket');
    const read = await json<AuditLog>(`audit log advisor --alias PROD --trail-bucket ${trail}`);
    expect(read.rows.at(-1)?.person.links.map(({ who }) => who.replace(/^.*:/, ''))[0]).toBe('user/alice');
    const found = await json<Verification>(`audit verify --since 1y --trail-bucket ${trail}`);
    expect(bad(found)).toEqual([]);
    expect(found.checks.find(({ check }) => check === 'CloudTrail')?.looked).toMatch(/event/);
    passTo(now);
  });

  describe('after a crime', () => {
    it('finds exactly what was done, with the events that show it', async () => {
      const mallory = onTime(bench.aws.user('mallory'));
      const arn = await bench.promptArn();
      await bench.editDraft('Buy {{ticker}}!');
      await mallory.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: idOf(arn) }));
      await mallory.ssm.send(
        new PutParameterCommand({ Name: `${PREFIX}/advisor/PROD`, Value: `${arn}:1`, Overwrite: true }),
      );
      await mallory.s3.send(new DeleteBucketPolicyCommand({ Bucket: ledger }));
      const { Contents = [] } = await mallory.s3.send(
        new ListObjectsV2Command({ Bucket: ledger, Prefix: `ledger/${idOf(arn)}/PROD/` }),
      );
      await mallory.s3.send(new DeleteObjectCommand({ Bucket: ledger, Key: Contents[0]?.Key }));
      await bench.aws.deliverTrails();
      await bench.aws.deliverDigests();
      passTo(shift + 70 * MINUTE);
      const found = await json<Verification>(
        `audit verify advisor --trail-bucket ${trail} --heads ${join(folder, 'heads.json')}`,
      );
      expect(problems(found)).toEqual([
        'BucketChanged',
        'BucketSettings',
        'DeleteMarker',
        'ObjectDeleted',
        'VersionByOther',
        'WrittenByHand',
      ]);
      expect(bad(found)).toHaveLength(6);
      for (const { events, message } of bad(found).filter(
        ({ problem }) => !/^(DeleteMarker|BucketSettings)$/.test(problem),
      )) {
        expect(events).toHaveLength(1);
        expect(message).toContain('user/mallory');
      }
      expect(found.findings.find(({ problem }) => problem === 'DraftChanged')?.level).toBe('note');
      expect(found.code).toBe(2);
    });

    it('finds a log file of the trail that was edited, one that was cut short, and one that was taken away', async () => {
      const { s3 } = bench.operator;
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: trail }));
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: trail }));
      const logs = Contents.flatMap(({ Key = '' }) => (/\/CloudTrail\/.*\.json\.gz$/.test(Key) ? Key : []));
      expect(logs.length).toBeGreaterThanOrEqual(3);
      const [edited = '', cut = '', gone = ''] = logs;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: trail, Key: edited }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      const { Records } = JSON.parse(gunzipSync(bytes).toString());
      const kept = Records.filter(
        ({ eventName }: { eventName: string }) => eventName !== 'ExecuteChangeSet' && eventName !== 'UpdateStack',
      );
      await s3.send(
        new PutObjectCommand({ Bucket: trail, Key: edited, Body: gzipSync(JSON.stringify({ Records: kept })) }),
      );
      await s3.send(new PutObjectCommand({ Bucket: trail, Key: cut, Body: bytes.slice(0, bytes.length / 2) }));
      await s3.send(new DeleteObjectCommand({ Bucket: trail, Key: gone }));
      const found = await json<Verification>(`audit verify advisor --trail-bucket ${trail}`);
      const byFile = (key: string) =>
        bad(found)
          .filter(({ object, check }) => object === key && check === 'trail files')
          .map(({ problem }) => problem)
          .sort();
      expect(byFile(edited)).toEqual(['DigestMismatch', 'Rewritten']);
      expect(byFile(cut)).toEqual(['Rewritten', 'Unreadable']);
      expect(byFile(gone)).toEqual(['DeleteMarker', 'MissingFile']);
      expect(problems(found)).toContain('EventMissing');
      // The rest is still done.
      expect(problems(found)).toEqual(expect.arrayContaining(['DeleteMarker', 'VersionByOther', 'WrittenByHand']));
    });

    it('tells what happened after the stack is gone', async () => {
      expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
      const log = await json<AuditLog>(`audit log advisor --ledger-bucket ${ledger}`);
      expect(log.rows.length).toBeGreaterThan(5);
      expect(await run('audit log advisor')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('no prompt registry'),
      });
      const found = await json<Verification>(`audit verify --ledger-bucket ${ledger}`);
      expect(problems(found)).toContain('DeleteMarker');
    });
  });
});
