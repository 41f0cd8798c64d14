import { DeletePromptCommand, GetPromptCommand, UpdatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import type { Stack } from 'aws-cdk-lib';
import { RegistryReader } from '../../cli/registry-reader';
import type { LedgerRecord } from '../../core/ledger/record';
import { firstOf } from '../../core/release/replayed';
import { type Deployed, type LocalAws, type LocalAwsOptions, startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { type Clients, clientsOf } from './clients';

export interface BenchNames {
  readonly stack: string;
  readonly parameterPrefix: string;
  readonly promptName: string;
}

/** What must not change when a deployment fails. */
export interface Standing {
  readonly pointers: Record<string, string>;
  readonly heads: Record<string, LedgerRecord | undefined>;
  readonly versions: number[];
}

/** One stack with a registry, and what can be seen of one of its prompts from outside. */
export class RegistryBench {
  readonly operator: Clients;

  constructor(
    readonly aws: LocalAws,
    readonly names: BenchNames,
    readonly deployer = new StackDeployer(aws),
  ) {
    this.operator = clientsOf(aws);
  }

  static async start(names: BenchNames, options: LocalAwsOptions = {}): Promise<RegistryBench> {
    return new RegistryBench(await startLocalAws(options), names);
  }

  synthesize(build: (stack: Stack) => void): Promise<string> {
    return this.deployer.synthesize(this.names.stack, build);
  }

  deploy(template: string, parameters: Record<string, string> = {}): Promise<Deployed> {
    return this.deployer.deployTemplate(this.names.stack, template, { parameters });
  }

  /** ARN of the prompt, which is its draft's too. */
  async promptArn(promptName = this.names.promptName): Promise<string> {
    const prompts = Object.values(await this.deployer.resources(this.names.stack, 'AWS::Bedrock::Prompt'));
    for (const arn of prompts) {
      const { name } = await this.operator.bedrock.send(new GetPromptCommand({ promptIdentifier: arn }));
      if (name === promptName) return arn;
    }
    throw new Error(`expected a prompt ${promptName} among ${prompts.join(', ')}`);
  }

  async ledgerBucket(): Promise<string> {
    const [bucket = ''] = Object.values(await this.deployer.resources(this.names.stack, 'AWS::S3::Bucket'));
    return bucket;
  }

  async reader(): Promise<RegistryReader> {
    const { parameterPrefix } = this.names;
    return new RegistryReader(this.operator, { parameterPrefix, ledgerBucket: await this.ledgerBucket() });
  }

  /** Numbers of the versions that Bedrock holds. */
  async versions(promptArn?: string): Promise<number[]> {
    const arn = promptArn ?? (await this.promptArn());
    return (await (await this.reader()).versions(idOf(arn))).map(({ version }) => version);
  }

  /** Where each alias of the prompt points: `{ PROD: '1', STAGING: 'none' }`. */
  async pointers(): Promise<Record<string, string>> {
    const aliases = await (await this.reader()).aliases(this.names.promptName);
    return Object.fromEntries(
      aliases.map(({ aliasName, versionArn }) => [aliasName, versionArn.split(':').pop() ?? '']),
    );
  }

  /** The alias's records, oldest first; throws if the chain does not verify. */
  async ledger(aliasName: string, promptArn?: string): Promise<LedgerRecord[]> {
    const arn = promptArn ?? (await this.promptArn());
    const { records, findings } = await (await this.reader()).ledger(idOf(arn), aliasName);
    if (findings.length > 0) throw new Error(`the ledger of ${aliasName} does not verify: ${JSON.stringify(findings)}`);
    return records;
  }

  /** @param lost ARN of the prompt, where Bedrock does not hold it any more */
  async standing(lost?: string): Promise<Standing> {
    const [promptArn, reader, pointers] = [
      lost ?? (await this.promptArn()),
      await this.reader(),
      await this.pointers(),
    ];
    const heads: Standing['heads'] = {};
    for (const alias of Object.keys(pointers)) {
      heads[alias] = await firstOf(reader.history(idOf(promptArn), alias));
    }
    const versions = lost ? [] : await reader.versions(idOf(promptArn));
    return { pointers, heads, versions: versions.map(({ version }) => version) };
  }

  /** Changes the draft's text as somebody at the console would. */
  async editDraft(text: string): Promise<void> {
    const { bedrock } = this.operator;
    const {
      name,
      variants = [],
      defaultVariant,
      id,
    } = await bedrock.send(new GetPromptCommand({ promptIdentifier: await this.promptArn() }));
    const edited = variants.map((variant) => ({ ...variant, templateConfiguration: { text: { text } } }));
    await bedrock.send(new UpdatePromptCommand({ promptIdentifier: id, name, defaultVariant, variants: edited }));
  }

  async deleteByHand(promptIdentifier: string, promptVersion?: string): Promise<void> {
    await this.operator.bedrock.send(new DeletePromptCommand({ promptIdentifier, promptVersion }));
  }
}

export function idOf(promptArn: string): string {
  return promptArn.slice(promptArn.lastIndexOf('/') + 1);
}
