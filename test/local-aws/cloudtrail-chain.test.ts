import { BedrockAgentClient, CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteObjectsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { StackBench } from './cloudformation/stack-bench';
import { ACCOUNT, clientsFor, policy, statement, trustAccount } from './local-clients';

let aws: LocalAws;
let operator: ReturnType<typeof clientsFor>;

beforeEach(async () => {
  aws = await startLocalAws();
  operator = clientsFor(aws, aws.operator);
});
afterEach(() => aws.stop());

async function eventsBy(AttributeKey: 'AccessKeyId' | 'ResourceName' | 'EventName', AttributeValue: string) {
  const LookupAttributes = [{ AttributeKey, AttributeValue }];
  const { Events = [] } = await operator.cloudtrail.send(new LookupEventsCommand({ LookupAttributes }));
  return Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent));
}

const everything = policy(statement('Allow', '*', '*'));
const trustCloudFormation = policy({
  ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
  Principal: { Service: 'cloudformation.amazonaws.com' },
});

async function role(RoleName: string, AssumeRolePolicyDocument: string): Promise<string> {
  const { Role } = await operator.iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Path: '/cdk/' }),
  );
  await operator.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument: everything }));
  return Role?.Arn ?? '';
}

const resources = { Pointer: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/p', Type: 'String', Value: '1' } } };

async function deploy(settings: object, more: object = {}) {
  const client = new CloudFormationClient(settings);
  const TemplateBody = JSON.stringify({ Resources: resources, Parameters: { Secret: { Type: 'String' } } });
  const Parameters = [{ ParameterKey: 'Secret', ParameterValue: 'open-sesame' }];
  const StackName = 'Registry';
  await client.send(new CreateStackCommand({ StackName, TemplateBody, Parameters, ...more }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.1 }, { StackName });
}

describe('a stack that alice deploys through the bootstrap roles', () => {
  let deployKey: string;
  beforeEach(async () => {
    const deployRole = await role('deploy-role', trustAccount);
    const RoleARN = await role('exec-role', trustCloudFormation);
    const alice = clientsFor(aws, aws.user('alice'));
    const { Credentials } = await alice.sts.send(
      new AssumeRoleCommand({ RoleArn: deployRole, RoleSessionName: 'aws-cdk-alice' }),
    );
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      SessionToken: sessionToken,
    } = Credentials ?? {};
    deployKey = accessKeyId;
    const settings = { ...alice.settings, credentials: { accessKeyId, secretAccessKey, sessionToken } };
    await deploy(settings, { RoleARN, ClientRequestToken: 'the-token' });
  });

  it('leads from the operation’s token over the deploy role’s key to her', async () => {
    const [created] = await eventsBy('EventName', 'CreateStack');
    expect(created).toMatchObject({
      requestParameters: { stackName: 'Registry', clientRequestToken: 'the-token', parameters: [{}] },
      responseElements: { stackId: expect.stringContaining(':stack/Registry/') },
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy-role/aws-cdk-alice`,
        accessKeyId: deployKey,
        // The session's ARN has lost the role's path, its issuer keeps it.
        sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${ACCOUNT}:role/cdk/deploy-role` } },
      },
    });

    const [issued] = await eventsBy('ResourceName', created.userIdentity.accessKeyId);
    expect(issued).toMatchObject({ eventName: 'AssumeRole', userIdentity: { type: 'IAMUser', userName: 'alice' } });
  });

  it('shows of a stack’s parameters the names only, and no template', async () => {
    const [created] = await eventsBy('EventName', 'CreateStack');
    expect(created.requestParameters.parameters).toEqual([{ parameterKey: 'Secret' }]);
    expect(created.requestParameters.templateBody).toBeUndefined();
    expect(JSON.stringify(created)).not.toContain('open-sesame');
  });

  it('writes the parameter as the execution role, whose key a service was given', async () => {
    const [put] = await eventsBy('EventName', 'PutParameter');
    expect(put).toMatchObject({
      ...{ sourceIPAddress: 'cloudformation.amazonaws.com', userAgent: 'cloudformation.amazonaws.com' },
      userIdentity: {
        ...{ type: 'AssumedRole', invokedBy: 'cloudformation.amazonaws.com' },
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/exec-role/AWSCloudFormation`,
      },
    });

    const [issued] = await eventsBy('ResourceName', put.userIdentity.accessKeyId);
    expect(issued).toMatchObject({
      ...{ eventName: 'AssumeRole', sourceIPAddress: 'cloudformation.amazonaws.com' },
      userIdentity: { type: 'AWSService', invokedBy: 'cloudformation.amazonaws.com' },
      requestParameters: {
        roleArn: `arn:aws:iam::${ACCOUNT}:role/cdk/exec-role`,
        roleSessionName: 'AWSCloudFormation',
      },
    });
  });
});

it('a stack without a role is deployed in its user’s name, through CloudFormation', async () => {
  const alice = clientsFor(aws, aws.user('alice'));
  await deploy(alice.settings);

  const [put] = await eventsBy('EventName', 'PutParameter');
  expect(put.userIdentity).toMatchObject({
    ...{ type: 'IAMUser', userName: 'alice', invokedBy: 'cloudformation.amazonaws.com' },
    accessKeyId: alice.settings.credentials.accessKeyId,
  });
});

it('a function works as its role, which Lambda assumed for it', async () => {
  const bench = await StackBench.start();
  try {
    await bench.deploy({ Thing: bench.custom() });
    const assumed = bench.aws.history.entries
      .map(({ record }) => record)
      .filter(({ eventName }) => eventName === 'AssumeRole');
    expect(assumed).toMatchObject([
      {
        ...{
          userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
          userAgent: 'lambda.amazonaws.com',
        },
        requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/handler`, roleSessionName: 'handler' },
        responseElements: { credentials: { accessKeyId: expect.stringMatching(/^ASIA/) } },
      },
    ]);
  } finally {
    await bench.aws.stop();
  }
});

