import { type ConverseFields, converseFields } from '../core/content/converse-fields';
import type { PromptVariables } from '../core/content/variables';
import type { GuardrailVersion } from '../core/contract/guardrail';
import { RegistryError } from '../core/registry-error';
import type { PromptContent } from './content-store';
import type { PromptUse } from './prompt-use';

/**
 * Input of `ConverseCommand` and `ConverseStreamCommand`; spread it to add what Bedrock allows with a prompt, such as
 * further `messages`, or `trace` to a `guardrailConfig`. Of a version it has no `ConverseFields`: Bedrock takes them from the version.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export interface ConverseRequest extends ConverseFields {
  /** ARN of the version; of a fallback, its model. */
  modelId: string;
  promptVariables?: Record<string, { text: string }>;
  /** Where the alias asks for one: a call without exactly this guardrail is denied. For both commands. */
  guardrailConfig?: GuardrailVersion;
  /** Prompt, alias, version, source, digest, session and rollout, for Bedrock's invocation logs. What may not stand there: `_`. */
  requestMetadata: Record<string, string>;
}

/**
 * @param content of a fallback, whose model and messages go into the request itself
 * @throws RegistryError `FallbackWithoutModel`, `FallbackUnsupported`
 */
export function converseRequest(
  use: PromptUse,
  variables: PromptVariables,
  content: PromptContent | undefined,
  guardrail: GuardrailVersion | undefined,
): ConverseRequest {
  const { operation, versionArn, age, ...metadata } = use;
  const known = Object.entries(metadata).filter(([, value]) => value);
  // Bedrock refuses the whole call for other characters, or more of them. Its \s is Java's, which knows no spaces beyond
  // ASCII; JavaScript's does: NBSP, U+2028 and others.
  const accepted = (value: unknown) => `${value}`.replace(/[^\w \t\n\v\f\r:@$#=/+,.-]/g, '_').slice(0, 256);
  const requestMetadata = Object.fromEntries(known.map(([name, value]) => [name, accepted(value)]));
  const guarded = guardrail && { guardrailConfig: { ...guardrail } };
  if (versionArn) {
    const promptVariables = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, { text }]));
    return { modelId: versionArn, promptVariables, requestMetadata, ...guarded };
  }
  const { variant, template } = content as PromptContent;
  if (!variant.modelId) {
    throw new RegistryError(
      'FallbackWithoutModel',
      `${use.prompt}: Bedrock needs a model, found none; set fallback.modelId`,
    );
  }
  const fields = converseFields(use.prompt, variant, template, variables);
  return { modelId: variant.modelId, ...fields, requestMetadata, ...guarded };
}
