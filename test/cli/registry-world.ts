import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Capability,
  CloudFormationClient,
  CreateStackCommand,
  type Parameter,
  paginateDescribeStacks,
  type Tag,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { zipSync } from 'fflate';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';

export const PREFIX = '/prompts/test';
export const STACK = 'Prompts-test';
const ASSETS = 'assets-of-the-test';

/** What the stack holds at one deployment. */
export interface WorldApp {
  readonly text: string;
  /** Adds resources of its own to the stack. */
  readonly extra?: (stack: Stack) => void;
  /** Writes the template in another way. */
  readonly rewrite?: (template: string) => string;
  readonly tags?: Tag[];
}

/** An AWS on this machine with one registry: prompt `advisor`, STAGING follows its text, PROD moves by parameter, FIXED is pinned to 1. */
export class RegistryWorld {
  private readonly cloudFormation: CloudFormationClient;
  private readonly s3: S3Client;

  private constructor(readonly aws: LocalAws) {
    const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    this.cloudFormation = new CloudFormationClient(client);
    this.s3 = new S3Client({ ...client, forcePathStyle: true });
  }

  static async start(options: LocalAwsOptions = {}): Promise<RegistryWorld> {
    const world = new RegistryWorld(await startLocalAws(options));
    await world.s3.send(new CreateBucketCommand({ Bucket: ASSETS }));
    return world;
  }

  stop(): Promise<void> {
    return this.aws.stop();
  }

  /** Deploys as `cdk deploy` would, without its process: parameters keep their values. */
  async deploy(app: WorldApp, parameters: Record<string, string> = {}): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'registry-world-'));
    try {
      const body = await this.publish(app, folder);
      const before = await this.stack();
      const declared = Object.keys(JSON.parse(body).Parameters ?? {});
      const common = {
        ...{ StackName: STACK, TemplateBody: app.rewrite?.(body) ?? body, Tags: app.tags },
        Capabilities: ['CAPABILITY_NAMED_IAM' as Capability],
        Parameters: declared.flatMap((ParameterKey): Parameter[] => {
          if (parameters[ParameterKey]) return [{ ParameterKey, ParameterValue: parameters[ParameterKey] }];
          const known = before?.Parameters?.some((parameter) => parameter.ParameterKey === ParameterKey);
          return known ? [{ ParameterKey, UsePreviousValue: true }] : [];
        }),
      };
      if (before) await this.cloudFormation.send(new UpdateStackCommand(common));
      else await this.cloudFormation.send(new CreateStackCommand(common));
      await this.settled();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async stack() {
    for await (const { Stacks } of paginateDescribeStacks({ client: this.cloudFormation }, {})) {
      const found = Stacks?.find(({ StackName }) => StackName === STACK);
      if (found) return found;
    }
    return undefined;
  }

  /** Waits until nothing is in progress; answers the status. */
  async settled(): Promise<string> {
    for (;;) {
      const status = (await this.stack())?.StackStatus ?? '';
      if (!status.endsWith('_IN_PROGRESS')) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async publish({ text, extra }: WorldApp, folder: string): Promise<string> {
    const app = new App({ outdir: folder, analyticsReporting: false });
    const synthesizer = new DefaultStackSynthesizer({
      fileAssetsBucketName: ASSETS,
      generateBootstrapVersionRule: false,
    });
    const { account, region } = this.aws;
    const stack = new Stack(app, STACK, { synthesizer, env: { account, region } });
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0', inference: { temperature: 0.2 } });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    prompt.addAlias('FIXED', { target: AliasTarget.version(1) });
    extra?.(stack);
    app.synth();
    const { files } = JSON.parse(readFileSync(join(folder, `${STACK}.assets.json`), 'utf8'));
    for (const file of Object.values(files) as {
      source: { path: string; packaging: string };
      destinations: Record<string, { objectKey: string }>;
    }[]) {
      const path = join(folder, file.source.path);
      const Key = Object.values(file.destinations)[0]?.objectKey;
      if (file.source.packaging === 'zip')
        await this.s3.send(new PutObjectCommand({ Bucket: ASSETS, Key, Body: zipped(path) }));
    }
    return readFileSync(join(folder, `${STACK}.template.json`), 'utf8');
  }
}

function zipped(folder: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return zipSync(Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name))])));
}
