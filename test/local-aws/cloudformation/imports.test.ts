import {
  BedrockAgentClient,
  CreatePromptCommand,
  DeletePromptCommand,
  GetPromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourcesCommand,
  ExecuteChangeSetCommand,
  GetTemplateSummaryCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, HeadBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

type Resources = Record<string, object>;

let bench: StackBench;
let arn: string;
const failing = new Set<string>();
/** Change sets so far: each gets a name of its own. */
let count = 0;

beforeEach(async () => {
  failing.clear();
  bench = await StackBench.start({ failAt: (id, step) => step === 'Import' && failing.has(id) });
  await bench.client(S3Client).send(new CreateBucketCommand({ Bucket: 'kept-bucket' }));
  const variants = [{ name: 'v', templateType: 'TEXT' as const, templateConfiguration: { text: { text: 'Kept' } } }];
  const made = await bench.client(BedrockAgentClient).send(new CreatePromptCommand({ name: 'kept', variants }));
  arn = made.arn as string;
});
afterEach(() => bench.aws.stop());

const prompt = (text = 'Declared', more: object = {}) => ({
  Type: 'AWS::Bedrock::Prompt',
  DeletionPolicy: 'RetainExceptOnCreate',
  Properties: {
    Name: 'kept',
    Variants: [{ Name: 'v', TemplateType: 'TEXT', TemplateConfiguration: { Text: { Text: text } } }],
  },
  ...more,
});
const bucket = { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain', Properties: { BucketName: 'kept-bucket' } };
const entry = (LogicalResourceId = 'Prompt', ResourceIdentifier: Record<string, string> = { Arn: arn }) => ({
  LogicalResourceId,
  ResourceType: LogicalResourceId === 'Bucket' ? 'AWS::S3::Bucket' : 'AWS::Bedrock::Prompt',
  ResourceIdentifier,
});
const bucketEntry = () => entry('Bucket', { BucketName: 'kept-bucket' });

/** An import into the stack, as far as a change set. */
async function imported(resources: Resources, ...listed: ReturnType<typeof entry>[]) {
  return changeSet({ TemplateBody: JSON.stringify({ Resources: resources }), ResourcesToImport: listed });
}

async function changeSet(more: Partial<CreateChangeSetCommandInput>) {
  const input = {
    StackName: bench.stackName,
    ChangeSetName: `import-${++count}`,
    ChangeSetType: 'IMPORT' as const,
    ...more,
  };
  const { Id } = await bench.cloudFormation.send(new CreateChangeSetCommand(input));
  return bench.cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
}

async function execute() {
  await bench.cloudFormation.send(
    new ExecuteChangeSetCommand({ StackName: bench.stackName, ChangeSetName: `import-${count}` }),
  );
  return bench.settled();
}

const text = async () => {
  const found = await bench.client(BedrockAgentClient).send(new GetPromptCommand({ promptIdentifier: arn }));
  return found.variants?.[0]?.templateConfiguration?.text?.text;
};

describe('An import', () => {
  it('takes what exists into a new stack and leaves it as it is; the next deployment brings it to the template', async () => {
    const described = await imported({ Prompt: prompt(), Bucket: bucket }, entry(), bucketEntry());
    expect((await bench.describe()).StackStatus).toBe('REVIEW_IN_PROGRESS');
    expect(described).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
    expect(described.Changes).toEqual([
      expect.objectContaining({
        ResourceChange: {
          Action: 'Import',
          LogicalResourceId: 'Prompt',
          PhysicalResourceId: arn,
          ResourceType: 'AWS::Bedrock::Prompt',
          Scope: [],
          Details: [],
        },
      }),
      expect.objectContaining({ ResourceChange: expect.objectContaining({ PhysicalResourceId: 'kept-bucket' }) }),
    ]);
    expect((await execute()).StackStatus).toBe('IMPORT_COMPLETE');
    expect(await bench.story()).toEqual([
      'Bench IMPORT_IN_PROGRESS',
      'Prompt IMPORT_IN_PROGRESS',
      'Prompt IMPORT_COMPLETE',
      'Bucket IMPORT_IN_PROGRESS',
      'Bucket IMPORT_COMPLETE',
      'Bench IMPORT_COMPLETE',
    ]);
    expect(await text()).toBe('Kept');

    const Outputs = { Arn: { Value: { 'Fn::GetAtt': ['Prompt', 'Arn'] } }, Bucket: { Value: { Ref: 'Bucket' } } };
    const stack = await bench.deploy(
      { Prompt: prompt('New'), Bucket: bucket, P: parameter('x') },
      { Template: { Outputs } },
    );
    expect(stack).toMatchObject({ StackStatus: 'UPDATE_COMPLETE' });
    expect(stack.Outputs?.map(({ OutputValue }) => OutputValue)).toEqual([arn, 'kept-bucket']);
    expect(await text()).toBe('New');
  });

  it('adds to a stack that exists, of which nothing changes', async () => {
    await bench.deploy({ P: parameter('x') });
    await imported({ P: parameter('x'), Prompt: prompt() }, entry());
    expect((await execute()).StackStatus).toBe('IMPORT_COMPLETE');
    expect((await bench.story()).filter((line) => line.startsWith('P '))).toEqual([]);
    const again = imported({ P: parameter('x'), Prompt: prompt() }, entry());
    await expect(again).rejects.toThrow('The template should contain at least one new resource to import.');
  });

  it('takes back what a deleted stack retained', async () => {
    await imported({ Bucket: bucket }, bucketEntry());
    const { StackId = '' } = await execute();
    await bench.cloudFormation.send(new DeleteStackCommand({ StackName: bench.stackName }));
    expect((await bench.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    await bench.client(S3Client).send(new HeadBucketCommand({ Bucket: 'kept-bucket' }));
    expect((await imported({ Bucket: bucket }, bucketEntry())).Status).toBe('CREATE_COMPLETE');
    expect((await execute()).StackStatus).toBe('IMPORT_COMPLETE');
  });

  it('that fails leaves the stack as it was, and what it named as well', async () => {
    await bench.deploy({ P: parameter('x') });
    await imported({ P: parameter('x'), Prompt: prompt(), Bucket: bucket }, entry(), bucketEntry());
    failing.add('Bucket');
    expect((await execute()).StackStatus).toBe('IMPORT_ROLLBACK_COMPLETE');
    const { StackResources = [] } = await bench.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: bench.stackName }),
    );
    expect(StackResources.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['P']);
    expect(await text()).toBe('Kept');
    expect((await bench.deploy({ P: parameter('y') })).StackStatus).toBe('UPDATE_COMPLETE');
  });

  it('of what was deleted in the meantime fails when it is executed', async () => {
    await imported({ Prompt: prompt() }, entry());
    await bench.client(BedrockAgentClient).send(new DeletePromptCommand({ promptIdentifier: arn }));
    expect((await execute()).StackStatus).toBe('IMPORT_ROLLBACK_COMPLETE');
  });
});

describe('A change set that fails', () => {
  it.each([
    ['Prompt', 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ', 'was not found.'],
    ['Bucket', 'no-such-bucket', "Resource of type 'AWS::S3::Bucket' with identifier 'no-such-bucket' was not found."],
  ])('for a %s that does not exist', async (id, value, reason) => {
    const resources = { [id]: id === 'Bucket' ? bucket : prompt() };
    const failed = await imported(resources, entry(id, { [id === 'Bucket' ? 'BucketName' : 'Arn']: value }));
    expect(failed).toMatchObject({ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' });
    expect([failed.Changes, failed.StatusReason]).toEqual([[], expect.stringContaining(reason)]);
    expect((await bench.describe()).StackStatus).toBe('REVIEW_IN_PROGRESS');
  });

  it('for what another stack has, or this one under another name', async () => {
    await imported({ Prompt: prompt() }, entry());
    const { StackId } = await execute();
    const twice = await imported({ Prompt: prompt(), Again: prompt() }, entry('Again'));
    expect(twice.StatusReason).toBe(`${arn} already exists in stack ${StackId}`);
    bench.stackName = 'Other';
    expect((await imported({ Prompt: prompt() }, entry())).StatusReason).toBe(
      `${arn} already exists in stack ${StackId}`,
    );
  });
});

describe('Refused at once, and no stack is left:', () => {
  it.each<[string, Resources, () => ReturnType<typeof entry>[], string]>([
    ['nothing to import', { Prompt: prompt() }, () => [], 'Must Provide at least one resource to import'],
    [
      'one twice',
      { Prompt: prompt() },
      () => [entry(), entry()],
      'Every resource to import must have unique LogicalResourceId',
    ],
    [
      'no identifier',
      { Prompt: prompt() },
      () => [entry('Prompt', {})],
      "Value null at 'resourcesToImport.1.member.resourceIdentifier'",
    ],
    [
      'another key',
      { Prompt: prompt() },
      () => [entry('Prompt', { Id: 'x' })],
      'Invalid resource identifier for resource type AWS::Bedrock::Prompt. Expected [Arn]',
    ],
    ['a key more', { Bucket: bucket }, () => [entry('Bucket', { BucketName: 'b', Arn: 'a' })], 'Expected [BucketName]'],
    [
      'a name that the template lacks',
      { Prompt: prompt() },
      () => [entry('Missing')],
      'The logical resource ids [Missing] provided in ResourceToImport do not exist in the template.',
    ],
    [
      'another type',
      { Prompt: bucket },
      () => [entry()],
      'Resource type of [Prompt] passed in ResourceToImport does not match',
    ],
    [
      'a resource that is not listed',
      { Prompt: prompt(), P: parameter('x') },
      () => [entry()],
      'Resources [P] is missing from ResourceToImport list',
    ],
    [
      'no DeletionPolicy',
      { Prompt: prompt('x', { DeletionPolicy: undefined }) },
      () => [entry()],
      'The following resources to import [Prompt] must have DeletionPolicy attribute specified in the template.',
    ],
  ])('%s', async (_, resources, listed, message) => {
    await expect(imported(resources, ...listed())).rejects.toThrow(message);
    await expect(bench.describe()).rejects.toThrow('does not exist');
  });

  it.each<[string, Partial<CreateChangeSetCommandInput>, object, string]>([
    [
      'an output',
      {},
      { Outputs: { O: { Value: 'x' } } },
      'As part of the import operation, you cannot modify or add [Outputs]',
    ],
    ['a tag of the stack', { Tags: [{ Key: 'a', Value: 'b' }] }, {}, 'you cannot modify or add [Tags]'],
  ])('%s', async (_, more, template, message) => {
    const TemplateBody = JSON.stringify({ Resources: { Prompt: prompt() }, ...template });
    await expect(changeSet({ TemplateBody, ResourcesToImport: [entry()], ...more })).rejects.toThrow(message);
    await expect(bench.describe()).rejects.toThrow('does not exist');
  });

  it('a type that cannot be imported here is named', async () => {
    const parameterEntry = { ...entry('P', { Name: '/p' }), ResourceType: 'AWS::SSM::Parameter' };
    const listed = imported({ P: parameter('x', { DeletionPolicy: 'Retain' }) }, parameterEntry);
    await expect(listed).rejects.toThrow('imports of AWS::SSM::Parameter');
  });
});

it.each<[string, Resources]>([
  ['a change', { P: parameter('y'), Prompt: prompt() }],
  ['a removal', { Prompt: prompt() }],
])('%s of what the stack has is refused', async (_, resources) => {
  await bench.deploy({ P: parameter('x') });
  await expect(imported(resources as Resources, entry())).rejects.toThrow(
    'You have modified resources [P] in your template that are not being imported.',
  );
});

it('a policy that a bucket has already is refused, not overwritten', async () => {
  const statement = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:DeleteObject',
    Resource: 'arn:aws:s3:::kept-bucket/*',
  };
  const PolicyDocument = { Version: '2012-10-17', Statement: [statement] };
  const Policy = JSON.stringify(PolicyDocument);
  await bench.client(S3Client).send(new PutBucketPolicyCommand({ Bucket: 'kept-bucket', Policy }));
  const policy = { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: 'kept-bucket', PolicyDocument } };
  expect((await bench.deploy({ Policy: policy })).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect((await bench.events()).map(({ ResourceStatusReason: reason }) => reason)).toContain(
    'The bucket policy already exists on bucket kept-bucket.',
  );
});

it('the summary of a template says by which property each type is imported', async () => {
  const TemplateBody = JSON.stringify({ Resources: { A: prompt(), B: prompt(), P: parameter('x'), Bucket: bucket } });
  const summary = await bench.cloudFormation.send(new GetTemplateSummaryCommand({ TemplateBody }));
  expect(summary.ResourceIdentifierSummaries).toEqual([
    { ResourceType: 'AWS::Bedrock::Prompt', LogicalResourceIds: ['A', 'B'], ResourceIdentifiers: ['Arn'] },
    { ResourceType: 'AWS::S3::Bucket', LogicalResourceIds: ['Bucket'], ResourceIdentifiers: ['BucketName'] },
  ]);
});
