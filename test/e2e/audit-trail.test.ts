import { GetRoleCommand } from '@aws-sdk/client-iam';
import { DeleteObjectCommand, GetObjectRetentionCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptAuditTrail, PromptRegistry, PromptVariant } from '../../lib';
import { startCommand } from '../cli/command-process';
import { bucketPolicyOf } from './bucket-policy-of';
import { IamDocuments, type Question } from './iam-documents';
import { idOf, RegistryBench } from './registry-bench';

const PREFIX = '/prompts/test';
const DAY = 86_400_000;

interface App {
  readonly text?: string;
  readonly audited?: boolean;
}

let bench: RegistryBench;
/** Object versions of the ledger bucket before there was a trail. */
let before: string[];
let bucketBefore: string;

const app =
  ({ text = 'Explain', audited = false }: App) =>
  (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text: `${text} {{ticker}}`, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const admin = new Role(stack, 'admin', { roleName: 'admin', assumedBy: new AccountRootPrincipal() });
    admin.addToPolicy(new PolicyStatement({ actions: ['*'], resources: ['*'] }));
    if (!audited) return;
    const auditor = new Role(stack, 'auditor', { roleName: 'auditor', assumedBy: new AccountRootPrincipal() });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(auditor);
  };

async function deploy(what: App, parameters: Record<string, string> = {}): Promise<void> {
  const deployed = await bench.deploy(await bench.synthesize(app(what)), parameters);
  expect(deployed).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
}

interface LedgerObject {
  readonly Key: string;
  readonly VersionId: string;
  readonly written: Date;
}

async function ledgerObjects(): Promise<LedgerObject[]> {
  const Bucket = await ledgerBucket();
  const { Versions = [] } = await bench.operator.s3.send(new ListObjectVersionsCommand({ Bucket }));
  return Versions.map(({ Key = '', VersionId = '', LastModified = new Date(0) }) => ({
    ...{ Key, VersionId, written: LastModified },
  }));
}

async function ledgerBucket(): Promise<string> {
  return bucketNamed('Ledger');
}

async function bucketNamed(words: string): Promise<string> {
  const buckets = await bench.deployer.resources(bench.names.stack, 'AWS::S3::Bucket');
  return Object.entries(buckets).find(([id]) => id.startsWith(words))?.[1] ?? '';
}

async function roleNamed(words: string): Promise<string> {
  const roles = await bench.deployer.resources(bench.names.stack, 'AWS::IAM::Role');
  return Object.entries(roles).find(([id]) => id.startsWith(words))?.[1] ?? '';
}

async function retentionOf({ Key, VersionId }: LedgerObject) {
  const Bucket = await ledgerBucket();
  return bench.operator.s3
    .send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }))
    .then(({ Retention }) => Retention)
    .catch((error: Error) => error.name);
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' });
  const created = await bench.deploy(await bench.synthesize(app({})));
  expect(created).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
  await deploy({}, { AdvisorProdVersion: '1', ReleaseReason: 'first release' });
  before = (await ledgerObjects()).map(({ VersionId }) => VersionId);
  bucketBefore = await ledgerBucket();
  await deploy({ audited: true });
}, 300_000);
afterAll(() => bench?.aws.stop());

