import {
  BedrockClient,
  CreateInferenceProfileCommand,
  DeleteInferenceProfileCommand,
  GetFoundationModelAvailabilityCommand,
  GetFoundationModelCommand,
  GetInferenceProfileCommand,
  ListFoundationModelsCommand,
  ListInferenceProfilesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bedrock } from '../../packages/local-aws/bedrock/bedrock';
import { type CatalogModel, ModelCatalog } from '../../packages/local-aws/bedrock/model-catalog';
import { ACCOUNT, type Served, serve } from './serve';

const HAIKU = 'anthropic.claude-3-haiku-20240307-v1:0';
const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
let served: Served;
let client: BedrockClient;
let catalog: ModelCatalog;
const profile = (inferenceProfileIdentifier: string | undefined) =>
  client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));

beforeEach(async () => {
  catalog = new ModelCatalog(ACCOUNT);
  served = await serve(() => [bedrock(catalog)]);
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
    const embedding = new ListFoundationModelsCommand({ byOutputModality: 'EMBEDDING' });
    expect((await client.send(embedding)).modelSummaries).toMatchObject([{ modelId: 'amazon.titan-embed-text-v2:0' }]);
    const tuned = new ListFoundationModelsCommand({ byCustomizationType: 'FINE_TUNING' });
    await expect(client.send(tuned)).rejects.toThrow('ListFoundationModels: byCustomizationType');
  });

  test('is set from one moment to the next, with its dates and its profiles', async () => {
    const modelId = 'someone.new-v1:0';
    const said = { modelName: 'New', providerName: 'Someone', onDemand: false, profiles: ['us', 'global'] as const };
    const dates = { legacyTime: '2026-11-01', publicExtendedAccessTime: '2026-11-20', endOfLifeTime: '2027-05-01' };
    catalog.set({ ...said, modelId, startOfLifeTime: '2026-10-01', ...dates });
    const shown = (await client.send(new GetFoundationModelCommand({ modelIdentifier: modelId }))).modelDetails;
    expect(shown?.modelLifecycle).toEqual({
      status: 'LEGACY',
      startOfLifeTime: new Date('2026-10-01'),
      legacyTime: new Date('2026-11-01'),
      publicExtendedAccessTime: new Date('2026-11-20'),
      endOfLifeTime: new Date('2027-05-01'),
    });
    expect(await profile(`us.${modelId}`)).toMatchObject({ inferenceProfileName: 'US Someone New' });
    catalog.remove(modelId);
    await expect(profile(`us.${modelId}`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('says whether the account may have it', async () => {
    const available = async (modelId: string) => client.send(new GetFoundationModelAvailabilityCommand({ modelId }));
    expect(await available(HAIKU)).toMatchObject({ agreementAvailability: { status: 'AVAILABLE' } });
    catalog.set({ ...(catalog.get(HAIKU) as CatalogModel), isNotEnabled: true });
    expect(await available(HAIKU)).toMatchObject({ entitlementAvailability: 'NOT_AVAILABLE' });
    await expect(available('nobody.knows')).rejects.toMatchObject({ name: 'ValidationException' });
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
    const resourceARN = created.inferenceProfileArn;
    const more = [{ key: 'team', value: 'sales' }].concat({ key: 'stage', value: 'prod' });
    await client.send(new TagResourceCommand({ resourceARN, tags: more }));
    await client.send(new UntagResourceCommand({ resourceARN, tagKeys: ['stage'] }));
    expect((await client.send(new ListTagsForResourceCommand({ resourceARN }))).tags).toEqual([more[0]]);
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
