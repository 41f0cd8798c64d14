import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsClients } from '../../cli/aws-clients';
import { leftOver } from '../../cli/left-over';
import { Registry } from '../../cli/registry';
import type { RegistryStack } from '../../cli/registry-stack';
import { s3 } from '../../packages/local-aws/s3/s3';
import { S3State } from '../../packages/local-aws/s3/s3-state';
import { entriesOf, recordsOf, type Step } from '../core/history';
import { type Served, serve } from '../local-aws/serve';

const PROMPT = { promptName: 'financial-analysis', promptId: 'ABCDEFGHIJ', withdrawn: [] as number[] };
const ALIAS = {
  promptName: PROMPT.promptName,
  aliasName: 'PROD',
  parameterId: 'FinancialAnalysisProdVersion',
  sourceTarget: undefined,
  callableVersions: 2,
};
const STACK = {
  parameterPrefix: '/prompts/prod',
  ledgerBucket: 'ledger',
  aliases: [ALIAS],
} as unknown as RegistryStack;

let served: Served;
let s3Client: S3Client;

beforeEach(async () => {
  served = await serve(() => [s3(new S3State())]);
  s3Client = new S3Client({ ...served.administrator, forcePathStyle: true });
  await s3Client.send(new CreateBucketCommand({ Bucket: 'ledger' }));
});
afterEach(() => served.stop());

/** PROD as the command sees it, with this ledger in the bucket. */
async function stateOf(version: number, steps: readonly Step[], withdrawn: number[] = []) {
  const puts = entriesOf(recordsOf(steps)).map(({ key, body }) =>
    s3Client.send(new PutObjectCommand({ Bucket: 'ledger', Key: key, Body: body })),
  );
  await Promise.all(puts);
  served.calls.length = 0;
  const clients = {
    s3: s3Client,
    ssm: new SSMClient(served.administrator),
    bedrock: new BedrockAgentClient(served.administrator),
  } as unknown as AwsClients;
  const registry = new Registry(clients, STACK);
  const versionArn = `arn:aws:bedrock:us-east-1:111122223333:prompt/${PROMPT.promptId}:${version}`;
  const pointer = { promptName: PROMPT.promptName, aliasName: 'PROD', versionArn, since: undefined };
  return registry.aliasState({ ...PROMPT, withdrawn, aliases: [ALIAS] }, ALIAS, [pointer]);
}

describe('an alias, for the command,', () => {
  it.each([4, 60])('keeps the version before past %i releases that failed', async (failures) => {
    const failed = Array.from({ length: failures }, () => [{ to: 3 }, { to: 2, undo: true }]).flat();
    const state = await stateOf(2, [{ to: 1 }, { to: 2 }, ...failed]);
    expect(state.callable).toEqual([2, 1]);
    expect(leftOver(state)).toEqual([]);
  });

  it('remembers a withdrawal', async () => {
    const withdrawn = [{ to: 1 }, { to: 2 }, { to: 2, withdrawn: [1] }];
    expect((await stateOf(2, withdrawn, [1])).callable).toEqual([2]);
    expect((await stateOf(2, [...withdrawn, { to: 2 }])).callable).toEqual([2]);
  });

  it('is read no further than it needs', async () => {
    const steps = Array.from({ length: 100 }, (_, index) => ({ to: index + 1 }));
    expect((await stateOf(100, steps)).callable).toEqual([100, 99]);
    expect(served.calls.map(({ operation }) => operation).sort()).toEqual([
      ...['GetObject', 'GetObject', 'GetObject', 'GetObject'],
      'ListObjectsV2',
    ]);
  });
});
