import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { zipSync } from 'fflate';
import type { FileAsset } from './cloud-assembly';
import type { DeployerEndpoint } from './deployer-endpoint';

/** For templates without a bucket of their own. */
const TEMPLATES = 'local-aws-deployer-templates';
/** Of the bootstrap stack that aws-cdk 2.1148 deploys. */
const BOOTSTRAP_VERSION = '33';

/** What `cdk bootstrap` would have made, as far as a stack needs it: buckets for assets and the version parameter. */
export class BootstrapResources {
  private readonly s3: S3Client;
  private readonly ssm: SSMClient;
  private readonly buckets = new Set<string>();
  private readonly objects = new Set<string>();

  constructor(private readonly aws: DeployerEndpoint) {
    const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    this.s3 = new S3Client({ ...client, forcePathStyle: true });
    this.ssm = new SSMClient(client);
  }

  /** Uploads what is not there yet. Keys are hashes of the content, so a key that is there holds the same. */
  async upload(assets: readonly FileAsset[]): Promise<void> {
    for (const { path, packaging, ...destination } of assets) {
      const bucket = this.resolved(destination.bucketName);
      const key = this.resolved(destination.objectKey);
      if (this.objects.has(`${bucket}/${key}`)) continue;
      await this.put(bucket, key, packaging === 'zip' ? zipped(path) : readFileSync(path));
      this.objects.add(`${bucket}/${key}`);
    }
  }

  /** Stores a template; answers where. */
  async uploadTemplate(stackName: string, template: string): Promise<string> {
    const key = `${stackName}.template.json`;
    await this.put(TEMPLATES, key, Buffer.from(template));
    return `${this.aws.endpoint}/${TEMPLATES}/${key}`;
  }

  /** A stack of CDK's default synthesizer looks up which version of the bootstrap stack there is. */
  async provideVersion(parameterName: string): Promise<void> {
    const parameter = { Name: parameterName, Type: 'String' as const, Value: BOOTSTRAP_VERSION };
    await this.ssm.send(new PutParameterCommand(parameter)).catch(unless('ParameterAlreadyExists'));
  }

  private async put(Bucket: string, Key: string, Body: Uint8Array): Promise<void> {
    if (!this.buckets.has(Bucket)) {
      await this.s3.send(new CreateBucketCommand({ Bucket })).catch(unless('BucketAlreadyOwnedByYou'));
      this.buckets.add(Bucket);
    }
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  private resolved(text: string): string {
    const { account, region } = this.aws;
    const known: Record<string, string> = { AccountId: account, Region: region, Partition: 'aws' };
    return text.replace(/\$\{AWS::(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
  }
}

function zipped(folder: string): Uint8Array {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  const contents = files.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]);
  // Stored: the archive goes no further than this machine, and compressing it takes longer than all else of an upload.
  return zipSync(Object.fromEntries(contents), { level: 0 });
}

function unless(name: string): (error: Error) => void {
  return (error) => {
    if (error.name !== name) throw error;
  };
}
