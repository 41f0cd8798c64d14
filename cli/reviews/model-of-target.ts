import { type BedrockClient, GetFoundationModelCommand, GetInferenceProfileCommand } from '@aws-sdk/client-bedrock';
import { type ModelFacts, type ModelSource, readModelFacts } from '../../core/models/model-facts';
import type { Registry, RegistryPrompt } from '../registry';

/**
 * What Bedrock says of a version's model, as the registry's functions would hear it; undefined where it has none. Where the
 * version may not be read here, only they know.
 */
export async function modelOfTarget(
  registry: Registry,
  { promptId }: RegistryPrompt,
  version: number,
  now: Date,
): Promise<ModelFacts | undefined> {
  const content = await registry.reader.content(promptId, version);
  const modelId = (content?.variant as { readonly modelId?: string } | undefined)?.modelId;
  return modelId ? readModelFacts(modelId, bedrockModels(registry.clients.models()), now) : undefined;
}

function bedrockModels(client: BedrockClient): ModelSource {
  return {
    model: (modelIdentifier) =>
      ifThere(async () => {
        const { modelDetails } = await client.send(new GetFoundationModelCommand({ modelIdentifier }));
        const { status, endOfLifeTime } = modelDetails?.modelLifecycle ?? {};
        return { status: status ?? 'ACTIVE', ends: endOfLifeTime };
      }),
    profile: (inferenceProfileIdentifier) =>
      ifThere(async () => {
        const { models = [] } = await client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));
        return models.flatMap(({ modelArn }) => modelArn ?? []);
      }),
  };
}

/** Undefined for what Bedrock does not have: what its pattern refuses is not there either. */
async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  return read().catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException' || error.name === 'ValidationException') return undefined;
    throw error;
  });
}
