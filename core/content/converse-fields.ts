import { RegistryError } from '../registry-error';
import { CONTENT_FIELDS, type ContentField } from './content-fields';
import type { CachePoint, PromptBlock, PromptInference, PromptVariantContent } from './prompt-content';
import type { Template } from './template';
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
  const found = variant.genAiResource ? 'genAiResource' : unknownField(variant, CONTENT_FIELDS);
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

/** Path of a field that is there and not known: it may mean anything. */
function unknownField(value: unknown, field: ContentField, path = ''): string | undefined {
  if (typeof field === 'string' || typeof value !== 'object' || value === null) return undefined;
  if ('list' in field) {
    return Array.isArray(value) ? first(value, (item) => unknownField(item, field.list, path)) : path;
  }
  return first(Object.entries(value), ([name, member]) => {
    const at = path ? `${path}.${name}` : name;
    if (Object.hasOwn(field.fields, name)) return unknownField(member, field.fields[name] as ContentField, at);
    return member === undefined || member === null ? undefined : at;
  });
}

function first<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
