import { randomUUID } from 'node:crypto';
import {
  type Capability,
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  paginateDescribeStackEvents,
  paginateDescribeStacks,
  type Stack,
  type StackEvent,
  type Tag,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { BootstrapResources } from './bootstrap-resources';
import { assembledStack, type CloudAssembly } from './cloud-assembly';
import type { DeployerEndpoint } from './deployer-endpoint';
import { declaredParameters, parametersFor } from './stack-parameters';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html, in bytes. */
const LARGEST_BODY = 51_200;

export interface DeployerOptions {
  /** The role that CloudFormation deploys with, as `cdk bootstrap` makes one. @default the operator's own rights */
  readonly roleArn?: string;
}

export interface DeployOptions {
  /** Values of the stack's parameters. @default those of the deployment before, else the template's defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Parameters that take the template's default again. @default none */
  readonly reset?: readonly string[];
  /** Tags of the stack, instead of those it has. @default unchanged */
  readonly tags?: readonly Tag[];
}

/** How a deployment ended. */
export interface Deployed {
  /** `CREATE_COMPLETE`, `UPDATE_ROLLBACK_COMPLETE` … */
  readonly status: string;
  /** `LogicalId: reason` of each resource that failed, in order; empty when all went well. */
  readonly failures: readonly string[];
}

/**
 * Deploys stacks to a local endpoint as `cdk deploy` does, from the same template and assets but without the CLI's
 * process: in well under a second where the CLI takes nine. A deployment that fails does not throw: look at `failures`.
 * What CloudFormation refuses at once does throw, also `No updates are to be performed.`
 *
 * It creates what `cdk bootstrap` would have, as far as the stack needs it: buckets for assets and the version parameter.
 * It has no change sets, no approval of IAM changes and no hotswap: try those with the CLI.
 *
 * @example
 * const aws = await startLocalAws();
 * const deployer = new Deployer(aws);
 * const app = new App();
 * new MyStack(app, 'MyStack');
 * expect((await deployer.deploy('MyStack', app.synth())).failures).toEqual([]);
 */
export class Deployer {
  /** The operator's client, for all that this class does not do. */
  readonly cloudFormation: CloudFormationClient;
  private readonly bootstrap: BootstrapResources;
  private readonly roleArn?: string;

  constructor(aws: DeployerEndpoint, options: DeployerOptions = {}) {
    const { endpoint, region, operator: credentials } = aws;
    this.cloudFormation = new CloudFormationClient({ endpoint, region, credentials });
    this.bootstrap = new BootstrapResources(aws);
    this.roleArn = options.roleArn;
  }

  /** Deploys one stack of a synthesized app, new or changed, and waits for the end. Stacks it needs come before it. */
  async deploy(stackName: string, assembly: CloudAssembly, options?: DeployOptions): Promise<Deployed> {
    return this.deployTemplate(stackName, await this.publish(stackName, assembly), options);
  }

  /** Deploys a template as it is, JSON or YAML, and waits for the end. */
  async deployTemplate(stackName: string, template: string, options?: DeployOptions): Promise<Deployed> {
    const token = randomUUID();
    const id = await this.begin(stackName, template, options, token);
    const status = await this.settled(id);
    // All events of an operation carry the token it was begun with.
    const events = (await this.events(id)).filter(({ ClientRequestToken }) => ClientRequestToken === token).reverse();
    const failures = events
      .filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
    return { status, failures };
  }

  /** Begins to create or update a stack without waiting; answers its id. `settled` waits for the end. */
  async begin(stackName: string, template: string, options: DeployOptions = {}, token?: string): Promise<string> {
    const { parameters = {}, reset = [], tags } = options;
    const before = await this.stack(stackName);
    const declared = declaredParameters(template);
    const { Type, Default } = declared.BootstrapVersion ?? {};
    if (Type === 'AWS::SSM::Parameter::Value<String>' && !('BootstrapVersion' in parameters)) {
      await this.bootstrap.provideVersion(String(Default));
    }
    const isLarge = Buffer.byteLength(template) > LARGEST_BODY;
    const request = {
      StackName: stackName,
      ...(isLarge
        ? { TemplateURL: await this.bootstrap.uploadTemplate(stackName, template) }
        : { TemplateBody: template }),
      RoleARN: this.roleArn,
      Capabilities: ['CAPABILITY_NAMED_IAM' as Capability],
      Parameters: parametersFor(declared, parameters, reset, before?.Parameters ?? []),
      Tags: tags && [...tags],
      ClientRequestToken: token,
    };
    const command = before ? new UpdateStackCommand(request) : new CreateStackCommand(request);
    const { StackId = '' } = await this.cloudFormation.send(command);
    return StackId;
  }

  /** Uploads the assets of a stack; answers its template. */
  async publish(stackName: string, assembly: CloudAssembly): Promise<string> {
    const { template, assets } = assembledStack(assembly, stackName);
    await this.bootstrap.upload(assets);
    return template;
  }

  /** Deletes a stack; answers the status it ended in, `DELETE_COMPLETE` or `DELETE_FAILED`. */
  async destroy(stackName: string): Promise<string> {
    await this.cloudFormation.send(new DeleteStackCommand({ StackName: stackName, RoleARN: this.roleArn }));
    return this.settled(stackName);
  }

  /** Waits until nothing is in progress; answers the status, `DELETE_COMPLETE` for a stack that is gone. */
  async settled(stack: string, onTheWay: (status: string) => void = () => {}): Promise<string> {
    for (let pause = 10; ; pause = Math.min(pause * 1.2, 50)) {
      const status = (await this.stack(stack))?.StackStatus ?? 'DELETE_COMPLETE';
      if (!status.endsWith('_IN_PROGRESS')) {
        return status;
      }
      onTheWay(status);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** A stack that exists, by name or id. */
  async stack(nameOrId: string): Promise<Stack | undefined> {
    for await (const { Stacks } of paginateDescribeStacks({ client: this.cloudFormation }, {})) {
      const found = Stacks?.find(({ StackName, StackId }) => StackName === nameOrId || StackId === nameOrId);
      if (found) return found;
    }
    return undefined;
  }

  /** Values of the stack's outputs, by name. */
  async outputs(stackName: string): Promise<Record<string, string>> {
    const { Outputs = [] } = (await this.stack(stackName)) ?? {};
    return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']));
  }

  /** Physical ids of the stack's resources of a type, by logical id. */
  async resources(stackName: string, type: string): Promise<Record<string, string>> {
    const command = new DescribeStackResourcesCommand({ StackName: stackName });
    const { StackResources = [] } = await this.cloudFormation.send(command);
    const ofType = StackResources.filter(({ ResourceType }) => ResourceType === type);
    return Object.fromEntries(ofType.map((found) => [found.LogicalResourceId, found.PhysicalResourceId ?? '']));
  }

  /** Events of the stack, newest first; none of a stack that does not exist. */
  async events(nameOrId: string): Promise<StackEvent[]> {
    if (!(await this.stack(nameOrId))) {
      return [];
    }
    const events: StackEvent[] = [];
    for await (const page of paginateDescribeStackEvents({ client: this.cloudFormation }, { StackName: nameOrId })) {
      events.push(...(page.StackEvents ?? []));
    }
    return events;
  }
}
