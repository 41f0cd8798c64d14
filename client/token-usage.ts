export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** Tokens that a model's answer reports: `usage` as Converse writes it, or as OpenAI-compatible servers do. */
export function tokenUsage(answer: unknown): TokenUsage {
  const usage = (answer as { usage?: Record<string, unknown> } | null | undefined)?.usage;
  const inputTokens = usage?.inputTokens ?? usage?.prompt_tokens;
  const outputTokens = usage?.outputTokens ?? usage?.completion_tokens;
  return {
    ...(typeof inputTokens === 'number' && { inputTokens }),
    ...(typeof outputTokens === 'number' && { outputTokens }),
  };
}
