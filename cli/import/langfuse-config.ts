import type { PromptInference, PromptTool, PromptToolChoice } from '../../core/content/prompt-content';
import { changed, type Loss } from './source-version';

/** What of a prompt's `config` has a place in Bedrock. */
export interface BedrockSettings {
  readonly modelId?: string;
  readonly inferenceConfiguration?: { text: PromptInference };
  readonly additionalModelRequestFields?: object;
  readonly tools?: { toolConfiguration: { tools: PromptTool[]; toolChoice?: PromptToolChoice } };
}

/** `config` is free JSON; these are the names that Langfuse's pages, LiteLLM and model APIs use in it. */
const INFERENCE: Readonly<Record<string, keyof PromptInference>> = {
  temperature: 'temperature',
  top_p: 'topP',
  topP: 'topP',
  max_tokens: 'maxTokens',
  maxTokens: 'maxTokens',
  max_output_tokens: 'maxTokens',
  maxOutputTokens: 'maxTokens',
  stop: 'stopSequences',
  stop_sequences: 'stopSequences',
  stopSequences: 'stopSequences',
};

/** `anthropic.claude-…`, `us.amazon.nova-pro-v1:0`, an ARN: what only Bedrock calls so. */
const BEDROCK_MODEL = /^(arn:aws[\w-]*:bedrock:\S+|([a-z]{2,6}(-gov)?\.)?[a-z][a-z0-9]*\.[a-z][\w.-]*(:[\w:.-]+)?)$/;

/** As `export langfuse` writes them. */
const REQUEST_FIELDS = 'additional_model_request_fields';

interface OpenSettings {
  readonly inference: Partial<Record<keyof PromptInference, unknown>>;
  modelId?: string;
  fields?: object;
  tools?: PromptTool[];
  toolChoice?: PromptToolChoice;
}

/** Reads a `config`; what of it has no place is a loss. */
export function langfuseConfig(
  config: unknown,
  isChat: boolean,
  model: string | undefined,
  losses: Loss[],
): BedrockSettings {
  const open: OpenSettings = { inference: {} };
  const left: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fieldsOf(config, losses))) {
    if (!readField(key, value, isChat, open)) left[key] = value;
  }
  const { inference, fields, tools, toolChoice, modelId = model } = open;
  if (toolChoice && !tools) left.tool_choice = toolChoice;
  reportLeft(left, model, losses);
  return {
    ...(modelId !== undefined && { modelId }),
    ...(Object.keys(inference).length > 0 && { inferenceConfiguration: { text: inference as PromptInference } }),
    ...(fields && { additionalModelRequestFields: fields }),
    ...(tools && { tools: { toolConfiguration: { tools, ...(toolChoice && { toolChoice }) } } }),
  };
}

/** Whether a field has a place. */
function readField(key: string, value: unknown, isChat: boolean, open: OpenSettings): boolean {
  const setting = Object.hasOwn(INFERENCE, key) ? INFERENCE[key] : undefined;
  if (setting) return readSetting(setting, value, open);
  switch (isChat || !key.startsWith('tool') ? key : '') {
    case 'model':
      open.modelId = bedrockModel(value);
      return open.modelId !== undefined;
    case REQUEST_FIELDS:
      open.fields = isFields(value) ? value : undefined;
      return open.fields !== undefined;
    case 'tools':
      open.tools = toolsOf(value);
      return open.tools !== undefined;
    case 'tool_choice':
      open.toolChoice = choiceOf(value);
      return open.toolChoice !== undefined;
    default:
      return false;
  }
}

function readSetting(setting: keyof PromptInference, value: unknown, { inference }: OpenSettings): boolean {
  const named = setting === 'stopSequences' && typeof value === 'string' ? [value] : value;
  if (inference[setting] !== undefined || !isSetting(setting, named)) return false;
  inference[setting] = named;
  return true;
}

function fieldsOf(config: unknown, losses: Loss[]): object {
  if (config === undefined || config === null) return {};
  if (typeof config === 'object' && !Array.isArray(config)) return config;
  losses.push(changed(`config ${JSON.stringify(config)}: left out`, 'a config is fields with values'));
  return {};
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

function reportLeft(left: Record<string, unknown>, model: string | undefined, losses: Loss[]): void {
  for (const [key, value] of Object.entries(left)) {
    const what = `config.${key} ${JSON.stringify(value)}: left out`;
    if (key === 'model' && model === undefined) {
      losses.push(changed(what, 'Bedrock has no such model: add --model ID, or write model: into the file'));
    } else if (key === 'model') {
      losses.push(changed(`config.model ${JSON.stringify(value)}: it is ${model} here`, 'as --model says'));
    } else {
      losses.push(changed(what, 'where the model understands it, write it under config.additionalModelRequestFields'));
    }
  }
}

function isSetting(name: keyof PromptInference, value: unknown): boolean {
  switch (name) {
    case 'maxTokens':
      return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 512_000;
    case 'stopSequences':
      return Array.isArray(value) && value.length <= 4 && value.every((one) => typeof one === 'string' && one !== '');
    default:
      return typeof value === 'number' && value >= 0 && value <= 1;
  }
}

/** LiteLLM writes `bedrock/` before a model of Bedrock's. */
function bedrockModel(value: unknown): string | undefined {
  const id = typeof value === 'string' ? value.replace(/^bedrock\//, '') : '';
  return BEDROCK_MODEL.test(id) ? id : undefined;
}

/** As the endpoint of this registry writes them, or as OpenAI does. */
function toolsOf(value: unknown): PromptTool[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const tools = value.map(toolOf);
  return tools.every((tool) => tool !== undefined) ? tools : undefined;
}

function toolOf(value: unknown): PromptTool | undefined {
  const tool = (value ?? {}) as Record<string, unknown>;
  const own = tool.type === 'function' ? ((tool.function ?? {}) as Record<string, unknown>) : tool;
  const { name, description, parameters, inputSchema, ...others } = own;
  const json = parameters ?? (inputSchema as { json?: unknown } | undefined)?.json;
  const isKnown = Object.keys(others).length === 0 && typeof json === 'object' && json !== null;
  if (typeof name !== 'string' || !isKnown || (description !== undefined && typeof description !== 'string'))
    return undefined;
  return { toolSpec: { name, ...(description !== undefined && { description }), inputSchema: { json } } };
}

function choiceOf(value: unknown): PromptToolChoice | undefined {
  if (value === 'auto') return { auto: {} };
  if (value === 'required' || value === 'any') return { any: {} };
  const { auto, any, tool } = (value ?? {}) as { auto?: unknown; any?: unknown; tool?: { name?: unknown } };
  if (auto) return { auto: {} };
  if (any) return { any: {} };
  return typeof tool?.name === 'string' ? { tool: { name: tool.name } } : undefined;
}
