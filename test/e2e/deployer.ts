import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Capability,
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  type Parameter,
  paginateDescribeStackEvents,
  paginateDescribeStacks,
  type Stack as StackDescription,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { zipSync } from 'fflate';
import type { LocalAws } from '../../packages/local-aws';

const ASSETS = 'assets-of-the-tests';

/** How a deployment ended. */
export interface Deployed {
  /** `UPDATE_COMPLETE`, `UPDATE_ROLLBACK_COMPLETE` … */
  readonly status: string;
  /** Reasons of the resources that failed, in order; empty when all went well. */
  readonly failures: string[];
}

/** Deploys stacks as `cdk deploy` would, from the same synthesized template and assets, without the CLI's process. */
export class Deployer {
  readonly cloudFormation: CloudFormationClient;
  private readonly s3: S3Client;
  private readonly uploaded = new Set<string>();

  /** @param roleArn the role that CloudFormation deploys with, as `cdk bootstrap` makes one. @default the operator's own rights */
  constructor(
    private readonly aws: LocalAws,
    private readonly roleArn?: string,
  ) {
    const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    this.cloudFormation = new CloudFormationClient(client);
    this.s3 = new S3Client({ ...client, forcePathStyle: true });
  }

  /** Synthesizes the stack that `build` fills and deploys it. Parameters that are not given keep their values. */
  async deploy(
    name: string,
    build: (stack: Stack) => void,
    parameters: Record<string, string> = {},
  ): Promise<Deployed> {
    return this.deployTemplate(name, await this.synthesize(name, build), parameters);
  }

  /** Deploys a template as it is. */
  async deployTemplate(name: string, template: string, parameters: Record<string, string> = {}): Promise<Deployed> {
    const eventsBefore = new Set((await this.events(name)).map(({ EventId }) => EventId));
    const before = await this.stack(name);
    const declared = Object.keys(JSON.parse(template).Parameters ?? {});
    const request = {
      StackName: name,
      RoleARN: this.roleArn,
      TemplateURL: await this.publish(`${name}.template.json`, Buffer.from(template)),
      Capabilities: ['CAPABILITY_NAMED_IAM' as Capability],
      Parameters: declared.flatMap((ParameterKey): Parameter[] => {
        if (parameters[ParameterKey] !== undefined) {
          return [{ ParameterKey, ParameterValue: parameters[ParameterKey] }];
        }
        const known = before?.Parameters?.some((parameter) => parameter.ParameterKey === ParameterKey);
        return known ? [{ ParameterKey, UsePreviousValue: true }] : [];
      }),
    };
    await this.cloudFormation.send(before ? new UpdateStackCommand(request) : new CreateStackCommand(request));
    const status = await this.settled(name);
    const events = (await this.events(name)).filter(({ EventId }) => !eventsBefore.has(EventId)).reverse();
    const failures = events
      .filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
    return { status, failures };
  }

  /** Deletes the stack; answers the status it ended in. */
  async destroy(name: string): Promise<string> {
    await this.cloudFormation.send(new DeleteStackCommand({ StackName: name, RoleARN: this.roleArn }));
    return this.settled(name);
  }

  /** The template of the stack that `build` fills; its assets are uploaded. */
  async synthesize(name: string, build: (stack: Stack) => void): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'deployer-'));
    try {
      const app = new App({ outdir: folder, analyticsReporting: false });
      const synthesizer = new DefaultStackSynthesizer({
        fileAssetsBucketName: ASSETS,
        generateBootstrapVersionRule: false,
      });
      const { account, region } = this.aws;
      build(new Stack(app, name, { synthesizer, env: { account, region } }));
      app.synth();
      return await this.publishAssembly(folder, name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The template of a stack in an assembly; its assets are uploaded. */
  async publishAssembly(folder: string, name: string): Promise<string> {
    await this.publishAssets(folder, name);
    return readFileSync(join(folder, `${name}.template.json`), 'utf8');
  }

  async stack(name: string): Promise<StackDescription | undefined> {
    for await (const { Stacks } of paginateDescribeStacks({ client: this.cloudFormation }, {})) {
      const found = Stacks?.find(({ StackName, StackId }) => StackName === name || StackId === name);
      if (found) return found;
    }
    return undefined;
  }

  /** Newest first. */
  async events(name: string): Promise<StackEvent[]> {
    if (!(await this.stack(name))) {
      return [];
    }
    const events: StackEvent[] = [];
    for await (const page of paginateDescribeStackEvents({ client: this.cloudFormation }, { StackName: name })) {
      events.push(...(page.StackEvents ?? []));
    }
    return events;
  }

  /** Physical ids of the stack's resources of a type, by logical id. */
  async resources(name: string, type: string): Promise<Record<string, string>> {
    const command = new DescribeStackResourcesCommand({ StackName: name });
    const { StackResources = [] } = await this.cloudFormation.send(command);
    const ofType = StackResources.filter(({ ResourceType }) => ResourceType === type);
    return Object.fromEntries(ofType.map((found) => [found.LogicalResourceId, found.PhysicalResourceId ?? '']));
  }

  /** Waits until nothing is in progress; answers the status, `DELETE_COMPLETE` for a stack that is gone. */
  async settled(name: string): Promise<string> {
    for (let pause = 20; ; pause = Math.min(pause * 1.2, 100)) {
      const status = (await this.stack(name))?.StackStatus ?? 'DELETE_COMPLETE';
      if (!status.endsWith('_IN_PROGRESS')) {
        return status;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private async publishAssets(folder: string, name: string): Promise<void> {
    const { files } = JSON.parse(readFileSync(join(folder, `${name}.assets.json`), 'utf8')) as { files: object };
    for (const { source, destinations } of Object.values(files) as FileAsset[]) {
      const [destination] = Object.values(destinations);
      if (source.packaging === 'zip' && destination && !this.uploaded.has(destination.objectKey)) {
        await this.publish(destination.objectKey, zipped(join(folder, source.path)));
        this.uploaded.add(destination.objectKey);
      }
    }
  }

  private async publish(Key: string, Body: Uint8Array): Promise<string> {
    if (this.uploaded.size === 0) {
      await this.s3.send(new CreateBucketCommand({ Bucket: ASSETS }));
      this.uploaded.add(ASSETS);
    }
    await this.s3.send(new PutObjectCommand({ Bucket: ASSETS, Key, Body }));
    return `${this.aws.endpoint}/${ASSETS}/${Key}`;
  }
}

interface FileAsset {
  readonly source: { readonly path: string; readonly packaging: string };
  readonly destinations: Record<string, { readonly objectKey: string }>;
}

function zipped(folder: string): Uint8Array {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return zipSync(Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name))])));
}
