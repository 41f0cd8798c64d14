import type { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { type GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { RegistryReader } from '../../cli/registry-reader';
import { serializeTagEntry } from '../../core/ledger/tag-entry';

const COUNT = 10_000;
const promptId = 'ABCDEFGHIJ';
const digestOf = (count: number) => `pd1:${String(count % 7).repeat(64)}`;

/** Each tag was given to another content first. */
function objects(): Map<string, string> {
  const found = new Map<string, string>();
  for (let count = 0; count < COUNT; count++) {
    const tag = `v${String(count).padStart(5, '0')}`;
    const entry = { schema: 1, tag, registry: '/prompts', prompt: 'letters', promptId, stackId: 'stack' } as const;
    found.set(`tags/${promptId}/${tag}/99999997.json`, serializeTagEntry({ ...entry, digest: digestOf(count) }));
    found.set(`tags/${promptId}/${tag}/99999998.json`, serializeTagEntry({ ...entry, digest: digestOf(count + 1) }));
  }
  return found;
}
const stored = objects();
const keys = [...stored.keys()];

let [lists, reads, underWay, most] = [0, 0, 0, 0];
/** S3 as far as tags are read, which answers in another order than it was asked. */
const s3 = new S3Client({ region: 'us-east-1' });
s3.send = (async (command: ListObjectsV2Command | GetObjectCommand) => {
  if (command instanceof ListObjectsV2Command) {
    lists += 1;
    const from = Number(command.input.ContinuationToken ?? 0);
    const page = keys.slice(from, from + 1_000);
    const next = from + page.length < keys.length ? String(from + page.length) : undefined;
    return { Contents: page.map((Key) => ({ Key })), NextContinuationToken: next, IsTruncated: next !== undefined };
  }
  reads += 1;
  underWay += 1;
  most = Math.max(most, underWay);
  for (let turns = reads % 3; turns >= 0; turns--) await Promise.resolve();
  underWay -= 1;
  const body = stored.get(command.input.Key ?? '') ?? '';
  return { Body: { transformToString: async () => body } };
}) as unknown as typeof s3.send;

beforeEach(() => {
  [lists, reads, underWay, most] = [0, 0, 0, 0];
});

describe('A prompt with 10,000 tags', () => {
  const clients = { s3, ssm: {} as SSMClient, bedrock: {} as BedrockAgentClient };
  const reader = new RegistryReader(clients, { parameterPrefix: '/prompts', ledgerBucket: 'ledger' });

  it('has each read once, fifty at a time, and says how far it got', async () => {
    const told: string[] = [];
    const tags = await reader.tags(promptId, (doing) => told.push(doing));

    expect(tags).toHaveLength(COUNT);
    expect(tags[8]).toEqual({ promptId, tag: 'v00008', digest: digestOf(8) });
    expect([lists, reads, most]).toEqual([20, COUNT, 50]);
    expect([told[0], told.length]).toEqual(['reading tags: 500 of 10000', 20]);
  });

  it('names them without reading one', async () => {
    expect((await reader.tagNames(promptId)).slice(0, 2)).toEqual(['v00000', 'v00001']);
    expect([lists, reads]).toEqual([20, 0]);
  });
});
