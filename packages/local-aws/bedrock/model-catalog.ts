import type { FoundationModelDetails, InferenceProfileSummary, Tag } from '@aws-sdk/client-bedrock';

/** A model as the catalogue holds it. Dates are `YYYY-MM-DD`. */
export interface CatalogModel {
  readonly modelId: string;
  readonly modelName: string;
  readonly providerName: string;
  /** Without it the model answers through an inference profile only. */
  readonly onDemand: boolean;
  /** Geographies whose system-defined inference profile leads to it. */
  readonly profiles?: readonly Geography[];
  /** What it makes. @default TEXT, which is what Converse asks for */
  readonly output?: 'TEXT' | 'EMBEDDING' | 'IMAGE';
  readonly startOfLifeTime: string;
  readonly legacyTime?: string;
  readonly publicExtendedAccessTime?: string;
  readonly endOfLifeTime?: string;
  /** Once it is LEGACY, an account that has not called it for so many days is refused. @default nobody is */
  readonly idleDays?: number;
  /** The account has no agreement for it yet. @default it has */
  readonly isNotEnabled?: boolean;
}

export type Geography = 'us' | 'eu' | 'global';

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

/** Real identifiers; dates of the legacy and ended ones serve tests and are not AWS's. */
const MODELS: readonly CatalogModel[] = [
  { ...AMAZON, modelId: 'amazon.nova-pro-v1:0', modelName: 'Nova Pro', profiles: ['us', 'eu'] },
  { ...AMAZON, modelId: 'amazon.nova-lite-v1:0', modelName: 'Nova Lite', profiles: ['us'] },
  { ...AMAZON, modelId: 'amazon.nova-micro-v1:0', modelName: 'Nova Micro' },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0', modelName: 'Claude Sonnet 4.5' },
    ...{ profiles: ['us', 'eu', 'global'], startOfLifeTime: '2025-09-29' },
  },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0', modelName: 'Claude Haiku 4.5' },
    ...{ profiles: ['us'], startOfLifeTime: '2025-10-15' },
  },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-3-haiku-20240307-v1:0', modelName: 'Claude 3 Haiku', onDemand: true },
    ...{ startOfLifeTime: '2024-03-13', legacyTime: '2026-06-01', endOfLifeTime: '2027-03-01' },
  },
  {
    ...{ ...ANTHROPIC, modelId: 'anthropic.claude-v2:1', modelName: 'Claude', onDemand: true },
    ...{ startOfLifeTime: '2023-11-21', legacyTime: '2025-01-21', endOfLifeTime: '2025-07-21' },
  },
  {
    ...{ ...AMAZON, modelId: 'amazon.titan-embed-text-v2:0', modelName: 'Titan Text Embeddings V2' },
    ...{ output: 'EMBEDDING', startOfLifeTime: '2024-04-30' },
  },
];

const DESTINATIONS = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'],
};

const DAY_MS = 86_400_000;

/** Models and inference profiles of one account. Models can be set and taken away, application profiles added. */
export class ModelCatalog {
  private readonly known = new Map(MODELS.map((model): [string, CatalogModel] => [model.modelId, model]));
  private readonly lastCalls = new Map<string, Date>();
  private readonly applicationProfiles = new Map<string, InferenceProfileSummary>();
  readonly tags = new Map<string, Tag[]>();

  constructor(private readonly account: string) {}

  /** Adds a model or puts it in the place of the one with its id: as AWS does, from one moment to the next. */
  set(model: CatalogModel): void {
    this.known.set(model.modelId, model);
  }

  /** Takes a model away, and the system-defined profiles that lead to it. */
  remove(modelId: string): void {
    this.known.delete(modelId);
  }

  /** By id: as it is in the catalogue, so that a test can set a change of it. */
  get(modelId: string): CatalogModel | undefined {
    return this.known.get(modelId);
  }

  models(region: string, now: Date): FoundationModelDetails[] {
    return [...this.known.values()].map((model) => details(model, region, now));
  }

  /** By id or ARN. */
  model(identifier: string, region: string, now: Date): FoundationModelDetails | undefined {
    const id = /^(?:arn:aws:bedrock:[a-z0-9-]*::foundation-model\/)?([^/]+)$/.exec(identifier)?.[1];
    const found = this.known.get(id ?? '');
    return found && details(found, region, now);
  }

  /** Whether the account may still call the model; if so, this is its last call. */
  called(modelId: string, region: string, now: Date): 'called' | 'idle' {
    const model = this.known.get(modelId);
    const since = this.lastCalls.get(modelId) ?? new Date(`${model?.legacyTime ?? model?.startOfLifeTime}T00:00:00Z`);
    const isLegacy = model && details(model, region, now).modelLifecycle?.status === 'LEGACY';
    const isIdle = now.getTime() - since.getTime() > (model?.idleDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
    if (isLegacy && isIdle) return 'idle';
    this.lastCalls.set(modelId, now);
    return 'called';
  }

  profiles(region: string): InferenceProfileSummary[] {
    const system = [...this.known.values()].flatMap((model) =>
      (model.profiles ?? [])
        .filter((geography) => geography === 'global' || region.startsWith(`${geography}-`))
        .map((geography) => this.systemProfile(geography, model, region)),
    );
    const own = [...this.applicationProfiles.values()].filter((profile) => arnRegion(profile) === region);
    return [...system, ...own];
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
    const model = [...this.known.values()].find(
      ({ modelId }) => identifier === modelId || identifier === modelArn(region, modelId),
    );
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

  private systemProfile(geography: Geography, model: CatalogModel, region: string): InferenceProfileSummary {
    const { modelId, modelName, providerName } = model;
    const name = `${geography.toUpperCase()} ${providerName === 'Amazon' ? '' : `${providerName} `}${modelName}`;
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
  const { modelId, modelName, providerName, onDemand, output = 'TEXT' } = model;
  const time = (text: string | undefined) => (text === undefined ? undefined : new Date(`${text}T00:00:00Z`));
  const legacyTime = time(model.legacyTime);
  return {
    ...{ modelArn: modelArn(region, modelId), modelId, modelName, providerName },
    inputModalities: ['TEXT'],
    outputModalities: [output],
    responseStreamingSupported: output === 'TEXT',
    customizationsSupported: [],
    // The SDK's type lacks INFERENCE_PROFILE, which the service answers.
    inferenceTypesSupported: [...(onDemand ? (['ON_DEMAND'] as const) : []), 'INFERENCE_PROFILE' as never],
    modelLifecycle: {
      status: legacyTime && legacyTime <= now ? 'LEGACY' : 'ACTIVE',
      startOfLifeTime: time(model.startOfLifeTime),
      legacyTime,
      publicExtendedAccessTime: time(model.publicExtendedAccessTime),
      endOfLifeTime: time(model.endOfLifeTime),
    },
  };
}
