import { RegistryError } from '../registry-error';
import type { CachePoint, PromptBlock, PromptInference, PromptVariantContent } from './prompt-content';
import type { Template } from './template';
import { unknownField } from './unknown-field';
import type { PromptVariables } from './variables';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What Bedrock takes from a version, and what a request without one has to say itself. */
export interface ConverseFields {
  messages?: { role: 'user' | 'assistant'; content: PromptBlock[] }[];
  system?: PromptBlock[];
  inferenceConfig?: PromptInference;
  toolConfig?: {
    tools: (
      | { toolSpec: { name: string; description?: string; inputSchema: { json: Json }; strict?: boolean } }
      | { cachePoint: CachePoint }
    )[];
    toolChoice?: { auto: Record<string, never> } | { any: Record<string, never> } | { tool: { name: string } };
  };
  additionalModelRequestFields?: Json;
}

/**
 * The request that a version with this content would have been, field by field: an outage must not change what the model
 * may do.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * @throws RegistryError `FallbackUnsupported` where the content holds what Converse has no place for, or is not known
 */
export function converseFields(
  promptName: string,
  variant: PromptVariantContent,
  template: Template,
  variables: PromptVariables,
): ConverseFields {
  const found = variant.genAiResource ? 'genAiResource' : unknownField(variant);
  if (found) refuse(promptName, found);
  const { inferenceConfiguration, additionalModelRequestFields, templateConfiguration } = variant;
  const { system, messages } = template.fillBlocks(variables);
  const blocks = [...system, ...messages.flatMap(({ content }) => content)];
  if (blocks.some((block) => (block.text === undefined) === (block.cachePoint === undefined)))
    refuse(promptName, 'block but of one text or one cachePoint');
  const tools = templateConfiguration.chat?.toolConfiguration;
  return {
    messages,
    system: system.length > 0 ? system : undefined,
    inferenceConfig: inferenceConfiguration?.text,
    // To Bedrock an empty list is none in a version, and a mistake in a request.
    toolConfig: tools?.tools.length ? (tools as ConverseFields['toolConfig']) : undefined,
    additionalModelRequestFields: additionalModelRequestFields as Json | undefined,
  };
}

function refuse(promptName: string, found: string): never {
  const why = `a fallback becomes a request to Converse, which takes no ${found}; remove it`;
  throw new RegistryError('FallbackUnsupported', `${promptName}: ${why}`);
}
