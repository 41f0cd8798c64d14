import type { ConverseModel, ModelOutput, ModelRequest } from '../../core/evaluation/converse-model';
import { RegistryError } from '../../core/registry-error';

interface Completion {
  readonly choices?: readonly {
    readonly finish_reason?: string;
    readonly message?: {
      readonly content?: string | null;
      readonly refusal?: string | null;
      readonly tool_calls?: readonly { readonly function?: { readonly name?: string; readonly arguments?: string } }[];
    };
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
}

/** Stop reasons of OpenAI in Converse's words. */
const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'content_filtered',
};

/**
 * A model behind OpenAI's chat API: vLLM, llm-d and others.
 *
 * @param baseUrl as OpenAI's clients take it: `http://localhost:8000/v1`
 * @param model asked for every content, whatever model it names
 * @see https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html
 */
export function openAiModel(
  baseUrl: string,
  model: string | undefined,
  key = process.env.OPENAI_API_KEY,
): ConverseModel {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`;
  return async (request) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(completionRequest(request, model ?? request.modelId)),
    });
    const text = await response.text();
    if (!response.ok) throw refusal(url, response, text);
    return modelOutput(url, text);
  };
}

/**
 * A request to Converse as one to the chat API, as `prompt.openai()` of the client has it.
 *
 * @throws RegistryError `OpenAiUnsupported` for what has no place in it
 */
export function completionRequest(request: ModelRequest, model: string): object {
  const { system = [], messages = [], inferenceConfig, toolConfig, additionalModelRequestFields } = request;
  const blocks = [...system, ...messages.flatMap(({ content }) => content), ...(toolConfig?.tools ?? [])];
  const found = additionalModelRequestFields === undefined ? 'cachePoint' : 'additionalModelRequestFields';
  if (additionalModelRequestFields !== undefined || blocks.some((block) => 'cachePoint' in block))
    throw new RegistryError('OpenAiUnsupported', `OpenAI's chat API takes no ${found}; remove it`);
  const texts = (list: readonly { text?: string }[]) => list.map(({ text }) => text).join('\n');
  const tools = toolConfig?.tools.flatMap((tool) => ('toolSpec' in tool ? [tool.toolSpec] : [])) ?? [];
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfig ?? {};
  const choice = toolChoice(toolConfig?.toolChoice);
  return {
    model,
    messages: [
      ...(system.length > 0 ? [{ role: 'system', content: texts(system) }] : []),
      ...messages.map(({ role, content }) => ({ role, content: texts(content) })),
    ],
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stopSequences?.length && { stop: stopSequences }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema, strict }) => ({
        type: 'function',
        function: { name, description, parameters: inputSchema.json, ...(strict && { strict }) },
      })),
    }),
    ...(tools.length > 0 && choice !== undefined && { tool_choice: choice }),
  };
}

function toolChoice(choice: NonNullable<ModelRequest['toolConfig']>['toolChoice']): unknown {
  if (choice === undefined) return undefined;
  if ('tool' in choice) return { type: 'function', function: { name: choice.tool.name } };
  return 'any' in choice ? 'required' : 'auto';
}

function modelOutput(url: string, text: string): ModelOutput {
  let completion: Completion;
  try {
    completion = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new Error(`${url} answered no JSON`, { cause }), { status: 500 });
  }
  const { message, finish_reason = 'stop' } = completion.choices?.[0] ?? {};
  const said = message?.refusal ?? message?.content;
  const calls = message?.tool_calls?.map((call) => call.function) ?? [];
  return {
    output: {
      message: {
        content: [
          ...(said ? [{ text: said }] : []),
          ...calls.map((call) => ({ toolUse: { name: call?.name, input: parsed(call?.arguments) } })),
        ],
      },
    },
    stopReason: message?.refusal ? 'refusal' : (STOP_REASONS[finish_reason] ?? finish_reason),
    usage: { inputTokens: completion.usage?.prompt_tokens, outputTokens: completion.usage?.completion_tokens },
  };
}

/** Arguments are JSON that a model wrote, so they may be none. */
function parsed(text = '{}'): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal(url: string, { status, headers }: Response, text: string): Error {
  const seconds = Number(headers.get('retry-after'));
  const retryAfterMs = seconds > 0 ? seconds * 1000 : undefined;
  return Object.assign(new Error(`${url} answered ${status}: ${text.slice(0, 300)}`), { status, retryAfterMs });
}
