import type { PromptBlock, PromptMessage, PromptTemplateConfiguration } from './prompt-content';

/**
 * What Converse refuses of a chat prompt, though CreatePrompt takes it: such a version could never be called.
 *
 * A last message of the assistant is none of it: what the caller sends along follows after it. Nor is a prompt without
 * messages that has system text. What users were answered:
 *
 * @see https://github.com/langchain-ai/langchain-aws/issues/130 "A conversation must alternate between user and assistant roles."
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/pull/185 "The text field in the ContentBlock object at … is blank."
 * @see https://github.com/microsoft/vscode/issues/276110 "tools: Tool names must be unique."
 * @param isUnknown tells values that only the deployment knows
 */
export function* conversationProblems(
  { chat }: PromptTemplateConfiguration,
  isUnknown: (value: unknown) => boolean,
): Generator<string> {
  if (!chat || !Array.isArray(chat.messages)) return;
  const { messages, system = [] } = chat;
  if (messages.length === 0 && system.every(({ text }) => text === undefined)) {
    yield 'a conversation needs a message or a system text, found neither: write one';
  }
  yield* orderProblems(messages, isUnknown);
  for (const [index, { content }] of messages.entries()) yield* emptyProblems(`message ${index + 1}`, content);
  if (system.length > 0) yield* emptyProblems('the system text', system);
  yield* toolProblems(chat.toolConfiguration?.tools ?? [], isUnknown);
}

function* orderProblems(messages: readonly PromptMessage[], isUnknown: (value: unknown) => boolean): Generator<string> {
  for (const [index, { role }] of messages.entries()) {
    const before = messages[index - 1]?.role;
    if (isUnknown(role) || isUnknown(before ?? '')) continue;
    if (index === 0 && role !== 'user') {
      yield 'a conversation must begin with the user, found the assistant: Converse refuses it; put a user message first';
    }
    if (before === role) {
      yield `a conversation must alternate between user and assistant, found the ${role} in messages ${index} and ${index + 1}: Converse refuses it; join the two`;
    }
  }
}

function* emptyProblems(what: string, blocks: readonly PromptBlock[]): Generator<string> {
  if (!Array.isArray(blocks)) return;
  if (blocks.every(({ text }) => text === undefined)) yield `${what} has no text: Converse refuses it; write some`;
}

function* toolProblems(
  tools: readonly { readonly toolSpec?: { readonly name: string } }[],
  isUnknown: (value: unknown) => boolean,
): Generator<string> {
  const names = tools.flatMap(({ toolSpec }) => toolSpec?.name ?? []).filter((name) => !isUnknown(name));
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    yield `two tools are named ${name}: models refuse that, so rename one`;
  }
}
