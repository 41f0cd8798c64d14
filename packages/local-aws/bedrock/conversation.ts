import type { ContentBlock, Message, Tool } from '@aws-sdk/client-bedrock-runtime';
import { AwsError } from '../aws-error';

/**
 * What Converse refuses of a conversation, in its words as users have quoted them. CreatePrompt takes all of it.
 *
 * @see https://github.com/langchain-ai/langchain-aws/issues/130
 * @see https://github.com/langchain-ai/langchain-aws/issues/192
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/pull/185
 */
export function checkConversation(messages: readonly Message[]): void {
  if (messages[0]?.role !== 'user') {
    throw invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  checkMessages(messages);
}

/** Messages that follow others: what AWS makes of two users where they meet is not documented, and not judged here. */
export function checkMessages(messages: readonly Message[]): void {
  if (messages.some(({ role }, index) => role === messages[index - 1]?.role)) {
    throw invalid(
      'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
    );
  }
  for (const [at, { content = [] }] of messages.entries()) {
    if (content.length === 0) {
      throw invalid(
        `The content field in the Message object at messages.${at} is empty. Add a ContentBlock object to the content field and try again.`,
      );
    }
    checkTexts(content, `ContentBlock object at messages.${at}.content`);
  }
}

export function checkSystem(system: readonly ContentBlock[]): void {
  checkTexts(system, 'SystemContentBlock object at system');
}

/** In the words of Anthropic's models. */
export function checkTools(tools: readonly Tool[]): void {
  const names = tools.flatMap(({ toolSpec }) => toolSpec?.name ?? []);
  if (new Set(names).size < names.length) {
    throw invalid('The model returned the following errors: tools: Tool names must be unique.');
  }
}

function checkTexts(blocks: readonly ContentBlock[], where: string): void {
  const blank = blocks.findIndex(({ text }) => text !== undefined && text.trim() === '');
  if (blank >= 0)
    throw invalid(`The text field in the ${where}.${blank} is blank. Add text to the text field, and try again.`);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
