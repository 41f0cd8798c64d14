import type { PromptUse } from './prompt-use';
import type { TokenUsage } from './token-usage';

interface Span {
  setAttributes(attributes: Record<string, string | number>): unknown;
}

/**
 * Writes uses to the span that is active, if `@opentelemetry/api` can be loaded. Names that the conventions have are
 * theirs, the rest begin with `prompt_registry.`.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export class Telemetry {
  #trace?: { getActiveSpan(): Span | undefined };
  /** Settles once it is known whether the API is there. */
  readonly ready: Promise<void> = import('@opentelemetry/api').then(
    ({ trace }) => {
      this.#trace = trace;
    },
    () => undefined,
  );

  record({ prompt, sessionId, operation, age, ...rest }: PromptUse, usage: TokenUsage = {}): void {
    const span = this.#trace?.getActiveSpan();
    if (!span) return;
    span.setAttributes({
      'gen_ai.prompt.name': prompt,
      ...(sessionId && { 'gen_ai.conversation.id': sessionId }),
      ...named('gen_ai.usage.', { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }),
      ...named('prompt_registry.', { ...rest, age: Math.round(age) }),
    });
  }
}

function named(prefix: string, values: object): Record<string, string | number> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [prefix + name, value]));
}
