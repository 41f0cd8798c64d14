import * as bedrock from '@aws-sdk/client-bedrock-agent';
import { CreatePromptCommand, CreatePromptVersionCommand, paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as ssm from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryReader } from '../../cli/registry-reader';
import { archiveKey } from '../../core/ledger/layout';
import { S3ObjectStore } from '../../lambda/s3-object-store';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { policy, statement, trustAccount } from './local-clients';

const Bucket = 'a-bucket';
const names = ['a', 'b', 'c', 'd', 'e'];
let aws: LocalAws;
let clients: ReturnType<typeof clientsOf>;

function clientsOf({ endpoint, region, operator: credentials }: LocalAws) {
  const settings = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    s3: new s3.S3Client({ ...settings, forcePathStyle: true }),
    ssm: new ssm.SSMClient(settings),
    iam: new iam.IAMClient(settings),
    bedrock: new bedrock.BedrockAgentClient(settings),
    cloudtrail: new cloudtrail.CloudTrailClient(settings),
    cloudFormation: new cloudformation.CloudFormationClient(settings),
  };
}

/** How many entries each page has. */
async function sizes<Page>(pages: AsyncIterable<Page>, entries: (page: Page) => unknown[] | undefined) {
  const found: number[] = [];
  for await (const page of pages) {
    found.push(entries(page)?.length ?? 0);
  }
  return found;
}

async function settled(StackName: string): Promise<void> {
  const client = clients.cloudFormation;
  await cloudformation.waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName });
}

const parameter = (Value: string) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });
const template = (value: string) =>
  JSON.stringify({ Resources: Object.fromEntries(['A', 'B', 'C'].map((id) => [id, parameter(value)])) });

beforeAll(async () => {
  aws = await startLocalAws({ cloudFormation: { seed: 4, duplicateEvents: false, lateEvents: false } });
  clients = clientsOf(aws);
  await clients.s3.send(new s3.CreateBucketCommand({ Bucket }));
  const trusted = { AssumeRolePolicyDocument: trustAccount };
  const PolicyDocument = policy(statement('Allow', 's3:*', '*'));
  const { Policy } = await clients.iam.send(new iam.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument }));
  for (const name of names) {
    await clients.s3.send(new s3.PutObjectCommand({ Bucket, Key: `ledger/${name}/1`, Body: name }));
    await clients.ssm.send(new ssm.PutParameterCommand({ Name: `/p/${name}`, Value: name, Type: 'String' }));
    await clients.iam.send(new iam.CreateRoleCommand({ RoleName: name, ...trusted }));
    await clients.iam.send(new iam.AttachRolePolicyCommand({ RoleName: name, PolicyArn: Policy?.Arn }));
  }
  await clients.cloudFormation.send(
    new cloudformation.CreateStackCommand({ StackName: 'S', TemplateBody: template('one') }),
  );
  await settled('S');
});
afterAll(() => aws.stop());

