import type { FoundationModelDetails, InferenceProfileSummary, Tag } from '@aws-sdk/client-bedrock';

interface CatalogModel {
  readonly modelId: string;
  readonly modelName: string;
  readonly providerName: string;
  /** Without it the model answers through an inference profile only. */
  readonly onDemand: boolean;
  readonly startOfLifeTime: string;
  readonly legacyTime?: string;
  readonly endOfLifeTime?: string;
}

interface SystemProfile {
  readonly geography: 'us' | 'eu' | 'global';
  readonly name: string;
  readonly modelId: string;
}

/** Where a model or profile identifier leads: what InvokeModel is asked for, and whether the model still lives. */
export interface InvocationRoute {
  readonly modelId: string;
  /** Undefined when the model is named directly. */
  readonly profileArn?: string;
  /** Foundation models that the call may end at, one for each destination Region. */
  readonly modelArns: readonly string[];
}

const AMAZON = { providerName: 'Amazon', onDemand: true, startOfLifeTime: '2024-12-03' };
const ANTHROPIC = { providerName: 'Anthropic', onDemand: false };
const NOVA_PRO = 'amazon.nova-pro-v1:0';
const NOVA_LITE = 'amazon.nova-lite-v1:0';
const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0';

/** Real identifiers; dates of the legacy and ended ones serve tests and are not AWS's. */
const MODELS: readonly CatalogModel[] = [
  { ...AMAZON, modelId: NOVA_PRO, modelName: 'Nova Pro' },
  { ...AMAZON, modelId: NOVA_LITE, modelName: 'Nova Lite' },
  { ...AMAZON, modelId: 'amazon.nova-micro-v1:0', modelName: 'Nova Micro' },
  { ...ANTHROPIC, modelId: SONNET, modelName: 'Claude Sonnet 4.5', startOfLifeTime: '2025-09-29' },
  { ...ANTHROPIC, modelId: HAIKU, modelName: 'Claude Haiku 4.5', startOfLifeTime: '2025-10-15' },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-3-haiku-20240307-v1:0', modelName: 'Claude 3 Haiku', onDemand: true },
    ...{ startOfLifeTime: '2024-03-13', legacyTime: '2026-06-01', endOfLifeTime: '2027-03-01' },
  },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-v2:1', modelName: 'Claude', onDemand: true },
    ...{ startOfLifeTime: '2023-11-21', legacyTime: '2025-01-21', endOfLifeTime: '2025-07-21' },
  },
];

const PROFILES: readonly SystemProfile[] = [
  { geography: 'us', name: 'US Nova Pro', modelId: NOVA_PRO },
  { geography: 'us', name: 'US Nova Lite', modelId: NOVA_LITE },
  { geography: 'us', name: 'US Anthropic Claude Sonnet 4.5', modelId: SONNET },
  { geography: 'us', name: 'US Anthropic Claude Haiku 4.5', modelId: HAIKU },
  { geography: 'eu', name: 'EU Nova Pro', modelId: NOVA_PRO },
  { geography: 'eu', name: 'EU Anthropic Claude Sonnet 4.5', modelId: SONNET },
  { geography: 'global', name: 'GLOBAL Anthropic Claude Sonnet 4.5', modelId: SONNET },
];

const DESTINATIONS = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'],
};

/** Models and inference profiles of one account. Application profiles can be added. */
export class ModelCatalog {
  private readonly applicationProfiles = new Map<string, InferenceProfileSummary>();
  readonly tags = new Map<string, Tag[]>();

  constructor(private readonly account: string) {}

  models(region: string, now: Date): FoundationModelDetails[] {
    return MODELS.map((model) => details(model, region, now));
  }

  /** By id or ARN. */
  model(identifier: string, region: string, now: Date): FoundationModelDetails | undefined {
    const id = /^(?:arn:aws:bedrock:[a-z0-9-]*::foundation-model\/)?([^/]+)$/.exec(identifier)?.[1];
    const found = MODELS.find(({ modelId }) => modelId === id);
    return found && details(found, region, now);
  }

