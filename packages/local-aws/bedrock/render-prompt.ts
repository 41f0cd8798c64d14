import type { ContentBlock as AgentContentBlock, PromptVariant } from '@aws-sdk/client-bedrock-agent';
import type { ContentBlock, Message } from '@aws-sdk/client-bedrock-runtime';
import { AwsError } from '../aws-error';

const VARIABLE = /\{\{([0-9a-zA-Z](?:[_-]?[0-9a-zA-Z])*[_-]?)\}\}/g;

interface RenderedTurn {
  readonly speaker: string;
  readonly text: string;
}

/** Fills a variant's variables in. Throws ValidationException that names every variable without a value. */
export function renderPrompt(variant: PromptVariant, values: Record<string, string>): RenderedTurn[] {
  const { text, chat } = variant.templateConfiguration ?? {};
  const turns: RenderedTurn[] = text
    ? [{ speaker: 'user', text: text.text ?? '' }]
    : [
        ...(chat?.system ?? []).map((block) => ({ speaker: 'system', text: block.text ?? '' })),
        ...turnsOf(chat?.messages ?? []),
      ];
  const used = turns.flatMap((turn) => [...turn.text.matchAll(VARIABLE)].map(([, name = '']) => name));
  const missing = [...new Set(used)].filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    const message = `The following prompt variables have no value: ${missing.join(', ')}. Give each in promptVariables.`;
    throw new AwsError('ValidationException', 400, message);
  }
  return turns.map(({ speaker, text: template }) => ({ speaker, text: filled(template, values) }));
}

/** The messages of a prompt as Converse gets them; a text is what the user says. */
export function messagesOf({ templateConfiguration }: PromptVariant, values: Record<string, string>): Message[] {
  const { text, chat } = templateConfiguration ?? {};
  if (text) return [{ role: 'user', content: [{ text: filled(text.text ?? '', values) }] }];
  return (chat?.messages ?? []).map(({ role, content }) => ({ role, content: filledBlocks(content ?? [], values) }));
}

export function filledBlocks(blocks: readonly AgentContentBlock[], values: Record<string, string>): ContentBlock[] {
  return blocks.map((block) =>
    block.text === undefined ? (block as ContentBlock) : { text: filled(block.text, values) },
  );
}

function filled(template: string, values: Record<string, string>): string {
  return template.replace(VARIABLE, (_, name: string) => values[name] ?? '');
}

/** Messages as turns, their text blocks joined. */
export function turnsOf(messages: readonly { role?: string; content?: readonly object[] }[]): RenderedTurn[] {
  return messages.map(({ role = 'user', content = [] }) => {
    const texts = (content as Message['content'])?.map((block) => block.text).filter((text) => text !== undefined);
    return { speaker: role, text: texts?.join('\n') ?? '' };
  });
}
