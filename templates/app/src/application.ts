import {
  type BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandOutput,
  type Message,
} from '@aws-sdk/client-bedrock-runtime';
import type { PromptRunner } from 'cdk-prompt-registry/client';
import type { Prompts } from './prompts';

/** How often the model may ask for tools before it has to answer. */
const ROUNDS = 3;

/** What the application does with its prompts. It names prompts and variables, never a version, a text or a model. */
export class Application {
  constructor(
    private readonly prompts: PromptRunner<Prompts>,
    private readonly bedrock: Pick<BedrockRuntimeClient, 'send'>,
  ) {}

  async greet(name: string): Promise<string> {
    const answer = await this.prompts.run('greeting', { name }, (request) =>
      this.bedrock.send(new ConverseCommand(request)),
    );
    return textOf(answer);
  }

  async support(question: string): Promise<string> {
    const answer = await this.prompts.run('support', { question }, async (request) => {
      // Bedrock puts the prompt's own messages first.
      const messages: Message[] = [];
      for (let round = 0; ; round++) {
        const input = { ...request, ...(messages.length > 0 && { messages }) };
        const output: ConverseCommandOutput = await this.bedrock.send(new ConverseCommand(input));
        const message = output.output?.message;
        if (output.stopReason !== 'tool_use' || message === undefined || round === ROUNDS) return output;
        messages.push(message, { role: 'user', content: (message.content ?? []).flatMap(toolResult) });
      }
    });
    return textOf(answer);
  }
}

function toolResult({ toolUse }: ContentBlock): ContentBlock[] {
  if (toolUse === undefined) return [];
  const { toolUseId, name, input } = toolUse;
  if (name !== 'order_status') {
    return [{ toolResult: { toolUseId, status: 'error', content: [{ text: `there is no tool ${name}` }] } }];
  }
  return [{ toolResult: { toolUseId, content: [{ json: orderStatus(input as { order: string }) }] } }];
}

/** Look it up in your own systems. `run` may come here twice for one question: what a tool changes, it must change once. */
function orderStatus({ order }: { readonly order: string }) {
  return { order, status: 'on its way' };
}

function textOf({ output }: ConverseCommandOutput): string {
  return (output?.message?.content ?? []).map(({ text }) => text ?? '').join('');
}