describe('data events', () => {
  const data = () => aws.history.entries.map(({ record }) => record).filter(({ managementEvent }) => !managementEvent);

  it('a Converse with a prompt version is a RenderPrompt of that version beside it', async () => {
    const agent = new BedrockAgentClient(operator.settings);
    const text = { text: { text: 'Sort it', inputVariables: [] } };
    const variant = { name: 'main', templateType: 'TEXT' as const, templateConfiguration: text };
    const variants = [{ ...variant, modelId: 'amazon.nova-pro-v1:0' }];
    const { id } = await agent.send(new CreatePromptCommand({ name: 'sorter', variants }));
    const { arn, version } = await agent.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
    const user = aws.user('caller', [
      { Version: '2012-10-17', Statement: [statement('Allow', ['bedrock:InvokeModel', 'bedrock:RenderPrompt'], '*')] },
    ]);
    await new BedrockRuntimeClient({ ...operator.settings, credentials: user }).send(
      new ConverseCommand({ modelId: arn }),
    );

    const [rendered] = data();
    const [converse] = await eventsBy('EventName', 'Converse');
    const [published] = await eventsBy('EventName', 'CreatePromptVersion');
    expect(rendered).toMatchObject({
      ...{ eventName: 'RenderPrompt', eventSource: 'bedrock.amazonaws.com', eventCategory: 'Data', readOnly: true },
      ...{ resources: [{ type: 'AWS::Bedrock::PromptVersion', ARN: arn }], userIdentity: { userName: 'caller' } },
    });
    expect(converse).toMatchObject({ requestParameters: { modelId: arn }, requestID: rendered?.requestID });
    expect(published).toMatchObject({ responseElements: { arn, version, variants: 'HIDDEN_DUE_TO_SECURITY_REASONS' } });
    expect(JSON.stringify([rendered, converse, published])).not.toContain('Sort it');
  });

  it('a caller without RenderPrompt is recorded as refused', async () => {
    const agent = new BedrockAgentClient(operator.settings);
    const { arn } = await agent.send(new CreatePromptCommand({ name: 'sorter' }));
    const user = aws.user('caller', [{ Version: '2012-10-17', Statement: [statement('Allow', 's3:*', '*')] }]);
    const client = new BedrockRuntimeClient({ ...operator.settings, credentials: user });
    await client.send(new ConverseCommand({ modelId: arn })).catch(() => {});

    expect(data()).toMatchObject([{ eventName: 'RenderPrompt', errorCode: 'AccessDeniedException' }]);
  });

  it('a DeleteObjects names no key, but each key is a DeleteObject, with the marker it left', async () => {
    const Bucket = 'some-bucket';
    await operator.s3.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await operator.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    await operator.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }] } }));

    const [all, a, b] = data();
    expect(all).toMatchObject({
      ...{
        eventName: 'DeleteObjects',
        resources: [{ ARNPrefix: `arn:aws:s3:::${Bucket}/` }, { type: 'AWS::S3::Bucket' }],
      },
      requestParameters: { bucketName: Bucket, delete: '' },
    });
    expect(JSON.stringify(all?.requestParameters)).not.toContain('Key');
    expect([a, b]).toMatchObject([
      {
        ...{ eventName: 'DeleteObject', requestParameters: { bucketName: Bucket, key: 'a' } },
        responseElements: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': expect.any(String) },
        resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${Bucket}/a` }, { type: 'AWS::S3::Bucket' }],
      },
      { requestParameters: { key: 'b' } },
    ]);
  });
});
