import {
  CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  ListChangeSetsCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

let bench: StackBench;
beforeEach(async () => {
  bench = await StackBench.start();
});
afterEach(() => bench.aws.stop());

const StackName = 'Bench';
const template = (...values: string[]) =>
  JSON.stringify({ Resources: Object.fromEntries(values.map((value) => [`P${value}`, parameter(value)])) });

async function change(ChangeSetName: string, more: Partial<CreateChangeSetCommandInput>) {
  await bench.cloudFormation.send(new CreateChangeSetCommand({ StackName, ChangeSetName, ...more }));
  const command = new DescribeChangeSetCommand({ StackName, ChangeSetName });
  return bench.cloudFormation.send(command);
}

async function execute(ChangeSetName: string, ClientRequestToken?: string) {
  await bench.cloudFormation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName, ClientRequestToken }));
  return bench.settled();
}

async function created(body = template('1')) {
  await change('first', { ChangeSetType: 'CREATE', TemplateBody: body });
  return execute('first');
}

describe('a change set', () => {
  it('creates a stack, which is under review until it is executed', async () => {
    const { Changes, ExecutionStatus } = await change('first', {
      ChangeSetType: 'CREATE',
      TemplateBody: template('1'),
    });
    expect((await bench.describe()).StackStatus).toBe('REVIEW_IN_PROGRESS');
    expect(Changes?.map(({ ResourceChange }) => ResourceChange)).toMatchObject([
      { Action: 'Add', LogicalResourceId: 'P1' },
    ]);
    expect(ExecutionStatus).toBe('AVAILABLE');
    expect((await execute('first')).StackStatus).toBe('CREATE_COMPLETE');
  });

  it('without changes fails in AWS’s words', async () => {
    await created();
    expect(await change('same', { TemplateBody: template('1') })).toMatchObject({
      ...{ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' },
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    });
  });

  it('is stale once another one was executed', async () => {
    await created();
    await change('a', { TemplateBody: template('1', '2') });
    await change('b', { TemplateBody: template('1', '3') });
    await execute('a');

    await expect(execute('b')).rejects.toMatchObject({
      name: 'InvalidChangeSetStatusException',
      message: expect.stringMatching(/cannot be executed in its current execution status of \[OBSOLETE\]$/),
    });
    const { Summaries = [] } = await bench.cloudFormation.send(new ListChangeSetsCommand({ StackName }));
    expect(Object.fromEntries(Summaries.map((each) => [each.ChangeSetName, each.ExecutionStatus]))).toEqual({
      ...{ first: 'EXECUTE_COMPLETE', a: 'EXECUTE_COMPLETE', b: 'OBSOLETE' },
    });
  });

  it('is stale once the stack was updated without one', async () => {
    await created();
    await change('a', { TemplateBody: template('1', '2') });
    await bench.deploy(JSON.parse(template('1', '3')).Resources);
    await expect(execute('a')).rejects.toThrow('cannot be executed in its current execution status of [OBSOLETE]');
  });

  it('that is refused leaves no stack behind', async () => {
    await expect(change('x', { ChangeSetType: 'CREATE', TemplateBody: '{"Resources":{}}' })).rejects.toThrow(
      'Template format error: At least one Resources member must be defined.',
    );
    await expect(bench.describe()).rejects.toThrow('Stack with id Bench does not exist');
  });

  it('asked for twice with one token is one; with another token its name is taken', async () => {
    await created();
    const input = { StackName, ChangeSetName: 'twice', TemplateBody: template('2') };
    const ask = (ClientToken: string) =>
      bench.cloudFormation.send(new CreateChangeSetCommand({ ...input, ClientToken }));
    expect((await ask('one')).Id).toBe((await ask('one')).Id);
    await expect(ask('two')).rejects.toThrow('ChangeSet twice already exists');
  });

  it('tells what is replaced, and what only the deployment will know', async () => {
    const body = (name: string) =>
      JSON.stringify({
        Resources: {
          Named: { Type: 'AWS::SSM::Parameter', Properties: { Name: name, Type: 'String', Value: 'x' } },
          Reader: parameter({ 'Fn::GetAtt': ['Named', 'Value'] }),
          Other: parameter('y'),
        },
      });
    await created(body('/one'));

    const { Changes = [] } = await change('rename', { TemplateBody: body('/two') });

    expect(Changes.map(({ ResourceChange }) => ResourceChange)).toMatchObject([
      { LogicalResourceId: 'Named', Action: 'Modify', Replacement: 'True', PolicyAction: 'ReplaceAndDelete' },
      {
        ...{ LogicalResourceId: 'Reader', Action: 'Modify', Replacement: 'False' },
        Details: [{ Target: { Name: 'Value', RequiresRecreation: 'Never' }, Evaluation: 'Dynamic' }],
      },
    ]);
    expect(Changes).toHaveLength(2);
  });

  it('of a stack that does not exist, or one that is not there', async () => {
    await expect(change('x', { TemplateBody: template('1') })).rejects.toThrow('Stack with id Bench does not exist');
    await created();
    await expect(execute('missing')).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
    await expect(change('again', { ChangeSetType: 'CREATE', TemplateBody: template('1') })).rejects.toThrow(
      'Stack [Bench] already exists and cannot be created again with the changeSet [again].',
    );
  });

  it('reads its template from S3 as the caller', async () => {
    const s3 = bench.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: 'templates' }));
    await s3.send(new PutObjectCommand({ Bucket: 'templates', Key: 'a.json', Body: template('1') }));
    const TemplateURL = `${bench.aws.endpoint}/templates/a.json`;
    await change('first', { ChangeSetType: 'CREATE', TemplateURL });
    expect((await execute('first')).StackStatus).toBe('CREATE_COMPLETE');
  });

  it('with IAM resources needs the capability', async () => {
    const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } };
    const more = { ChangeSetType: 'CREATE' as const, TemplateBody: JSON.stringify({ Resources: { R: role } }) };
    await expect(change('x', { ...more, Capabilities: ['CAPABILITY_IAM'] })).rejects.toThrow(
      'Requires capabilities : [CAPABILITY_NAMED_IAM]',
    );
  });

  it('refuses by name what is not here, before anything is done', async () => {
    const body = (resource: object) => JSON.stringify({ Resources: { R: resource } });
    const refused = async (resource: object, what: string) =>
      expect(change('x', { ChangeSetType: 'CREATE', TemplateBody: body(resource) })).rejects.toThrow(
        `local-aws does not implement ${what}`,
      );
    await refused({ Type: 'AWS::EC2::VPC' }, 'the resource type AWS::EC2::VPC');
    await refused(
      { Type: 'AWS::SSM::Parameter', Properties: { Policies: 'x' } },
      'property Policies of AWS::SSM::Parameter',
    );
    await refused(parameter({ 'Fn::Cidr': [] }), 'the intrinsic Fn::Cidr');
    await refused(parameter('{{resolve:secretsmanager:x}}'), 'the dynamic reference {{resolve:secretsmanager:x}}');
  });
});

