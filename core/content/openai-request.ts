import { RegistryError } from '../registry-error';
import type { PromptBlock, PromptToolChoice, PromptToolSpec, PromptVariantContent } from './prompt-content';
import type { Template } from './template';
import { unknownField } from './unknown-field';
import type { PromptVariables } from './variables';

/** Body of a request to `/v1/chat/completions`. */
export interface OpenAiRequest {
  model: string;
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  stop?: string[];
  tools?: OpenAiTool[];
  tool_choice?: 'auto' | 'required' | { type: 'function'; function: { name: string } };
}

export interface OpenAiTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean };
}

/**
 * The content as a request to a server that speaks OpenAI's chat API. What has no place in it is an error: a server that
 * ignored it would answer something else than was tested.
 *
 * @see https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 * @throws RegistryError `OpenAiUnsupported`
 */
export function openAiRequest(
  promptName: string,
  model: string,
  { variant, template }: { readonly variant: PromptVariantContent; readonly template: Template },
  variables: PromptVariables,
): OpenAiRequest {
  const { temperature, topP, maxTokens, stopSequences = [] } = variant.inferenceConfiguration?.text ?? {};
  const { tools = [], toolChoice } = variant.templateConfiguration.chat?.toolConfiguration ?? {};
  const { system, messages } = template.fillBlocks(variables);
  const blocks = [...system, ...messages.flatMap(({ content }) => content)];
  const found =
    unsupported(variant) ??
    ([...blocks, ...tools].some(({ cachePoint }) => cachePoint) ? 'cachePoint' : undefined) ??
    (blocks.some(({ text }) => text === undefined) ? 'block but of text' : undefined);
  if (found) {
    throw new RegistryError('OpenAiUnsupported', `${promptName}: OpenAI's chat API takes no ${found}; remove it`);
  }
  const said = messages.map(({ role, content }) => ({ role, content: joined(content) }));
  return {
    model,
    messages: system.length > 0 ? [{ role: 'system', content: joined(system) }, ...said] : said,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stopSequences.length > 0 && { stop: [...stopSequences] }),
    ...(tools.length > 0 && { tools: tools.flatMap(({ toolSpec }) => (toolSpec ? [toolOf(toolSpec)] : [])) }),
    ...(tools.length > 0 && toolChoice && { tool_choice: choiceOf(toolChoice) }),
  };
}

function unsupported(variant: PromptVariantContent): string | undefined {
  if (variant.genAiResource) return 'genAiResource';
  const { additionalModelRequestFields: own } = variant;
  if (own !== undefined && own !== null) return 'additionalModelRequestFields';
  return unknownField(variant);
}

/** As `compile` joins them. */
function joined(blocks: readonly PromptBlock[]): string {
  return blocks.map(({ text }) => text).join('\n');
}

function toolOf({ name, description, inputSchema, strict }: PromptToolSpec): OpenAiTool {
  const parameters = inputSchema.json as Record<string, unknown>;
  return {
    type: 'function',
    function: { name, ...(description !== undefined && { description }), parameters, ...(strict && { strict }) },
  };
}

function choiceOf(choice: PromptToolChoice): OpenAiRequest['tool_choice'] {
  if ('tool' in choice) return { type: 'function', function: { name: choice.tool.name } };
  return 'any' in choice ? 'required' : 'auto';
}
