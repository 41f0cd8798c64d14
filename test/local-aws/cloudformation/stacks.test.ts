import { BedrockClient, ListInferenceProfilesCommand, ListTagsForResourceCommand } from '@aws-sdk/client-bedrock';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  GetTemplateCommand,
  ListImportsCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, GetPolicyVersionCommand, IAMClient, ListPolicyVersionsCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parameter, StackBench } from './stack-bench';

let bench: StackBench;
beforeEach(async () => {
  bench = await StackBench.start();
});
afterEach(() => bench.aws.stop());

const named = (Name: string, Value = 'x', attributes = {}) => ({
  ...{ Type: 'AWS::SSM::Parameter', Properties: { Name, Type: 'String', Value }, ...attributes },
});
const current = async (Name: string) => (await bench.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
const gone = (name: string) => expect(current(name)).rejects.toThrow(ParameterNotFound);

async function deleted() {
  const { StackId = '' } = await bench.describe();
  await bench.cloudFormation.send(new DeleteStackCommand({ StackName: 'Bench' }));
  return bench.settled(StackId);
}

describe('resources', () => {
  it('are made in the order of their references and deleted in the reverse one', async () => {
    const needing = (Ref: string) => parameter({ 'Fn::Sub': `after \${${Ref}}` });
    const { StackId = '' } = await bench.deploy({ C: needing('B'), B: needing('A'), A: parameter('x') });
    const completed = async (status: string) =>
      (await bench.events(StackId))
        .filter(({ ResourceStatus }) => ResourceStatus === status)
        .map(({ LogicalResourceId }) => LogicalResourceId);
    expect(await completed('CREATE_COMPLETE')).toEqual(['A', 'B', 'C', 'Bench']);
    await deleted();
    expect(await completed('DELETE_COMPLETE')).toEqual(['C', 'B', 'A', 'Bench']);
  });

  it('are replaced when a create-only property changes: the new one first, the old one in the cleanup', async () => {
    await bench.deploy({ P: named('/one') });
    await bench.deploy({ P: named('/two') });
    expect(await bench.story()).toEqual([
      ...['Bench UPDATE_IN_PROGRESS', 'P UPDATE_IN_PROGRESS', 'P UPDATE_COMPLETE'],
      ...['Bench UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'P DELETE_IN_PROGRESS', 'P DELETE_COMPLETE'],
      'Bench UPDATE_COMPLETE',
    ]);
    expect(await current('/two')).toBe('x');
    await gone('/one');
  });

  it('that are application inference profiles are replaced by any change but one of their tags', async () => {
    const bedrock = bench.client(BedrockClient);
    const own = async () =>
      (await bedrock.send(new ListInferenceProfilesCommand({ typeEquals: 'APPLICATION' }))).inferenceProfileSummaries;
    const profile = (CopyFrom: string, team: string) => ({
      Type: 'AWS::Bedrock::ApplicationInferenceProfile',
      Properties: {
        ...{ InferenceProfileName: 'costs', ModelSource: { CopyFrom } },
        Tags: [{ Key: 'team', Value: team }],
      },
    });
    const value = parameter({ 'Fn::Join': [' ', [{ Ref: 'A' }, { 'Fn::GetAtt': ['A', 'InferenceProfileId'] }]] });
    const nova = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova';
    await bench.deploy({ A: profile(`${nova}-pro-v1:0`, 'x'), P: value });
    const [first] = (await own()) ?? [];
    await bench.deploy({ A: profile(`${nova}-pro-v1:0`, 'y'), P: value });
    const resourceARN = first?.inferenceProfileArn;
    const { tags } = await bedrock.send(new ListTagsForResourceCommand({ resourceARN }));
    expect(tags).toEqual([{ key: 'team', value: 'y' }]);
    await bench.deploy({ A: profile(`${nova}-lite-v1:0`, 'y'), P: value });
    expect((await bench.story()).filter((event) => event.startsWith('A '))).toEqual([
      ...['A UPDATE_IN_PROGRESS', 'A UPDATE_COMPLETE', 'A DELETE_IN_PROGRESS', 'A DELETE_COMPLETE'],
    ]);
    const left = (await own()) ?? [];
    expect(left.map(({ models }) => models?.[0]?.modelArn)).toEqual([`${nova}-lite-v1:0`]);
    expect(left[0]?.inferenceProfileArn).not.toBe(resourceARN);
  });

  it('are kept where their policies say so', async () => {
    const keep = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
    await bench.deploy({ P: named('/one', 'x', keep), Q: named('/q') });
    await bench.deploy({ P: named('/two', 'x', keep), Q: named('/q') });
    expect(await current('/one')).toBe('x');
    const stack = await deleted();
    expect(stack.StackStatus).toBe('DELETE_COMPLETE');
    expect(await current('/two')).toBe('x');
    await gone('/q');
  });

  it('that exist already cannot be created, and are left as they are', async () => {
    await bench.ssm.send(new PutParameterCommand({ Name: '/taken', Value: 'x', Type: 'String' }));
    const stack = await bench.deploy({ P: named('/taken') });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await current('/taken')).toBe('x');
  });

  it('leave the stack when their condition ceases to hold', async () => {
    const Template = {
      Parameters: { On: { Type: 'String', Default: 'yes' } },
      Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'On' }, 'yes'] } },
    };
    const resources = { P: named('/p', 'x', { Condition: 'IsOn' }), Q: named('/q') };
    await bench.deploy(resources, { Template });
    expect(await current('/p')).toBe('x');
    await bench.deploy(resources, { Template, parameters: { On: 'no' } });
    await gone('/p');
  });

  it('are made with the rights of the role that the stack is given, which the caller must be let pass', async () => {
    const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await bench
      .client(IAMClient)
      .send(new CreateRoleCommand({ RoleName: 'weak', AssumeRolePolicyDocument }));
    const TemplateBody = JSON.stringify({ Resources: { P: named('/p') } });
    await bench.cloudFormation.send(new CreateStackCommand({ StackName: 'Bench', TemplateBody, RoleARN: Role?.Arn }));
    const stack = await bench.settled();
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const reasons = (await bench.events()).map(({ ResourceStatusReason: reason }) => reason).join();
    expect(reasons).toContain('assumed-role/weak/AWSCloudFormation is not authorized to perform: ssm:PutParameter');
  });

  it('of IAM keep five versions at most', async () => {
    const policy = (n: number) => {
      const Statement = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::b/${n}` }];
      const PolicyDocument = { Version: '2012-10-17', Statement };
      return { Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName: 'p', PolicyDocument } } };
    };
    for (const n of [1, 2, 3, 4, 5, 6, 7]) {
      expect((await bench.deploy(policy(n))).StackStatus).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    }
    const iam = bench.client(IAMClient);
    const PolicyArn = 'arn:aws:iam::111122223333:policy/p';
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    const VersionId = Versions.find(({ IsDefaultVersion }) => IsDefaultVersion)?.VersionId;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toContain('arn:aws:s3:::b/7');
    expect((await deleted()).StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('exports', () => {
  const exporting = (value: string) => ({ Outputs: { Out: { Value: value, Export: { Name: 'shared' } } } });

  it('can be imported, and then neither change nor go', async () => {
    await bench.deploy({ P: parameter('x') }, { Template: exporting('one') });
    const reader = { Resources: { R: named('/reader', { 'Fn::ImportValue': 'shared' } as never) } };
    const input = { StackName: 'Reader', TemplateBody: JSON.stringify(reader) };
    await bench.cloudFormation.send(new CreateStackCommand(input));
    await bench.settled('Reader');
    expect(await current('/reader')).toBe('one');
    const { Imports } = await bench.cloudFormation.send(new ListImportsCommand({ ExportName: 'shared' }));
    expect(Imports).toEqual(['Reader']);

    const stack = await bench.deploy({ P: parameter('x') }, { Template: exporting('two') });

    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    const reasons = (await bench.events()).map(({ ResourceStatusReason: reason }) => reason);
    expect(reasons).toContain('Cannot update export shared as it is in use by Reader.');
    expect(stack.Outputs).toMatchObject([{ OutputValue: 'one', ExportName: 'shared' }]);
    expect((await deleted()).StackStatus).toBe('DELETE_FAILED');
  });

  it('must exist', async () => {
    const stack = bench.deploy({ R: parameter({ 'Fn::ImportValue': 'nothing' }) });
    await expect(stack).resolves.toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
  });
});

describe('a stack', () => {
  it('without changes is not updated', async () => {
    await bench.deploy({ P: parameter('x') });
    await expect(bench.deploy({ P: parameter('x') })).rejects.toThrow('No updates are to be performed.');
  });

  it('shows the template and resources that it has, not those it was refused', async () => {
    await bench.deploy({ P: named('/p', 'one') });
    await bench.deploy({ P: named('/p', 'two'), Taken: named('/p') });
    const { TemplateBody } = await bench.cloudFormation.send(new GetTemplateCommand({ StackName: 'Bench' }));
    expect(JSON.parse(TemplateBody ?? '').Resources).toEqual({ P: named('/p', 'one') });
    const { StackResources } = await bench.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: 'Bench' }),
    );
    expect(StackResources).toMatchObject([
      { LogicalResourceId: 'P', PhysicalResourceId: '/p', ResourceStatus: 'UPDATE_COMPLETE' },
    ]);
    expect(await current('/p')).toBe('one');
  });

  it('is protected from deletion if told so, and found by its id afterwards', async () => {
    const { StackId } = await bench.deploy({ P: parameter('x') });
    const protect = (EnableTerminationProtection: boolean) =>
      bench.cloudFormation.send(
        new UpdateTerminationProtectionCommand({ StackName: 'Bench', EnableTerminationProtection }),
      );
    await protect(true);
    await expect(deleted()).rejects.toThrow('Stack [Bench] cannot be deleted while TerminationProtection is enabled');
    await protect(false);
    expect((await deleted()).StackStatus).toBe('DELETE_COMPLETE');
    await expect(bench.describe()).rejects.toThrow('Stack with id Bench does not exist');
    expect((await bench.describe(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  });
});
