import type { ConverseFields } from '../content/converse-fields';
import type { GuardrailVersion } from '../contract/guardrail';
import type { ModelAnswer, ToolCall } from './model-answer';

/** A request as Converse takes it: of a version its ARN and variables, of anything else the whole of it. */
export interface ModelRequest extends ConverseFields {
  readonly modelId: string;
  readonly promptVariables?: Record<string, { text: string }>;
  /** What IAM lets callers call the model with. */
  readonly guardrailConfig?: GuardrailVersion;
  /** For Bedrock's invocation logs. */
  readonly requestMetadata?: Record<string, string>;
}

/** What is read of Converse's answer. */
export interface ModelOutput {
  readonly output?: { readonly message?: { readonly content?: readonly OutputBlock[] } };
  readonly stopReason?: string;
  readonly usage?: {
    readonly inputTokens?: number;
    readonly outputTokens?: number;
    readonly cacheReadInputTokens?: number;
    readonly cacheWriteInputTokens?: number;
  };
}

interface OutputBlock {
  readonly text?: string;
  readonly toolUse?: { readonly name?: string; readonly input?: unknown };
}

/**
 * Sends one request to a model; the runner waits, tries again and counts. `ConverseCommand` of the SDK fits as it is.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export type ConverseModel = (request: ModelRequest, signal: AbortSignal) => Promise<ModelOutput>;

/** The answer in an output; of one without content an empty one, which passes no check. */
export function modelAnswer({ output, stopReason, usage }: ModelOutput, latencyMs: number): ModelAnswer {
  const blocks = output?.message?.content ?? [];
  const { cacheReadInputTokens: cacheReadTokens, cacheWriteInputTokens: cacheWriteTokens } = usage ?? {};
  return {
    text: wellFormed(blocks.flatMap(({ text }) => text ?? []).join('\n')),
    toolCalls: blocks.flatMap(({ toolUse }) => (toolUse ? [toolCall(toolUse)] : [])),
    stopReason: stopReason ?? 'end_turn',
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    ...(cacheReadTokens && { cacheReadTokens }),
    ...(cacheWriteTokens && { cacheWriteTokens }),
    latencyMs: Math.round(latencyMs),
  };
}

function toolCall({ name = '', input = {} }: NonNullable<OutputBlock['toolUse']>): ToolCall {
  return { name: wellFormed(name), arguments: JSON.parse(wellFormed(JSON.stringify(input))) };
}

/** Half a character, where a model was cut off in the middle of one, is in no JSON and no digest. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd');
}
