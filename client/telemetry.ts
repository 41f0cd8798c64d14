import type { PromptUse } from './prompt-use';
import type { TokenUsage } from './token-usage';

/** What the client needs of a span of OpenTelemetry. */
export interface Span {
  /** Leaves out what is undefined. */
  setAttributes(attributes: Record<string, string | number | undefined>): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: Error | string): void;
  end(): void;
}

export interface Telemetry {
  /** Writes a use to a span: the one that is active, unless another is given. */
  record(use: PromptUse, usage?: TokenUsage, span?: Span): void;
  /** A span for a call of a model, where none is active that would show it. */
  start(prompt: string): Span | undefined;
  /** Does the work with the span as the active one. */
  under<T>(span: Span | undefined, work: () => T): T;
}

/** Of OpenTelemetry's enums `SpanKind` and `SpanStatusCode`. */
const CLIENT_KIND = 2;
const ERROR_STATUS = 2;

/**
 * Does nothing where `@opentelemetry/api` is not installed.
 *
 * Langfuse links a trace to a prompt by `langfuse.observation.prompt.*`. It takes every attribute that begins with
 * `gen_ai.prompt` for the conversation, which then vanishes from the trace: such names are written on request only.
 *
 * @param spanNames `gen_ai` writes the names of the conventions besides
 * @see https://langfuse.com/integrations/native/opentelemetry
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export function telemetry(spanNames?: 'gen_ai'): Telemetry {
  let api: typeof import('@opentelemetry/api') | undefined;
  void load().then((loaded) => {
    api = loaded;
  });

  const record: Telemetry['record'] = (use, usage, span = api?.trace.getActiveSpan() as Span | undefined) => {
    if (!span) return;
    const { prompt, version, sessionId, model } = use;
    const attributes: Record<string, string | number | undefined> = {
      'gen_ai.conversation.id': sessionId,
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': usage?.inputTokens,
      'gen_ai.usage.output_tokens': usage?.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
      'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    };
    // A fallback is no version of the prompt, and no link to one.
    if (version) {
      attributes['langfuse.observation.prompt.name'] = prompt;
      attributes['langfuse.observation.prompt.version'] = version;
    }
    if (spanNames) {
      attributes['gen_ai.prompt.name'] = prompt;
      attributes['gen_ai.prompt.version'] = version && `${version}`;
    }
    for (const [name, value] of Object.entries({ ...use, sessionId: undefined }))
      attributes[`prompt_registry.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`] = value;
    span.setAttributes(attributes);
  };

  return {
    record,
    start: (prompt) => {
      if (!api || api.trace.getActiveSpan()) return undefined;
      // `chat` makes it a generation for Langfuse, which links nothing else to prompts.
      const options = { kind: CLIENT_KIND, attributes: { 'gen_ai.operation.name': 'chat' } };
      return api.trace.getTracer('cdk-prompt-registry').startSpan(`chat ${prompt}`, options) as Span;
    },
    under: (span, work) => {
      if (!api || !span) return work();
      return api.context.with(api.trace.setSpan(api.context.active(), span as never), work);
    },
  };
}

/** Ends a span that was started for a call. */
export function endSpan(span: Span | undefined, error?: unknown): void {
  if (error) {
    span?.recordException(error as Error);
    span?.setStatus({ code: ERROR_STATUS, message: (error as Error).message });
  }
  span?.end();
}

/** With `try` and `await`: so do esbuild, webpack and Rollup see that the package may be missing. */
async function load() {
  try {
    return await import('@opentelemetry/api');
  } catch {
    return undefined;
  }
}