describe('parameters', () => {
  const body = (Default?: string) =>
    JSON.stringify({
      Parameters: { Target: { Type: 'String', Default, AllowedPattern: 'none|[1-9][0-9]*' } },
      Resources: { P: parameter({ Ref: 'Target' }) },
    });
  const give = (ParameterValue: string) => ({ Parameters: [{ ParameterKey: 'Target', ParameterValue }] });
  const previous = { Parameters: [{ ParameterKey: 'Target', UsePreviousValue: true }], UsePreviousTemplate: true };

  it('keep their value when asked to, whatever the default says', async () => {
    await change('first', { ChangeSetType: 'CREATE', TemplateBody: body('none'), ...give('7') });
    await execute('first');
    const { Status, Parameters } = await change('keep', previous);
    expect(Status).toBe('FAILED');
    expect(Parameters).toEqual([{ ParameterKey: 'Target', ParameterValue: '7' }]);
  });

  it('must match their pattern from end to end', async () => {
    const input = { ChangeSetType: 'CREATE' as const, TemplateBody: body('none') };
    await expect(change('x', { ...input, ...give('7; drop') })).rejects.toThrow(
      "Parameter 'Target' must match pattern none|[1-9][0-9]*",
    );
    await expect(change('x', { ...input, ...give('nonesuch') })).rejects.toThrow('must match pattern');
  });

  it('must have values, and be those of the template', async () => {
    const input = { ChangeSetType: 'CREATE' as const, TemplateBody: body() };
    await expect(change('x', input)).rejects.toThrow('Parameters: [Target] must have values');
    const unknown = { Parameters: [{ ParameterKey: 'Other', ParameterValue: '1' }] };
    await expect(change('x', { ...input, ...unknown })).rejects.toThrow(
      'Parameters: [Other] do not exist in the template',
    );
  });

  it('of SSM type are looked up for each change set, and rules see the value', async () => {
    const Value = (text: string) =>
      bench.ssm.send(new PutParameterCommand({ Name: '/v', Value: text, Type: 'String', Overwrite: true }));
    const isBig = { 'Fn::Not': [{ 'Fn::Contains': [['1', '2'], { Ref: 'V' }] }] };
    const TemplateBody = JSON.stringify({
      Parameters: { V: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/v' } },
      Rules: { Check: { Assertions: [{ Assert: isBig, AssertDescription: 'too small' }] } },
      Resources: { P: parameter({ Ref: 'V' }) },
    });
    await Value('2');
    await expect(change('x', { ChangeSetType: 'CREATE', TemplateBody })).rejects.toThrow('too small');
    await Value('3');
    const { Parameters } = await change('y', { ChangeSetType: 'CREATE', TemplateBody });
    expect(Parameters).toEqual([{ ParameterKey: 'V', ParameterValue: '/v', ResolvedValue: '3' }]);
  });
});

it('is refused to callers without the right', async () => {
  const { endpoint, region } = bench.aws;
  const client = new CloudFormationClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' },
  });
  await expect(client.send(new ListChangeSetsCommand({ StackName }))).rejects.toThrow('security token');
});

