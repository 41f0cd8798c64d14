import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { zipSync } from 'fflate';
import { Deployer, type DeployOptions, type LocalAws, startLocalAws } from '../../../packages/local-aws';
import type { AdversaryOptions } from '../../../packages/local-aws/cloudformation/adversary';

/** A custom resource's event as its handler got it. */
export interface HandlerEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
}

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown>; [attribute: string]: unknown }>;

/*
 * Does what its properties say: `Answer` are members of the response (not to a Delete), `FailOn` the request types to fail,
 * `SilentOn` those to leave without an answer. Attributes are its `Value`, and the call that told it.
 */
const handler = `
exports.handler = async (event) => {
  const { ResponseURL, StackId, RequestId, LogicalResourceId, RequestType, PhysicalResourceId, ResourceProperties: p } = event;
  if ((p.SilentOn ?? '').includes(RequestType)) return;
  const Status = (p.FailOn ?? '').includes(RequestType) ? 'FAILED' : 'SUCCESS';
  const response = { Status, Reason: 'told to', StackId, RequestId, LogicalResourceId,
    PhysicalResourceId: PhysicalResourceId ?? 'made', Data: { Value: p.Value, Call: RequestId }, ...(RequestType === 'Delete' ? {} : p.Answer) };
  await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(response) });
};`;

/** One endpoint with a stack under test and a Lambda function for its custom resources. */
export class StackBench {
  stackName = 'Bench';
  functionArn = '';
  private readonly deployer: Deployer;
  private readonly clients: object[] = [];

  private constructor(readonly aws: LocalAws) {
    this.deployer = new Deployer(aws);
  }

  static async start(adversary: AdversaryOptions = {}): Promise<StackBench> {
    const bench = new StackBench(await startLocalAws({ cloudFormation: adversary }));
    await bench.addHandler();
    return bench;
  }

  get cloudFormation() {
    return this.client(CloudFormationClient);
  }

  get ssm() {
    return this.client(SSMClient);
  }

  client<C extends object>(Client: new (configuration: object) => C): C {
    const known = this.clients.find((client) => client instanceof Client) as C | undefined;
    const { endpoint, region, operator: credentials } = this.aws;
    const client = known ?? new Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    this.clients.push(...(known ? [] : [client]));
    return client;
  }

  /** Creates the stack or updates it, and waits until nothing moves any more. */
  async deploy(
    resources: Resources,
    { Template, ...options }: DeployOptions & { Template?: object } = {},
  ): Promise<Stack> {
    const template = JSON.stringify({ Resources: resources, ...Template });
    await this.deployer.deployTemplate(this.stackName, template, options);
    return this.describe();
  }

  async settled(stackName = this.stackName): Promise<Stack> {
    await this.deployer.settled(stackName);
    return this.describe(stackName);
  }

  async describe(stackName = this.stackName): Promise<Stack> {
    const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks[0] as Stack;
  }

  /** Oldest first, of the newest operation only. */
  async events(stackName = this.stackName): Promise<StackEvent[]> {
    const { StackEvents = [] } = await this.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: stackName }),
    );
    const newest = StackEvents[0]?.OperationId;
    return StackEvents.filter(({ OperationId }) => OperationId === newest).reverse();
  }

  /** `LOGICAL STATUS` of the newest operation's events, oldest first. */
  async story(): Promise<string[]> {
    return (await this.events()).map(
      ({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`,
    );
  }

  /** The events that handlers were sent since the last time. */
  handed(): HandlerEvent[] {
    const invokes = this.aws.calls.filter(({ operation }) => operation === 'Invoke');
    const events = invokes.map(({ input }) => JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()));
    const fresh = events.slice(this.seen);
    this.seen = events.length;
    return fresh;
  }

  private seen = 0;

  custom(properties: Record<string, unknown> = {}, attributes: Record<string, unknown> = {}) {
    return { Type: 'Custom::Thing', Properties: { ServiceToken: this.functionArn, ...properties }, ...attributes };
  }

  private async addHandler(): Promise<void> {
    const iam = this.client(IAMClient);
    const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'handler', AssumeRolePolicyDocument }));
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'handler', PolicyArn }));
    const code = { Bucket: 'handler-code', Key: 'handler.zip' };
    await this.client(S3Client).send(new CreateBucketCommand({ Bucket: code.Bucket }));
    const Body = zipSync({ 'index.js': Buffer.from(handler) });
    await this.client(S3Client).send(new PutObjectCommand({ ...code, Body }));
    const { FunctionArn = '' } = await this.client(LambdaClient).send(
      new CreateFunctionCommand({
        ...{ FunctionName: 'handler', Handler: 'index.handler', Runtime: 'nodejs22.x', Role: Role?.Arn },
        Code: { S3Bucket: code.Bucket, S3Key: code.Key },
      }),
    );
    this.functionArn = FunctionArn;
  }
}

/** A parameter resource: what stands for any AWS resource in these tests. */
export function parameter(Value: unknown, attributes: Record<string, unknown> = {}) {
  return { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value }, ...attributes };
}
