import { BedrockClient, GetFoundationModelCommand } from '@aws-sdk/client-bedrock';
import type { ModelLife, ModelSource } from '../core/models/model-facts';
import { isAwsError } from './error-code';
import { BedrockInferenceProfiles } from './inference-profiles';

/** Nothing waits for them: a lifecycle that Bedrock does not tell at once stops nobody. */
export const impatientClientConfig = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const;

/** Bedrock's own API. */
export class BedrockModels implements ModelSource {
  constructor(private readonly client = new BedrockClient(impatientClientConfig)) {}

  async model(modelIdentifier: string): Promise<ModelLife | undefined> {
    try {
      const { modelDetails } = await this.client.send(new GetFoundationModelCommand({ modelIdentifier }));
      const { status, endOfLifeTime } = modelDetails?.modelLifecycle ?? {};
      return { status: status ?? 'ACTIVE', ends: endOfLifeTime };
    } catch (error) {
      // What its pattern refuses is no model either.
      if (isAwsError(error, 'ResourceNotFoundException', 'ValidationException')) return undefined;
      throw error;
    }
  }

  async profile(identifier: string): Promise<readonly string[] | undefined> {
    return (await new BedrockInferenceProfiles(this.client).find(identifier))?.modelArns;
  }
}