describe('what a change set says besides its changes', () => {
  it.each<[Partial<CreateChangeSetCommandInput>, 'done' | 'refused']>([
    [{ RollbackConfiguration: { RollbackTriggers: [], MonitoringTimeInMinutes: 0 } }, 'done'],
    [{ OnStackFailure: 'DO_NOTHING' }, 'refused'],
    [{ DeploymentMode: 'REVERT_DRIFT' }, 'refused'],
    [{ ImportExistingResources: true }, 'done'],
    [{ IncludeNestedStacks: true }, 'done'],
    [{ Tags: [{ Key: 'a', Value: 'b' }] }, 'done'],
    [{ NotificationARNs: ['arn:aws:sns:us-east-1:111122223333:x'] }, 'done'],
  ])('%j is described, and %s when it is executed', async (says, end) => {
    await created();
    expect(await change('next', { TemplateBody: template('1', '2'), ...says })).toMatchObject(says);
    if (end === 'refused') await expect(execute('next')).rejects.toThrow(/local-aws does not implement/);
    else expect((await execute('next')).StackStatus).toBe('UPDATE_COMPLETE');
  });

  it('names the parameter that a property follows, beside the resource', async () => {
    const Parameters = { Word: { Type: 'String', Default: 'one' } };
    await created(JSON.stringify({ Parameters, Resources: { P1: parameter({ Ref: 'Word' }) } }));
    const { Changes } = await change('next', {
      UsePreviousTemplate: true,
      Parameters: [{ ParameterKey: 'Word', ParameterValue: 'two' }],
    });
    expect(Changes?.[0]?.ResourceChange?.Details).toMatchObject([
      { ChangeSource: 'ParameterReference', CausingEntity: 'Word', Evaluation: 'Static' },
    ]);
  });

  it('has a template that can be read by its id alone; that of none is none', async () => {
    await created();
    const { ChangeSetId } = await change('next', { TemplateBody: template('1', '2') });
    const read = (ChangeSetName?: string) => bench.cloudFormation.send(new GetTemplateCommand({ ChangeSetName }));
    expect((await read(ChangeSetId)).TemplateBody).toBe(template('1', '2'));
    await expect(read(`${ChangeSetId}0`)).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
  });
});

describe('a stack with characters beyond ASCII', () => {
  it('is made of them; with the habit that AWS is reported to have, they are shown as question marks', async () => {
    const marks = await StackBench.start({ questionMarks: true });
    try {
      await marks.deploy({ P1: parameter('Grüße 🚀') });
      const { TemplateBody } = await marks.cloudFormation.send(new GetTemplateCommand({ StackName }));
      expect(TemplateBody).toContain('Gr??e ?');
      const Name = (await marks.events()).findLast((event) => event.LogicalResourceId === 'P1')?.PhysicalResourceId;
      const { Parameter } = await marks.ssm.send(new GetParameterCommand({ Name }));
      expect(Parameter?.Value).toBe('Grüße 🚀');
    } finally {
      await marks.aws.stop();
    }
  });
});
