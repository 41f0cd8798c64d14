import { RegistryError } from '../core/registry-error';
import type { PromptContent } from './content-store';
import type { PromptUse } from './prompt-use';
import type { CompiledChat } from './template';
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
  /** Prompt, alias, version, source, digest and session, for Bedrock's invocation logs. What may not stand there: `_`. */
  requestMetadata: Record<string, string>;
  /** This and the rest only of a fallback, which has no version that would hold them. */
  messages?: { role: 'user' | 'assistant'; content: { text: string }[] }[];
  system?: { text: string }[];
  inferenceConfig?: { temperature?: number; topP?: number; maxTokens?: number; stopSequences?: string[] };
}

/**
 * @param content of a fallback, whose model and messages go into the request itself
 * @throws RegistryError `FallbackWithoutModel`
 */
export function converseRequest(
  use: PromptUse,
  variables: PromptVariables,
  content: PromptContent | undefined,
): ConverseRequest {
  const { operation, versionArn, age, ...metadata } = use;
  const known = Object.entries(metadata).filter(([, value]) => value);
  // Bedrock refuses the whole call for other characters, or more of them. Its \s is Java's, which knows no spaces beyond
  // ASCII; JavaScript's does: NBSP, U+2028 and others.
  const accepted = (value: unknown) => `${value}`.replace(/[^\w \t\n\v\f\r:@$#=/+,.-]/g, '_').slice(0, 256);
  const requestMetadata = Object.fromEntries(known.map(([name, value]) => [name, accepted(value)]));
  if (versionArn) {
    const promptVariables = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, { text }]));
    return { modelId: versionArn, promptVariables, requestMetadata };
  }
  const { variant, template } = content as PromptContent;
  if (!variant.modelId) {
    throw new RegistryError(
      'FallbackWithoutModel',
      `${use.prompt}: Bedrock needs a model, found none; set fallback.modelId`,
    );
  }
  const filled = template.fill(variables);
  const { system, messages }: Partial<CompiledChat> =
    typeof filled === 'string' ? { messages: [{ role: 'user', content: filled }] } : filled;
  return {
    modelId: variant.modelId,
    messages: messages?.map(({ role, content }) => ({ role, content: [{ text: content }] })),
    system: system ? [{ text: system }] : undefined,
    inferenceConfig: variant.inferenceConfiguration?.text,
    requestMetadata,
  };
}
