import { RegistryError } from '../core/registry-error';
import type { PromptContent } from './content-store';
import type { PromptUse } from './prompt-use';
import type { PromptVariables } from './variables';

/**
 * Input of `ConverseCommand` and `ConverseStreamCommand`; spread it to add what Bedrock allows with a prompt, such as
 * `guardrailConfig` or further `messages`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export interface ConverseRequest {
  /** ARN of the version; of a fallback, its model. */
  modelId: string;
  promptVariables?: Record<string, { text: string }>;
  /** Prompt, alias, version, source, digest and session, for Bedrock's invocation logs. */
  requestMetadata: Record<string, string>;
  /** This and the rest only of a fallback, which has no version that would hold them. */
  messages?: { role: 'user' | 'assistant'; content: { text: string }[] }[];
  system?: { text: string }[];
  inferenceConfig?: { temperature?: number; topP?: number; maxTokens?: number; stopSequences?: string[] };
}

export function versionRequest(versionArn: string, variables: PromptVariables, use: PromptUse): ConverseRequest {
  const promptVariables = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, { text }]));
  return { modelId: versionArn, promptVariables, requestMetadata: requestMetadata(use) };
}

/** @throws RegistryError `FallbackWithoutModel` */
export function fallbackRequest(
  { variant: { modelId, inferenceConfiguration }, template }: PromptContent,
  variables: PromptVariables,
  use: PromptUse,
): ConverseRequest {
  if (!modelId) {
    throw new RegistryError(
      'FallbackWithoutModel',
      `${use.prompt}: a fallback for Bedrock must name its model, found none; write fallback: { text, model }`,
    );
  }
  const filled = template.fill(variables);
  const { system, messages } =
    typeof filled === 'string' ? { system: '', messages: [{ role: 'user' as const, content: filled }] } : filled;
  return {
    modelId,
    messages: messages.map(({ role, content }) => ({ role, content: [{ text: content }] })),
    ...(system && { system: [{ text: system }] }),
    ...(inferenceConfiguration && { inferenceConfig: inferenceConfiguration.text }),
    requestMetadata: requestMetadata(use),
  };
}

/** @throws RegistryError `InvalidSessionId`: Bedrock would refuse the whole call */
function requestMetadata({ prompt, alias, version, source, digest, sessionId }: PromptUse): Record<string, string> {
  if (sessionId && !/^[\w\s:@$#=/+,.-]{1,256}$/.test(sessionId)) {
    throw new RegistryError(
      'InvalidSessionId',
      `a session id for Bedrock must be 1 to 256 letters, digits, spaces and :_@$#=/+,.- found ${JSON.stringify(sessionId)}; pass its hash`,
    );
  }
  return {
    prompt,
    alias,
    source,
    ...(version && { version: String(version) }),
    ...(digest && { digest }),
    ...(sessionId && { sessionId }),
  };
}
