// A prompt of the registry, sent to a self-hosted model: any server that speaks OpenAI's chat API (vLLM, llm-d, …).
import type { CompiledPrompt, PromptClient } from '../client';

/** OpenAI's messages from what `compile` gives: a text is one message of the user. */
export function chatMessages(compiled: CompiledPrompt): { role: string; content: string }[] {
  if (typeof compiled === 'string') return [{ role: 'user', content: compiled }];
  const { system, messages } = compiled;
  return system ? [{ role: 'system', content: system }, ...messages] : [...messages];
}

export interface ChatCompletion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  /** `run` counts these. */
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

export async function analyse(prompts: PromptClient, baseUrl: string, ticker: string): Promise<string> {
  const variables = { ticker };
  const answer = await prompts.run('financial-analysis', variables, async (_request, prompt) => {
    const { inferenceConfiguration } = await prompt.content();
    const response = await fetch(`${baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'my-model',
        messages: chatMessages(await prompt.compile(variables)),
        temperature: inferenceConfiguration?.text.temperature,
        max_tokens: inferenceConfiguration?.text.maxTokens,
      }),
    });
    if (!response.ok) throw new Error(`the model server answered ${response.status}`);
    return (await response.json()) as ChatCompletion;
  });
  return answer.choices[0]?.message.content ?? '';
}
