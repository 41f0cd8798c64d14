import { type BedrockAgentClient, paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import { paginateListBuckets, type S3Client } from '@aws-sdk/client-s3';
import type { LiveNames } from './live-names';

export interface LivePrompt {
  readonly id: string;
  readonly name: string;
}

/** The run's prompts, whoever made them. */
export async function livePrompts(client: BedrockAgentClient, { id: run }: LiveNames): Promise<LivePrompt[]> {
  const found: LivePrompt[] = [];
  for await (const page of paginateListPrompts({ client }, {})) {
    for (const { id = '', name = '' } of page.promptSummaries ?? []) {
      if (name === run || name.startsWith(`${run}-`)) found.push({ id, name });
    }
  }
  return found;
}

/** CloudFormation names a bucket after its stack, in lower case. */
export async function liveBuckets(client: S3Client, { registryStack, consumerStack }: LiveNames): Promise<string[]> {
  const beginnings = [registryStack, consumerStack].map((stack) => `${stack.toLowerCase()}-`);
  const found: string[] = [];
  for await (const { Buckets = [] } of paginateListBuckets({ client }, {})) {
    found.push(...Buckets.map(({ Name = '' }) => Name).filter((name) => beginnings.some((it) => name.startsWith(it))));
  }
  return found;
}