describe('a trail that comes to a registry which is there', { timeout: 300_000 }, () => {
  it('leaves its ledger, its aliases and its chain', async () => {
    expect(await ledgerBucket()).toBe(bucketBefore);
    expect(await bench.pointers()).toEqual({ PROD: '1', STAGING: '1' });
    expect((await ledgerObjects()).map(({ VersionId }) => VersionId).sort()).toEqual([...before].sort());
  });

  it('locks what is written from now on for a year, and leaves what was written before', async () => {
    await deploy({ text: 'Tell', audited: true }, { AdvisorProdVersion: '1', ReleaseReason: 'second words' });
    await deploy({ text: 'Tell', audited: true }, { AdvisorProdVersion: '2', ReleaseReason: 'third words' });
    const found: Record<string, unknown[]> = { old: [], new: [] };
    for (const object of await ledgerObjects()) {
      const retention = await retentionOf(object);
      if (before.includes(object.VersionId)) found.old?.push(retention);
      else {
        const { Mode, RetainUntilDate } = retention as { Mode: string; RetainUntilDate: Date };
        found.new?.push([object.Key.split('/')[0], Mode, (RetainUntilDate.getTime() - object.written.getTime()) / DAY]);
      }
    }
    expect(new Set(found.old)).toEqual(new Set(['NoSuchObjectLockConfiguration']));
    expect(found.new).toEqual(
      expect.arrayContaining([
        ['ledger', 'GOVERNANCE', 365],
        ['versions', 'GOVERNANCE', 365],
        ['reasons', 'GOVERNANCE', 365],
      ]),
    );
    expect((await bench.ledger('PROD')).map(({ reason }) => reason)).toEqual(['first release', 'third words']);
  });

  it('does not let an administrator delete a record, without or with the version', async () => {
    const Bucket = await ledgerBucket();
    const { Key = '', VersionId } = (await ledgerObjects()).find((object) => object.Key.startsWith('ledger/')) ?? {};
    const { s3 } = bench.operator;
    for (const target of [{ Key }, { Key, VersionId }, { Key, VersionId, BypassGovernanceRetention: true }]) {
      await expect(s3.send(new DeleteObjectCommand({ Bucket, ...target }))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    }
  });
});

describe('by simulation of their policies with that of the bucket,', { timeout: 300_000 }, () => {
  const put = (folder: string, context: Record<string, string> = { 's3:if-none-match': '*' }) => ({
    ...{ name: `put ${folder}${context['s3:if-none-match'] ? '' : ' over what is there'}`, action: 's3:PutObject' },
    ...{ key: `${folder}/x/1.json`, context },
  });
  const QUESTIONS = [
    ...['ledger', 'versions', 'reasons'].flatMap((folder) => [put(folder), put(folder, {})]),
    ...['DeleteObject', 'DeleteObjectVersion', 'BypassGovernanceRetention', 'ReplicateObject'].map((action) => ({
      ...{ name: action, action: `s3:${action}`, key: 'ledger/x/1.json', context: {} },
    })),
    ...['PutObjectRetention', 'PutObjectLegalHold'].map((action) => ({
      ...{ name: action, action: `s3:${action}`, key: 'ledger/x/1.json', context: {} },
    })),
    ...['PutLifecycleConfiguration', 'PutReplicationConfiguration', 'PutBucketOwnershipControls'].map((action) => ({
      ...{ name: action, action: `s3:${action}`, key: '', context: {} },
    })),
  ];

  it.each([
    ['the releaser', () => roleNamed('ReleaserRole'), ['put ledger', 'put reasons']],
    ['the publisher', () => roleNamed('PublisherRole'), ['put versions']],
    ['an auditor', async () => 'auditor', []],
    ['an administrator', async () => 'admin', []],
  ])('%s may write this to the ledger: %#', async (_, role, expected) => {
    const Bucket = await ledgerBucket();
    const policy = await bucketPolicyOf(bench.operator.s3, Bucket);
    const documents = await IamDocuments.of(bench.aws, await role());
    const allowed: string[] = [];
    for (const { name, action, key, context } of QUESTIONS) {
      const question: Question = { action, resource: `arn:aws:s3:::${Bucket}${key && `/${key}`}`, context };
      if ((await documents.verdict([question], policy)) === 'allowed') allowed.push(name);
    }
    expect(allowed).toEqual(expected);
  });

  it.each([
    ['ReleaserRole', 'ledger'],
    ['ReleaserRole', 'reasons'],
    ['PublisherRole', 'versions'],
  ])('a role made again under the name of the %s writes no %s', async (role, folder) => {
    const policy = await bucketPolicyOf(bench.operator.s3, await ledgerBucket());
    const documents = await IamDocuments.of(bench.aws, await roleNamed(role));
    const { Role } = await bench.operator.iam.send(new GetRoleCommand({ RoleName: await roleNamed(role) }));
    const writes = async (id = '') =>
      documents.verdict(
        [
          {
            action: 's3:PutObject',
            resource: `arn:aws:s3:::${await ledgerBucket()}/${folder}/x/1.json`,
            context: { 's3:if-none-match': '*', 'aws:userid': `${id}:session` },
          },
        ],
        policy,
      );
    expect([await writes(Role?.RoleId), await writes('AROAMADEAGAIN0000001')]).toEqual(['allowed', 'refused']);
  });

  it.each(['admin', 'auditor'])('%s writes and deletes nothing in the bucket of the trail', async (role) => {
    const Bucket = await bucketNamed('AuditBucket');
    const policy = await bucketPolicyOf(bench.operator.s3, Bucket);
    const documents = await IamDocuments.of(bench.aws, role);
    for (const action of ['PutObject', 'DeleteObject', 'DeleteObjectVersion', 'BypassGovernanceRetention']) {
      const resource = `arn:aws:s3:::${Bucket}/AWSLogs/${bench.aws.account}/CloudTrail/us-east-1/2026/11/22/x.json.gz`;
      expect(await documents.verdict([{ action: `s3:${action}`, resource }], policy), action).toBe('refused');
    }
  });

  it('an auditor changes nothing anywhere', async () => {
    const documents = await IamDocuments.of(bench.aws, 'auditor');
    const { account, region } = bench.aws;
    const prompt = await bench.promptArn();
    const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
    const trail = arn('cloudtrail', 'trail/x');
    const forbidden: [string, string][] = [
      ...['CreatePromptVersion', 'UpdatePrompt', 'DeletePrompt'].map((name): [string, string] => [
        `bedrock:${name}`,
        prompt,
      ]),
      ['bedrock:RenderPrompt', `${prompt}:1`],
      ['bedrock:InvokeModel', `arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0`],
      ...['PutParameter', 'DeleteParameter', 'LabelParameterVersion'].map((name): [string, string] => [
        `ssm:${name}`,
        arn('ssm', `parameter${PREFIX}/advisor/PROD`),
      ]),
      ...['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'].map((name): [string, string] => [
        `cloudtrail:${name}`,
        trail,
      ]),
      ...['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack'].map((name): [string, string] => [
        `cloudformation:${name}`,
        arn('cloudformation', 'stack/Prompts/1'),
      ]),
      ['iam:CreatePolicyVersion', `arn:aws:iam::${account}:policy/prompts+test+advisor+PROD+invoke+us-east-1`],
      ['lambda:InvokeFunction', arn('lambda', 'function:x')],
      ['s3:PutBucketPolicy', `arn:aws:s3:::${await ledgerBucket()}`],
    ];
    for (const [action, resource] of forbidden) {
      expect(await documents.verdict([{ action, resource }]), action).toBe('refused');
    }
  });
});

describe('an auditor', { timeout: 300_000 }, () => {
  it('runs every audit, and each call that the command makes is allowed', async () => {
    const RoleArn = `arn:aws:iam::${bench.aws.account}:role/auditor`;
    const { Credentials } = await bench.operator.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'audit' }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
    const environment = bench.aws.environment({
      ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    });
    const trail = await bucketNamed('AuditBucket');
    const start = bench.aws.calls.length;
    const codes: Record<string, number | null> = {};
    for (const line of [
      'audit log advisor',
      `audit log advisor --trail-bucket ${trail}`,
      `audit usage advisor --trail-bucket ${trail}`,
      'audit verify',
      `audit verify --trail-bucket ${trail}`,
      'history advisor',
      'status advisor',
      'show advisor',
      'list',
      'diff advisor :1 :2',
    ]) {
      const { code, stderr } = await startCommand(line.split(' '), environment).finished;
      expect(stderr, line).not.toMatch(/AccessDenied|not allowed|not authorized/i);
      codes[line] = code;
    }
    const refused = bench.aws.calls.slice(start).filter(({ errorCode }) => /Denied|Unauthorized/.test(errorCode ?? ''));
    expect(refused.map(({ service, operation }) => `${service}:${operation}`)).toEqual([]);
    expect(codes).toMatchObject({ 'audit log advisor': 0, 'history advisor': 0, 'status advisor': 0, list: 0 });
    expect(codes['audit verify']).toBe(0);
    expect(idOf(await bench.promptArn())).toHaveLength(10);
  });
});
