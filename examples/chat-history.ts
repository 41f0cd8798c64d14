// A conversation: the prompt begins it, and every further turn is sent again. Bedrock puts `messages` behind the prompt's own.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
import { type BedrockRuntimeClient, ConverseCommand, type Message } from '@aws-sdk/client-bedrock-runtime';
import type { PromptRunner } from '../client';

/** One conversation with a CHAT prompt whose last message is the user's. Keep `turns` where your sessions are kept. */
export class Chat {
  readonly turns: Message[] = [];

  constructor(
    private readonly prompts: PromptRunner,
    private readonly bedrock: Pick<BedrockRuntimeClient, 'send'>,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** The model's answer to the prompt, or to what the user says after it. */
  async answer(said?: string): Promise<string> {
    const turns: Message[] = said === undefined ? [] : [...this.turns, { role: 'user', content: [{ text: said }] }];
    const { output } = await this.prompts.run('support', this.variables, (request) =>
      this.bedrock.send(new ConverseCommand(turns.length > 0 ? { ...request, messages: turns } : request)),
    );
    const message: Message = output?.message ?? { role: 'assistant', content: [] };
    // Only what was answered is kept: a call that failed can be made again.
    this.turns.splice(0, this.turns.length, ...turns, message);
    return (message.content ?? []).map(({ text }) => text ?? '').join('');
  }
}
