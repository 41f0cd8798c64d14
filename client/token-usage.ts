/** Tokens of one call. */
export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Read from a prompt cache. Bedrock does not count them as input tokens, OpenAI-compatible servers do. */
  readonly cacheReadTokens?: number;
  /** Written to a prompt cache; likewise. */
  readonly cacheWriteTokens?: number;
}

/**
 * Tokens that a model's answer reports: `usage` as Converse writes it, Anthropic's own API, or an OpenAI-compatible
 * server (chat completions and responses).
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
export function tokenUsage(answer: unknown): TokenUsage {
  const usage = (answer as { usage?: Usage } | null | undefined)?.usage;
  const details = usage?.prompt_tokens_details ?? usage?.input_tokens_details;
  return {
    inputTokens: usage?.inputTokens ?? usage?.prompt_tokens ?? usage?.input_tokens,
    outputTokens: usage?.outputTokens ?? usage?.completion_tokens ?? usage?.output_tokens,
    cacheReadTokens: usage?.cacheReadInputTokens ?? usage?.cache_read_input_tokens ?? details?.cached_tokens,
    cacheWriteTokens: usage?.cacheWriteInputTokens ?? usage?.cache_creation_input_tokens,
  };
}

/** Whether an answer counts tokens that a cache held among its input tokens, as OpenAI's API does and Bedrock does not. */
export function countsCacheAsInput(answer: unknown): boolean {
  const usage = (answer as { usage?: Usage } | null | undefined)?.usage;
  return usage?.prompt_tokens_details != null || usage?.input_tokens_details != null;
}

type Counts<N extends string> = { readonly [name in N]?: number };

interface Usage
  extends Counts<'inputTokens' | 'outputTokens' | 'cacheReadInputTokens' | 'cacheWriteInputTokens'>,
    Counts<'input_tokens' | 'output_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens'>,
    Counts<'prompt_tokens' | 'completion_tokens'> {
  readonly prompt_tokens_details?: Counts<'cached_tokens'> | null;
  readonly input_tokens_details?: Counts<'cached_tokens'> | null;
}
