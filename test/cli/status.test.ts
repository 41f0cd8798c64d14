import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  DeleteBucketEncryptionCommand,
  DeleteBucketReplicationCommand,
  GetBucketPolicyCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PromptStatus } from '../../cli/prompt-status';
import { CommandWorld, POINTER } from './command-world';
import { STACK } from './registry-world';

type Document = { Version: string; Statement: Record<string, unknown>[] };

const on = CommandWorld.forThisFile();
const iam = () => new IAMClient(on.client());
const wrong = async (environment?: Record<string, string>) => {
  const { code, stdout, stderr } = await on.run('status advisor --json', environment);
  const found = JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`) as PromptStatus;
  const checks = [...found.aliases.flatMap(({ checks }) => checks), ...(found.registry?.checks ?? [])];
  return { code, found, findings: checks.flatMap(({ what, findings }) => findings.map((one) => `${what}: ${one}`)) };
};

describe('A caller policy that was changed by hand', () => {
  let arn: string;
  let before: Document;
  let made: string[] = [];
  const inForce = async () => (await iam().send(new GetPolicyCommand({ PolicyArn: arn }))).Policy?.DefaultVersionId;
  const put = async (document: Document, SetAsDefault = true) => {
    const PolicyDocument = JSON.stringify(document);
    const { PolicyVersion } = await iam().send(
      new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault }),
    );
    made.push(PolicyVersion?.VersionId ?? '');
  };

  beforeAll(async () => {
    await on.prodAt(2);
    const cloudFormation = new CloudFormationClient(on.client());
    const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: STACK }));
    arn =
      StackResources.find(({ LogicalResourceId = '' }) => LogicalResourceId.startsWith('AdvisorProdCallerPolicy'))
        ?.PhysicalResourceId ?? '';
    const VersionId = await inForce();
    const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
    before = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''));
  });
  afterEach(async () => {
    await put(before);
    const keep = await inForce();
    for (const VersionId of made.filter((id) => id !== keep))
      await iam().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId }));
    made = made.filter((id) => id === keep);
  });

  it.each<[string, (document: Document) => void]>([
    ['Allow *', ({ Statement }) => void Statement.push({ Effect: 'Allow', Action: '*', Resource: '*' })],
    ['bedrock:*', ({ Statement }) => void Statement.push({ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' })],
    [
      'NotResource',
      ({ Statement }) =>
        void Statement.push({ Effect: 'Allow', Action: 'bedrock:GetPrompt', NotResource: 'arn:aws:s3:::x' }),
    ],
  ])('%s: is a finding, with exit code 2', async (_, change) => {
    const changed = structuredClone(before);
    change(changed);
    await put(changed);
    const { code, findings } = await wrong();
    expect([code, findings]).toEqual([
      2,
      [expect.stringMatching(/^policy: the caller policy holds what the registry does not write/)],
    ]);
  });

  it('in a version that is not in force: is a finding as well', async () => {
    await put({ ...before, Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }, false);
    const { code, findings } = await wrong();
    expect([code, findings]).toEqual([2, [expect.stringContaining('which is not in force and can be put in force')]]);
  });

  it('is in order before and after', async () => {
    const { code, findings } = await wrong();
    expect([code, findings]).toEqual([0, []]);
  });
});

describe('A name of the registry that somebody took', () => {
  const take = (PolicyName: string, Path = '/') => {
    const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    return iam().send(new CreatePolicyCommand({ PolicyName, Path, PolicyDocument }));
  };

  it.each([
    ['as consumers attach it', '/', 'prompts+test+advisor+PROD+read+us-east-1'],
    ['under a path and in other letters', '/team/', 'Prompts+Test+advisor+prod+READ+us-east-1'],
  ])('%s: is a finding', async (_, path, name) => {
    const { Policy } = await take(name, path);
    const { code, findings } = await wrong();
    await iam().send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn }));
    expect([code, findings]).toEqual([2, [expect.stringMatching(/^names: .* is not the stack's/)]]);
  });

  it('for a prompt to come: is worth knowing', async () => {
    const { Policy } = await take('prompts+test+tomorrow+PROD+invoke+us-east-1');
    const { code, found } = await wrong();
    await iam().send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn }));
    expect([code, found.registry?.notes]).toEqual([0, [expect.stringContaining('somebody took the name')]]);
  });
});

describe('What outlives a release', () => {
  it('in the settings of the ledger bucket: is a finding, each', async () => {
    const s3 = new S3Client({ ...on.client(), forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const Bucket = Buckets.find(({ Name = '' }) => /ledger/.test(Name))?.Name;
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    const replication = {
      Role: 'arn:aws:iam::111122223333:role/mallory',
      Rules: [{ Status: 'Enabled' as const, Destination: { Bucket: 'arn:aws:s3:::elsewhere' } }],
    };
    const replicate = () => s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration: replication }));
    await expect(replicate()).rejects.toMatchObject({ name: 'AccessDenied' });
    const opened = JSON.parse(Policy ?? '');
    opened.Statement = opened.Statement.filter(({ Sid }: { Sid?: string }) => Sid !== 'NothingIsLetOut');
    const only = opened.Statement.find(({ Sid }: { Sid?: string }) => Sid === 'OnlyReleaserWritesRecords');
    only.Condition.ArnNotEquals['aws:PrincipalArn'] = [
      only.Condition.ArnNotEquals['aws:PrincipalArn'],
      'arn:aws:iam::111122223333:role/mallory',
    ];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(opened) }));
    await replicate();
    const SSEAlgorithm = 'aws:kms' as const;
    const KMSMasterKeyID = 'arn:aws:kms:us-east-1:999999999999:key/11111111-2222-4333-8444-555555555555';
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }];
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    );
    const { code, findings } = await wrong();
    const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true };
    await s3.send(
      new PutPublicAccessBlockCommand({
        ...{ Bucket, PublicAccessBlockConfiguration: { ...block, RestrictPublicBuckets: true } },
      }),
    );
    await s3.send(new DeleteBucketReplicationCommand({ Bucket }));
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect(code).toBe(2);
    expect(findings.map((finding) => finding.replace(/s3:\/\/\S+ /, ''))).toEqual([
      expect.stringMatching(/^bucket: encrypts what is written with arn:aws:kms:us-east-1:999999999999/),
      expect.stringMatching(/^bucket: is replicated to arn:aws:s3:::elsewhere/),
      'bucket: does not block all public access',
      'bucket: has a policy without its statement NothingIsLetOut',
      'bucket: has a policy whose statement OnlyReleaserWritesRecords was changed',
    ]);
    expect(await wrong()).toMatchObject({ code: 0, findings: [] });
  });

  it('in the policy of the ledger bucket: another value of a condition, a statement more, a role made again', async () => {
    const s3 = new S3Client({ ...on.client(), forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const Bucket = Buckets.find(({ Name = '' }) => /ledger/.test(Name))?.Name;
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    const changed = JSON.parse(Policy);
    const named = (sid: string) => changed.Statement.find(({ Sid }: { Sid?: string }) => Sid === sid);
    named('NothingIsWrittenTwice').Condition.Null['s3:if-none-match'] = 'false';
    named('OnlyPublisherWritesVersions').Condition.ArnNotEquals['aws:PrincipalArn'] =
      'arn:aws:iam::111122223333:role/mallory';
    named('OnlyThisReleaserWritesRecords').Condition.StringNotLike['aws:userid'] = 'AROAMADEAGAIN0000001:*';
    changed.Statement.push({
      ...{ Sid: 'Share', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999999999999:root' } },
      ...{ Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(changed) }));
    const { code, findings } = await wrong();
    const audit = await on.run('audit verify --json');
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const expected = [
      'has a policy whose statement NothingIsWrittenTwice was changed',
      'has a policy whose statement OnlyPublisherWritesVersions was changed',
      expect.stringMatching(/^has a policy with a statement that the stack does not declare: .*"Share"/),
      expect.stringMatching(/^has the id AROA\w+, the ledger's policy names AROAMADEAGAIN0000001: .* made again/),
    ];
    expect([code, findings.map((one) => one.replace(/^(bucket: s3:\/\/|roles: role )\S+ /, ''))]).toEqual([
      2,
      expected,
    ]);
    const own = JSON.parse(audit.stdout).findings.filter(({ check }: { check: string }) => check === 'bucket');
    expect(own.map(({ message }: { message: string }) => message)).toEqual(expected);
    expect(await wrong()).toMatchObject({ code: 0, findings: [] });
  });

  it('in an alias parameter: an expiration is a finding, and a release keeps it', async () => {
    const ssm = new SSMClient(on.client());
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: POINTER }));
    const Policies = JSON.stringify([
      { Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: '2030-01-01T00:00:00Z' } },
    ]);
    const put = { Name: POINTER, Value: Parameter?.Value, Overwrite: true, Tier: 'Advanced' as const };
    await ssm.send(new PutParameterCommand({ ...put, Policies }));
    await on.prodAt((await on.pointer()) === 1 ? 2 : 1);
    const { code, findings, found } = await wrong();
    expect([code, findings]).toEqual([
      2,
      [expect.stringMatching(/^parameter: it has a parameter policy .*Expiration/)],
    ]);
    const now = await ssm.send(new GetParameterCommand({ Name: POINTER }));
    await ssm.send(new PutParameterCommand({ ...put, Value: now.Parameter?.Value, Policies: '[]' }));
    expect(found.aliases.flatMap(({ notes }) => notes)).toContainEqual(expect.stringContaining('tier Advanced'));
    expect((await wrong()).code).toBe(0);
  });
});

describe('While the stack is at work', () => {
  it.each([
    ['forward', false, /^UPDATE_IN_PROGRESS$/],
    ['back', true, /^UPDATE_ROLLBACK_IN_PROGRESS$/],
  ])('%s, status says so, accuses nobody and exits with 3', async (_, fails, expected) => {
    await on.prodAt(2);
    let release: () => void = () => {};
    const held = new Promise<boolean>((resolve) => {
      release = () => resolve(false);
    });
    let reached: () => void = () => {};
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    on.fault = (id, step) => {
      if (fails && step === 'Update' && id.startsWith('AdvisorProdParameter')) return true;
      if (step !== (fails ? 'Rollback' : 'Update') || !/^AdvisorProd(Parameter|Alias)/.test(id)) return false;
      reached();
      return held;
    };
    const running = on.start('promote advisor PROD --to :3 --yes');
    await there;
    const { code, found, findings } = await wrong();
    const { stdout } = await on.run('status advisor');
    release();
    await running.finished;
    expect(found.stackStatus).toMatch(expected);
    expect([code, findings]).toEqual([3, []]);
    expect(found.busy).toContain(fails ? 'rolling it back' : 'under way');
    expect(stdout).not.toMatch(/by hand|does not agree/);
  });

  it('a release that begins while status reads counts as under way', async () => {
    await on.prodAt(2);
    const release = on.hold();
    let started: ReturnType<CommandWorld['start']> | undefined;
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation !== 'GetPolicy' || started) return;
      started = on.start('promote advisor PROD --to :1 --yes');
      await on.executed();
    });
    const { code, findings } = await wrong();
    release();
    await started?.finished;
    expect([code, findings]).toEqual([3, []]);
  });

  it('a release that begins and ends while status reads is not a difference', async () => {
    await on.prodAt(2);
    let ended: Promise<unknown> | undefined;
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation !== 'GetPolicy' || ended) return;
      ended = on.run('promote advisor PROD --to :3 --yes');
      await ended;
    });
    const { code, found, findings } = await wrong();
    expect([code, findings]).toEqual([0, []]);
    expect(found.aliases.find(({ alias }) => alias === 'PROD')?.version).toBe(3);
  });
});

describe('After a rollback that failed', () => {
  it('status shows how things differ, accuses nobody and exits with 3', async () => {
    await on.prodAt(1);
    on.fault = (id, step) => /^AdvisorProdParameter/.test(id) || (step === 'Rollback' && /^AdvisorProdAlias/.test(id));
    await on.run('promote advisor PROD --to :3 --yes');
    on.fault = () => false;
    const { code, stdout } = await on.run('status advisor');
    await new CloudFormationClient(on.client()).send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
    await on.world.settled();
    expect(code).toBe(3);
    expect(stdout).toContain('continue-update-rollback');
    expect(stdout).toContain('the parameter points to 1, the newest record of the ledger to 3');
    expect(stdout).not.toContain('by hand');
    expect((await wrong()).code).toBe(0);
  });
});
