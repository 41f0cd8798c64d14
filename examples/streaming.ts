// An answer word by word. The stream is read inside of `run`: so the time is that of the whole answer, and its tokens count.
import { type BedrockRuntimeClient, ConverseStreamCommand, type TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import type { PromptRunner } from '../client';

export async function explain(
  prompts: PromptRunner,
  bedrock: Pick<BedrockRuntimeClient, 'send'>,
  ticker: string,
  show: (text: string) => void,
): Promise<string | undefined> {
  const { stopReason } = await prompts.run('financial-analysis', { ticker }, async (request) => {
    const { stream = [] } = await bedrock.send(new ConverseStreamCommand(request));
    let usage: TokenUsage | undefined;
    let stopReason: string | undefined;
    let isShown = false;
    try {
      for await (const { contentBlockDelta, messageStop, metadata } of stream) {
        if (contentBlockDelta?.delta?.text) {
          isShown = true;
          show(contentBlockDelta.delta.text);
        }
        stopReason ??= messageStop?.stopReason;
        usage ??= metadata?.usage;
      }
    } catch (cause) {
      // By this name `run` does not call again, with another version: half an answer is on the screen already.
      throw isShown ? Object.assign(new Error('the stream broke', { cause }), { name: 'AbortError' }) : cause;
    }
    return { usage, stopReason };
  });
  return stopReason;
}
