import type { PromptVariantContent } from '../core/prompt-content';
import { RegistryError } from '../core/registry-error';
import { failureOf } from './failure';
import { type SdkClient, sdkCall } from './sdk-call';
import { parseVersionArn } from './version-arn';

/** What `GetPrompt` answers, as far as it is read here. */
export interface PromptAnswer {
  /** The registry writes the content digest to its beginning: `pd1:… note`. */
  readonly description?: string;
  readonly variants?: PromptVariantContent[];
}

/** Asks Bedrock once for a version, with its text or without. Throws a RegistryError if the answer is a refusal. */
export type ContentReader = (
  versionArn: string,
  signal: AbortSignal,
  includedData?: 'METADATA_ONLY',
) => Promise<PromptAnswer>;

interface GetPromptInput {
  readonly promptIdentifier: string;
  readonly promptVersion: string;
  /** Older SDKs do not know it and drop it: they get the whole answer. */
  readonly includedData?: 'METADATA_ONLY';
}

export function contentReader(given: SdkClient | undefined, settings: object): ContentReader {
  const getPrompt = sdkCall<GetPromptInput, PromptAnswer>('@aws-sdk/client-bedrock-agent', async () => {
    const { BedrockAgentClient, GetPromptCommand } = await import('@aws-sdk/client-bedrock-agent');
    return [given ?? new BedrockAgentClient(settings), GetPromptCommand];
  });
  return (versionArn, signal, includedData) => {
    const { promptId, version } = parseVersionArn(versionArn) as { promptId: string; version: number };
    // The id and not the ARN: the API's pattern for ARNs knows the partition aws only.
    const input = { promptIdentifier: promptId, promptVersion: String(version), includedData };
    return getPrompt(input, signal).catch((cause) => {
      throw versionRefusal(versionArn, cause) ?? cause;
    });
  };
}

/** The typed error for what Bedrock says about a version; undefined if it says nothing about it. */
export function versionRefusal(versionArn: string, cause: unknown): RegistryError | undefined {
  const failure = failureOf(cause);
  if (failure === 'outage') return undefined;
  return failure === 'gone'
    ? new RegistryError('VersionNotFound', `${versionArn} does not exist; release a version that does`, { cause })
    : new RegistryError(
        'VersionRefused',
        `${versionArn} may not be used (${(cause as Error).name}): it was withdrawn, or this role lacks the grant; release another version, or grant it: alias.grants.invoke(fn)`,
        { cause },
      );
}
