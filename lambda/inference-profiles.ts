import { type BedrockClient, GetInferenceProfileCommand } from '@aws-sdk/client-bedrock';
import { isAwsError } from './error-code';

/** A system-defined (cross-Region) or application inference profile. */
export interface InferenceProfile {
  readonly arn: string;
  readonly id: string;
  /** One ARN for each Region it routes to; `global.` profiles also name one without a Region. */
  readonly modelArns: readonly string[];
}

/** Where profiles are looked up. */
export interface InferenceProfiles {
  /** By id or ARN; undefined where there is none. */
  find(identifier: string): Promise<InferenceProfile | undefined>;
}

/** Bedrock's own API. */
export class BedrockInferenceProfiles implements InferenceProfiles {
  constructor(private readonly client: BedrockClient) {}

  async find(identifier: string): Promise<InferenceProfile | undefined> {
    try {
      const found = await this.client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: identifier }));
      return {
        arn: found.inferenceProfileArn ?? '',
        id: found.inferenceProfileId ?? '',
        modelArns: (found.models ?? []).flatMap(({ modelArn }) => modelArn ?? []),
      };
    } catch (error) {
      // The identifier's pattern is narrower than a model id's: what it refuses as invalid is no profile either.
      if (isAwsError(error, 'ResourceNotFoundException', 'ValidationException')) return undefined;
      throw error;
    }
  }
}
