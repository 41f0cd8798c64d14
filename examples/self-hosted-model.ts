// A prompt of the registry, sent to a self-hosted model: any server that speaks OpenAI's chat API (vLLM, llm-d, …).
import type { PromptClient } from '../client';

export interface ChatCompletion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  /** `run` counts these. */
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** @param model what the server calls it; log and span have it */
export async function analyse(prompts: PromptClient, baseUrl: string, model: string, ticker: string): Promise<string> {
  const variables = { ticker };
  const answer = await prompts.run('financial-analysis', variables, async (_request, prompt) => {
    const response = await fetch(`${baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(await prompt.openai(variables, { model })),
    });
    if (!response.ok) {
      const { status } = response;
      // By its status `run` knows a 429, which it does not answer with one more call.
      throw Object.assign(new Error(`the model server answered ${status}`), { status });
    }
    return (await response.json()) as ChatCompletion;
  });
  return answer.choices[0]?.message.content ?? '';
}