  profiles(region: string): InferenceProfileSummary[] {
    const system = PROFILES.filter(({ geography }) => geography === 'global' || region.startsWith(`${geography}-`));
    const own = [...this.applicationProfiles.values()].filter((profile) => arnRegion(profile) === region);
    return [...system.map((profile) => this.systemProfile(profile, region)), ...own];
  }

  /** By id or ARN. */
  profile(identifier: string, region: string): InferenceProfileSummary | undefined {
    return this.profiles(region).find(
      ({ inferenceProfileId, inferenceProfileArn }) =>
        identifier === inferenceProfileId || identifier === inferenceProfileArn,
    );
  }

  addProfile(profile: InferenceProfileSummary): void {
    this.applicationProfiles.set(profile.inferenceProfileArn ?? '', profile);
  }

  deleteProfile(arn: string): void {
    this.tags.delete(arn);
    this.applicationProfiles.delete(arn);
  }

  /** Undefined when nothing of that name exists in the Region. */
  route(identifier: string, region: string): InvocationRoute | undefined {
    const model = MODELS.find(({ modelId }) => identifier === modelId || identifier === modelArn(region, modelId));
    if (model) {
      return { modelId: model.modelId, modelArns: [modelArn(region, model.modelId)] };
    }
    const profile = this.profile(identifier, region);
    // The Region-less ARN of a global profile is left out: the IAM simulator knows no resource type for it.
    const arns = profile?.models?.map((entry) => entry.modelArn ?? '').filter((arn) => !arn.includes('bedrock:::'));
    const modelId = arns?.[0]?.split('/').pop();
    return profile && arns && modelId
      ? { modelId, profileArn: profile.inferenceProfileArn ?? '', modelArns: arns }
      : undefined;
  }

  private systemProfile({ geography, name, modelId }: SystemProfile, region: string): InferenceProfileSummary {
    // A global profile names the model of its own Region and the one without a Region.
    const regions = geography === 'global' ? ['', region] : DESTINATIONS[geography];
    const id = `${geography}.${modelId}`;
    return {
      inferenceProfileName: name,
      description: `Routes requests to ${name.replace(/^\S+ /, '')} in ${geography === 'global' ? 'all Regions' : regions.join(', ')}.`,
      createdAt: new Date('2025-10-01T00:00:00Z'),
      updatedAt: new Date('2025-10-01T00:00:00Z'),
      inferenceProfileArn: `arn:aws:bedrock:${region}:${this.account}:inference-profile/${id}`,
      models: regions.map((destination) => ({ modelArn: modelArn(destination, modelId) })),
      inferenceProfileId: id,
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
    };
  }
}

export function modelArn(region: string, modelId: string): string {
  return `arn:aws:bedrock:${region}::foundation-model/${modelId}`;
}

function arnRegion({ inferenceProfileArn = '' }: InferenceProfileSummary): string | undefined {
  return inferenceProfileArn.split(':')[3];
}

function details(model: CatalogModel, region: string, now: Date): FoundationModelDetails {
  const { modelId, modelName, providerName, onDemand } = model;
  const time = (text: string | undefined) => (text === undefined ? undefined : new Date(`${text}T00:00:00Z`));
  const legacyTime = time(model.legacyTime);
  return {
    ...{ modelArn: modelArn(region, modelId), modelId, modelName, providerName },
    inputModalities: ['TEXT'],
    outputModalities: ['TEXT'],
    responseStreamingSupported: true,
    customizationsSupported: [],
    // The SDK's type lacks INFERENCE_PROFILE, which the service answers.
    inferenceTypesSupported: [...(onDemand ? (['ON_DEMAND'] as const) : []), 'INFERENCE_PROFILE' as never],
    modelLifecycle: {
      status: legacyTime && legacyTime <= now ? 'LEGACY' : 'ACTIVE',
      startOfLifeTime: time(model.startOfLifeTime),
      legacyTime,
      endOfLifeTime: time(model.endOfLifeTime),
    },
  };
}
