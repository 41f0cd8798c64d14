import type { PromptUse } from './prompt-use';
import type { TokenUsage } from './token-usage';

interface Span {
  /** Leaves out what is undefined. */
  setAttributes(attributes: Record<string, string | number | undefined>): unknown;
}

/** Writes a use to the span that is active, if there is one. */
export type Telemetry = (use: PromptUse, usage?: TokenUsage) => void;

/**
 * Does nothing before `@opentelemetry/api` is loaded, and nothing at all where it is not installed. Names that
 * the conventions have are theirs, the rest begin with `prompt_registry.`.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export function telemetry(): Telemetry {
  let trace: { getActiveSpan(): Span | undefined } | undefined;
  import('@opentelemetry/api').then(
    (api) => {
      trace = api.trace;
    },
    () => undefined,
  );
  return ({ prompt, sessionId, operation, ...rest }, usage) => {
    const span = trace?.getActiveSpan();
    if (!span) return;
    const attributes: Record<string, string | number | undefined> = {
      'gen_ai.prompt.name': prompt,
      'gen_ai.conversation.id': sessionId,
      'gen_ai.usage.input_tokens': usage?.inputTokens,
      'gen_ai.usage.output_tokens': usage?.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
      'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    };
    for (const [name, value] of Object.entries(rest)) attributes[`prompt_registry.${name}`] = value;
    span.setAttributes(attributes);
  };
}
