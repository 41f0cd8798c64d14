/** What a model answered to one question. */
export interface ModelAnswer {
  /** Its text blocks, joined by line ends; empty where there are none. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** As Converse names it: `end_turn`, `tool_use`, `max_tokens`, `guardrail_intervened`, … */
  readonly stopReason: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Read from a prompt cache; left out where none was. Bedrock does not count them as input. */
  readonly cacheReadTokens?: number;
  /** Written to a prompt cache; likewise. */
  readonly cacheWriteTokens?: number;
  /** From the question sent to the answer read. */
  readonly latencyMs: number;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: unknown;
}
