import {
  type BedrockClient,
  type FoundationModelSummary,
  type InferenceProfileSummary,
  ListFoundationModelsCommand,
  paginateListInferenceProfiles,
} from '@aws-sdk/client-bedrock';
import { modelIdentifier } from '../../core/models/model-identifier';
import type { ReadRegion } from '../../core/models/refreshed-region';

export interface RegionRead {
  readonly read: ReadRegion;
  /** Profiles that are left out, and why. */
  readonly notes: readonly string[];
}

/** What Bedrock has in the client's Region, as the lock file writes it. */
export async function readRegion(bedrock: BedrockClient, account: string): Promise<RegionRead> {
  const [{ modelSummaries = [] }, ...profiles] = await Promise.all([
    bedrock.send(new ListFoundationModelsCommand({})),
    // Without a type the answer may have one kind only.
    profilesOf(bedrock, 'SYSTEM_DEFINED'),
    profilesOf(bedrock, 'APPLICATION'),
  ]);
  const read = profiles.flat().map(profileEntry);
  return {
    read: {
      account,
      models: Object.fromEntries(modelSummaries.map((model) => [model.modelId ?? '', lockedModel(model)])),
      profiles: Object.fromEntries(read.flatMap((one) => ('entry' in one ? [one.entry] : []))),
    },
    notes: read.flatMap((one) => ('note' in one ? [one.note] : [])),
  };
}

async function profilesOf(client: BedrockClient, typeEquals: 'SYSTEM_DEFINED' | 'APPLICATION') {
  const found: InferenceProfileSummary[] = [];
  for await (const page of paginateListInferenceProfiles({ client }, { typeEquals, maxResults: 1000 })) {
    found.push(...(page.inferenceProfileSummaries ?? []));
  }
  return found;
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html */
function lockedModel(summary: FoundationModelSummary): ReadRegion['models'][string] {
  const { providerName, modelLifecycle: life, inferenceTypesSupported = [], outputModalities = [] } = summary;
  return {
    ...(providerName !== undefined && { provider: providerName }),
    status: life?.status === 'LEGACY' ? 'LEGACY' : 'ACTIVE',
    ...moment('start', life?.startOfLifeTime),
    ...moment('legacy', life?.legacyTime),
    ...moment('extended', life?.publicExtendedAccessTime),
    ...moment('end', life?.endOfLifeTime),
    onDemand: inferenceTypesSupported.includes('ON_DEMAND'),
    text: outputModalities.includes('TEXT'),
    streaming: summary.responseStreamingSupported === true,
  };
}

function moment(name: string, time: Date | undefined): Record<string, string> {
  if (time === undefined) return {};
  const [day = '', rest = ''] = time.toISOString().split('T');
  return { [name]: rest === '00:00:00.000Z' ? day : `${day}T${rest.slice(0, 8)}Z` };
}

type ProfileEntry = { readonly entry: [string, ReadRegion['profiles'][string]] } | { readonly note: string };

function profileEntry({
  inferenceProfileArn = '',
  inferenceProfileId = '',
  models = [],
}: InferenceProfileSummary): ProfileEntry {
  const { kind } = modelIdentifier(inferenceProfileArn);
  // Prompts name an application profile by its ARN, and its id says nothing.
  const id = kind === 'application-profile' ? inferenceProfileArn : inferenceProfileId;
  const arns = models.map(({ modelArn = '' }) => modelArn);
  const [model, ...others] = new Set(arns.map((arn) => arn.slice(arn.indexOf('/') + 1)));
  if (model === undefined || others.length > 0) {
    return { note: `${id} is left out: it leads to ${model === undefined ? 'no model' : 'several models'}` };
  }
  const regions = [...new Set(arns.map((arn) => arn.split(':')[3] || '*'))].sort();
  return { entry: [id, { model, regions }] };
}
