/**
 * A prompt's variant in the casing of the Bedrock API (`GetPrompt`), reduced to what this registry reads and writes.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_PromptVariant.html
 */
export interface PromptVariantContent {
  /** Name of the variant inside its prompt. Not part of the content digest. */
  name?: string;
  templateType: 'TEXT' | 'CHAT';
  templateConfiguration: PromptTemplateConfiguration;
  /** Model id, or ARN of a model or inference profile; 1–2,048 characters. */
  modelId?: string;
  inferenceConfiguration?: { text: PromptInference };
  /** Free JSON that the model's own API understands. */
  additionalModelRequestFields?: unknown;
  genAiResource?: { agent: { agentIdentifier: string } };
  /** At most 50 pairs. Not part of the content digest. */
  metadata?: PromptMetadataEntry[];
}

/** Exactly one of the two, as `templateType` says. */
export type PromptTemplateConfiguration =
  | { text: TextPromptTemplate; chat?: undefined }
  | { chat: ChatPromptTemplate; text?: undefined };

export interface TextPromptTemplate {
  /** At least 1 and at most 200,000 characters; `{{name}}` marks a variable. */
  text: string;
  inputVariables?: PromptInputVariable[];
  cachePoint?: CachePoint;
}

export interface ChatPromptTemplate {
  messages: PromptMessage[];
  system?: PromptBlock[];
  inputVariables?: PromptInputVariable[];
  toolConfiguration?: PromptToolConfiguration;
}

export interface PromptMessage {
  role: 'user' | 'assistant';
  content: PromptBlock[];
}

export type PromptBlock = { text: string; cachePoint?: undefined } | { cachePoint: CachePoint; text?: undefined };

export interface CachePoint {
  type: 'default';
}

export interface PromptInputVariable {
  name: string;
}

export interface PromptToolConfiguration {
  tools: PromptTool[];
  toolChoice?: PromptToolChoice;
}

export type PromptTool =
  | { toolSpec: PromptToolSpec; cachePoint?: undefined }
  | { cachePoint: CachePoint; toolSpec?: undefined };

export interface PromptToolSpec {
  name: string;
  description?: string;
  /** `json` is a JSON Schema, kept as it is. */
  inputSchema: { json: unknown };
  strict?: boolean;
}

export type PromptToolChoice =
  | { auto: Record<string, never> }
  | { any: Record<string, never> }
  | { tool: { name: string } };

export interface PromptInference {
  /** 0–1; Bedrock keeps it as a 32-bit float. */
  temperature?: number;
  /** 0–1; Bedrock keeps it as a 32-bit float. */
  topP?: number;
  /** Whole number of tokens. */
  maxTokens?: number;
  /** At most 4. */
  stopSequences?: string[];
}

export interface PromptMetadataEntry {
  key: string;
  value: string;
}
