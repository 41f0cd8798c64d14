import {
  BedrockClient,
  CreateInferenceProfileCommand,
  DeleteInferenceProfileCommand,
  GetFoundationModelCommand,
  GetInferenceProfileCommand,
  ListFoundationModelsCommand,
  ListInferenceProfilesCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bedrock } from '../../packages/local-aws/bedrock/bedrock';
import { ModelCatalog } from '../../packages/local-aws/bedrock/model-catalog';
import { ACCOUNT, type Served, serve } from './serve';

const HAIKU = 'anthropic.claude-3-haiku-20240307-v1:0';
const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
let served: Served;
let client: BedrockClient;
const profile = (inferenceProfileIdentifier: string | undefined) =>
  client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));

beforeEach(async () => {
  served = await serve(() => [bedrock(new ModelCatalog(ACCOUNT))]);
  client = new BedrockClient(served.administrator);
});
afterEach(() => served.stop());

describe('A model', () => {
  test('shows its life by id and by ARN, and becomes legacy in time', async () => {
    const arn = `arn:aws:bedrock:us-east-1::foundation-model/${HAIKU}`;
    const read = async (modelIdentifier: string) =>
      (await client.send(new GetFoundationModelCommand({ modelIdentifier }))).modelDetails;
    expect(await read(arn)).toMatchObject({ modelId: HAIKU, modelArn: arn, modelLifecycle: { status: 'LEGACY' } });
    served.clock.time = new Date('2026-01-01T00:00:00Z');
    expect((await read(HAIKU))?.modelLifecycle).toMatchObject({
      status: 'ACTIVE',
      endOfLifeTime: new Date('2027-03-01T00:00:00Z'),
    });
    await expect(read('nobody.knows')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('is listed by provider', async () => {
    const { modelSummaries = [] } = await client.send(new ListFoundationModelsCommand({ byProvider: 'amazon' }));
    expect(modelSummaries.map((model) => model.modelId)).toContain('amazon.nova-pro-v1:0');
    expect(new Set(modelSummaries.map((model) => model.providerName))).toEqual(new Set(['Amazon']));
  });
});

describe('An inference profile', () => {
  test('of a geography leads to the model in its Regions, and is known there only', async () => {
    const shown = await profile(`us.${SONNET}`);
    expect(shown.inferenceProfileArn).toBe(`arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`);
    expect(shown.models?.map((model) => model.modelArn)).toEqual(
      ['us-east-1', 'us-east-2', 'us-west-2'].map((region) => `arn:aws:bedrock:${region}::foundation-model/${SONNET}`),
    );
    expect(await profile(shown.inferenceProfileArn)).toMatchObject({ inferenceProfileId: `us.${SONNET}` });
    await expect(profile(`eu.${SONNET}`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('that is global names the model without a Region as well', async () => {
    const { models = [] } = await profile(`global.${SONNET}`);
    expect(models.map((model) => model.modelArn)).toContain(`arn:aws:bedrock:::foundation-model/${SONNET}`);
    expect(models.map((model) => model.modelArn)).toContain(`arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`);
  });

  test('of one own copies another, bears tags and can be deleted', async () => {
    const copyFrom = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`;
    const created = await client.send(
      new CreateInferenceProfileCommand({
        ...{ inferenceProfileName: 'support team', modelSource: { copyFrom } },
        tags: [{ key: 'team', value: 'support' }],
      }),
    );
    const shown = await profile(created.inferenceProfileArn);
    expect(shown).toMatchObject({ type: 'APPLICATION', status: 'ACTIVE', inferenceProfileName: 'support team' });
    expect(shown.models).toHaveLength(3);
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceARN: created.inferenceProfileArn }));
    expect(tags).toEqual([{ key: 'team', value: 'support' }]);
    const own = new ListInferenceProfilesCommand({ typeEquals: 'APPLICATION' });
    expect((await client.send(own)).inferenceProfileSummaries).toHaveLength(1);
    await client.send(new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: shown.inferenceProfileId }));
    expect((await client.send(own)).inferenceProfileSummaries).toEqual([]);
  });

  test('of one own needs a name and a source; a system one stays', async () => {
    const create = (inferenceProfileName: string, copyFrom: string) =>
      client.send(new CreateInferenceProfileCommand({ inferenceProfileName, modelSource: { copyFrom } }));
    await expect(create('a  b', SONNET)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(create('mine', 'nothing')).rejects.toThrow('model source is invalid');
    const remove = new DeleteInferenceProfileCommand({ inferenceProfileIdentifier: `us.${SONNET}` });
    await expect(client.send(remove)).rejects.toThrow('cannot be deleted');
  });

  test('is read by those who may', async () => {
    const arn = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`;
    client = new BedrockClient(served.as([{ Effect: 'Allow', Action: 'bedrock:GetInferenceProfile', Resource: arn }]));
    expect(await profile(`us.${SONNET}`)).toMatchObject({ inferenceProfileArn: arn });
    await expect(profile(`global.${SONNET}`)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
