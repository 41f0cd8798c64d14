export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** Tokens that a model's answer reports: `usage` as Converse writes it, or as OpenAI-compatible servers do. */
export function tokenUsage(answer: unknown): TokenUsage {
  const usage = (answer as { usage?: Record<string, number> } | null | undefined)?.usage;
  return {
    inputTokens: usage?.inputTokens ?? usage?.prompt_tokens,
    outputTokens: usage?.outputTokens ?? usage?.completion_tokens,
  };
}
