import type { BedrockAgentClient, PromptSummary } from '@aws-sdk/client-bedrock-agent';
import { paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { type VerifiedChain, verifyChain } from '../core/ledger-chain';
import { ledgerPrefix } from '../core/ledger-key';

export interface RegistryLocation {
  /** `/prompts/prod` */
  readonly parameterPrefix: string;
  readonly ledgerBucket: string;
}

export interface AliasPointer {
  readonly promptName: string;
  readonly aliasName: string;
  /** Version ARN, or `none`. */
  readonly versionArn: string;
}

export interface PublishedVersion {
  readonly version: number;
  /** `pd1:…`, or undefined for a version that the registry did not publish. */
  readonly digest: string | undefined;
}

/** Reads what a registry says of itself: pointers, versions, ledger. Writes nothing. */
export class RegistryReader {
  constructor(
    private readonly clients: { readonly ssm: SSMClient; readonly bedrock: BedrockAgentClient; readonly s3: S3Client },
    private readonly location: RegistryLocation,
  ) {}

  async aliases(): Promise<AliasPointer[]> {
    const found: AliasPointer[] = [];
    const query = { Path: this.location.parameterPrefix, Recursive: true };
    for await (const page of paginateGetParametersByPath({ client: this.clients.ssm }, query)) {
      for (const { Name = '', Value = '' } of page.Parameters ?? []) {
        const [promptName = '', aliasName = ''] = Name.slice(this.location.parameterPrefix.length + 1).split('/');
        found.push({ promptName, aliasName, versionArn: Value });
      }
    }
    return found;
  }

  /** Bedrock's id of the prompt with this name, or undefined. */
  async promptId(promptName: string): Promise<string | undefined> {
    return (await this.summaries()).find(({ name }) => name === promptName)?.id;
  }

  /** Versions that Bedrock holds now, oldest first. */
  async versions(promptId: string): Promise<PublishedVersion[]> {
    return (await this.summaries(promptId))
      .filter(({ version }) => version !== 'DRAFT')
      .map(({ version, description }) => ({
        version: Number(version),
        digest: /^pd1:[0-9a-f]{64}/.exec(description ?? '')?.[0],
      }))
      .sort((a, b) => a.version - b.version);
  }

  /** The alias's whole chain, verified. */
  async ledger(promptId: string, aliasName: string): Promise<VerifiedChain> {
    const entries: { key: string; body: string }[] = [];
    const query = { Bucket: this.location.ledgerBucket, Prefix: ledgerPrefix(promptId, aliasName) };
    for await (const page of paginateListObjectsV2({ client: this.clients.s3 }, query)) {
      for (const { Key = '' } of page.Contents ?? []) {
        const object = await this.clients.s3.send(new GetObjectCommand({ Bucket: this.location.ledgerBucket, Key }));
        entries.push({ key: Key, body: (await object.Body?.transformToString()) ?? '' });
      }
    }
    return verifyChain(entries);
  }

  private async summaries(promptIdentifier?: string): Promise<PromptSummary[]> {
    const found: PromptSummary[] = [];
    for await (const page of paginateListPrompts({ client: this.clients.bedrock }, { promptIdentifier })) {
      found.push(...(page.promptSummaries ?? []));
    }
    return found;
  }
}