describe('under the adversary lists come two a page', () => {
  it('objects, prefixes and versions', async () => {
    const { s3: client } = clients;
    const objects = s3.paginateListObjectsV2({ client }, { Bucket });
    expect(await sizes(objects, ({ Contents }) => Contents)).toEqual([2, 2, 1]);
    const folders = s3.paginateListObjectsV2({ client }, { Bucket, Prefix: 'ledger/', Delimiter: '/' });
    expect(await sizes(folders, ({ CommonPrefixes }) => CommonPrefixes)).toEqual([2, 2, 1]);
    const first = await client.send(new s3.ListObjectVersionsCommand({ Bucket }));
    expect([first.Versions?.length, first.IsTruncated]).toEqual([2, true]);
  });

  it('parameters and their history', async () => {
    const { ssm: client } = clients;
    const byPath = ssm.paginateGetParametersByPath({ client }, { Path: '/p' });
    expect(await sizes(byPath, ({ Parameters }) => Parameters)).toEqual([2, 2, 1]);
    for (const Value of ['2', '3']) {
      await client.send(new ssm.PutParameterCommand({ Name: '/p/a', Value, Overwrite: true }));
    }
    const history = ssm.paginateGetParameterHistory({ client, pageSize: 50 }, { Name: '/p/a' });
    expect(await sizes(history, ({ Parameters }) => Parameters)).toEqual([2, 1]);
  });

  it('entities of a policy', async () => {
    const PolicyArn = `arn:aws:iam::${aws.account}:policy/p`;
    const entities = iam.paginateListEntitiesForPolicy({ client: clients.iam }, { PolicyArn });
    expect(await sizes(entities, ({ PolicyRoles }) => PolicyRoles)).toEqual([2, 2, 1]);
  });

  it('versions of a prompt', async () => {
    const { bedrock: client } = clients;
    const { id: promptIdentifier } = await client.send(new CreatePromptCommand({ name: 'advisor' }));
    for (const description of ['one', 'two', 'three', 'four']) {
      await client.send(new CreatePromptVersionCommand({ promptIdentifier, description }));
    }
    const versions = paginateListPrompts({ client, pageSize: 10 }, { promptIdentifier });
    expect(await sizes(versions, ({ promptSummaries }) => promptSummaries)).toEqual([2, 2, 1]);
  });

  it('events of CloudTrail', async () => {
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'CreateRole' }];
    const events = cloudtrail.paginateLookupEvents({ client: clients.cloudtrail }, { LookupAttributes });
    expect(await sizes(events, ({ Events }) => Events)).toEqual([2, 2, 1]);
  });

  it('events, resources and change sets of a stack', async () => {
    const { cloudFormation: client } = clients;
    const StackName = 'S';
    const events = cloudformation.paginateDescribeStackEvents({ client }, { StackName });
    const pages = await sizes(events, ({ StackEvents }) => StackEvents);
    expect(pages.slice(0, -1).every((size) => size === 2)).toBe(true);
    // Begin and end of the stack and of three resources, and that each was begun.
    expect(pages.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(8);
    const resources = cloudformation.paginateListStackResources({ client }, { StackName });
    expect(await sizes(resources, (page) => page.StackResourceSummaries)).toEqual([2, 1]);
    const change = { StackName, TemplateBody: template('two') };
    for (const ChangeSetName of ['one', 'two', 'three']) {
      await client.send(new cloudformation.CreateChangeSetCommand({ ...change, ChangeSetName }));
    }
    const changes = cloudformation.paginateDescribeChangeSet({ client }, { StackName, ChangeSetName: 'one' });
    expect(await sizes(changes, ({ Changes }) => Changes)).toEqual([2, 1]);
    const sets = cloudformation.paginateListChangeSets({ client }, { StackName });
    expect(await sizes(sets, ({ Summaries }) => Summaries)).toEqual([2, 1]);
  });
});

it('a list that was begun stays as it was', async () => {
  const query = { Path: '/p' };
  const { NextToken } = await clients.ssm.send(new ssm.GetParametersByPathCommand(query));
  await clients.ssm.send(new ssm.PutParameterCommand({ Name: '/p/Z', Value: 'z', Type: 'String' }));

  const { Parameters } = await clients.ssm.send(new ssm.GetParametersByPathCommand({ ...query, NextToken }));

  expect(Parameters?.map(({ Name }) => Name)).toEqual(['/p/c', '/p/d']);
  await clients.ssm.send(new ssm.DeleteParameterCommand({ Name: '/p/Z' }));
});

it('a token is good for the list that gave it', async () => {
  const { NextToken } = await clients.ssm.send(new ssm.GetParametersByPathCommand({ Path: '/p' }));
  const elsewhere = new ssm.DescribeParametersCommand({ NextToken });

  await expect(clients.ssm.send(elsewhere)).rejects.toMatchObject({ name: 'InvalidNextToken' });
  const unknown = new cloudformation.DescribeStackEventsCommand({ StackName: 'S', NextToken: 'x' });
  await expect(clients.cloudFormation.send(unknown)).rejects.toMatchObject({ name: 'ValidationError' });
});

describe('readers of the ledger that ask for so many keys get them over pages', () => {
  it('the handlers', async () => {
    const store = new S3ObjectStore(clients.s3, Bucket, { now: Date.now, sleep: async () => {} });

    expect(await store.list('ledger/', 4)).toEqual(['a', 'b', 'c', 'd'].map((name) => `ledger/${name}/1`));
    expect(await store.list('ledger/', 1000, 'ledger/a/1')).toHaveLength(4);
    expect(await store.folders('ledger/')).toEqual(names);
  });

  it('the command', async () => {
    const reader = new RegistryReader(clients, { parameterPrefix: '/p', ledgerBucket: Bucket });
    for (const version of [1, 2, 3]) {
      const Key = archiveKey('P', version, `pd1:${'0'.repeat(64)}`);
      await clients.s3.send(new s3.PutObjectCommand({ Bucket, Key, Body: '{}' }));
    }
    expect((await reader.archive('P')).map(({ version }) => version)).toEqual([1, 2, 3]);
  });
});
