import { BedrockAgentClient, CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsClients } from '../../cli/aws-clients';
import { Registry } from '../../cli/registry';
import type { RegistryStack } from '../../cli/registry-stack';
import { readVersion } from '../../cli/version-content';
import { parseVersionReference } from '../../cli/version-reference';
import { contentDigest } from '../../core/content/content-digest';
import { versionDescription } from '../../core/contract/version-description';
import { archiveKey } from '../../core/ledger/layout';
import { bedrockAgent } from '../../packages/local-aws/bedrock/bedrock-agent';
import { PromptStore } from '../../packages/local-aws/bedrock/prompt-store';
import { s3 } from '../../packages/local-aws/s3/s3';
import { S3State } from '../../packages/local-aws/s3/s3-state';
import { type Served, serve } from '../local-aws/serve';

const STACK = { parameterPrefix: '/prompts/prod', ledgerBucket: 'ledger', aliases: [] } as unknown as RegistryStack;
const variant = (text: string) => ({ templateType: 'TEXT' as const, templateConfiguration: { text: { text } } });
const [GOOD, OTHER] = [contentDigest(variant('good')), contentDigest(variant('other'))];

let served: Served;
let clients: AwsClients;
let promptId: string;

beforeEach(async () => {
  served = await serve(() => [s3(new S3State()), bedrockAgent(new PromptStore())]);
  const bedrock = new BedrockAgentClient(served.administrator);
  clients = { bedrock, s3: new S3Client({ ...served.administrator, forcePathStyle: true }) } as unknown as AwsClients;
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'ledger' }));
  const { id = '' } = await bedrock.send(
    new CreatePromptCommand({ name: 'advisor', variants: [{ name: 'a', ...variant('draft') }] }),
  );
  promptId = id;
});
afterEach(() => served.stop());

/** An archive of version 2 under `digest`, with the differences stated. */
async function archived(digest: string, text: string, more: object = {}) {
  const body = { schema: 1, promptId, version: 2, digest, description: '', variant: variant(text), ...more };
  const Key = archiveKey(promptId, 2, digest);
  await clients.s3.send(new PutObjectCommand({ Bucket: 'ledger', Key, Body: `${JSON.stringify(body)}\n` }));
}

async function read(reference: string) {
  const prompt = { promptName: 'advisor', promptId, aliases: [], withdrawn: [] };
  const { content } = await readVersion(new Registry(clients, STACK), prompt, parseVersionReference(reference));
  return content.variant.templateConfiguration.text?.text;
}

describe('A version that only the archive holds', () => {
  it('is read where its content is the one that its name says', async () => {
    await archived(GOOD, 'good');
    expect([await read(':2'), await read(GOOD)]).toEqual(['good', 'good']);
  });

  it.each<[string, string, object, string]>([
    ['another content', 'changed', {}, 'the content was changed'],
    ['another version', 'good', { version: 3 }, 'says it is version 3'],
    ['another prompt', 'good', { promptId: 'ZYXWVUTSRQ' }, 'its name says otherwise'],
    ['another digest', 'good', { digest: OTHER }, 'its name says otherwise'],
    ['no content', 'good', { variant: undefined }, 'the content was changed'],
    [
      'a field that nobody knows',
      'good',
      { variant: { ...variant('good'), later: 1 } },
      'later, which the content digest',
    ],
  ])('is refused where it holds %s, also by its digest', async (_, text, more, why) => {
    await archived(GOOD, text, more);
    for (const reference of [':2', GOOD]) await expect(read(reference)).rejects.toThrow(why);
  });

  it('is refused where the archive is no JSON', async () => {
    const Key = archiveKey(promptId, 2, GOOD);
    await clients.s3.send(new PutObjectCommand({ Bucket: 'ledger', Key, Body: '{"schema":1' }));
    await expect(read(':2')).rejects.toThrow('is not JSON: it is half-written or was changed');
  });

  it('is never the first of two: each is there for whom names its digest', async () => {
    await archived(GOOD, 'good');
    await archived(OTHER, 'other');
    await expect(read(':2')).rejects.toMatchObject({
      message: 'the archive has 2 contents for version 2, and a version has one',
      fix: [
        expect.stringContaining('audit verify'),
        ...[GOOD, OTHER].sort().map((one) => expect.stringContaining(one)),
      ],
    });
    expect([await read(GOOD), await read(OTHER)]).toEqual(['good', 'other']);
  });
});

it('A version whose description names another content is not what was asked for by digest', async () => {
  await clients.bedrock.send(
    new CreatePromptVersionCommand({ promptIdentifier: promptId, description: versionDescription(GOOD, '') }),
  );
  await expect(read(GOOD)).rejects.toThrow(`version 1 of advisor does not hold ${GOOD}`);
  expect(await read(':1')).toBe('draft');
});
