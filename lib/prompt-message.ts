import type { PromptMessage as MessageContent } from '../core/content/prompt-content';
import { PromptBlock } from './prompt-block';

/** A message of a chat prompt. What the caller sends along follows after the prompt's own messages. */
export class PromptMessage {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'PromptMessage';

  /**
   * What the user says.
   *
   * @param text the message, 1 to 200,000 characters; `{{name}}` marks a variable
   * @param more further blocks of the same message, such as a cache point
   */
  public static user(text: string, ...more: PromptBlock[]): PromptMessage {
    return new PromptMessage('user', [PromptBlock.text(text), ...more]);
  }

  /**
   * What the model is to have said.
   *
   * @param text the message, 1 to 200,000 characters; `{{name}}` marks a variable
   * @param more further blocks of the same message, such as a cache point
   */
  public static assistant(text: string, ...more: PromptBlock[]): PromptMessage {
    return new PromptMessage('assistant', [PromptBlock.text(text), ...more]);
  }

  /** @internal */
  public readonly _content: MessageContent;

  private constructor(role: MessageContent['role'], blocks: PromptBlock[]) {
    this._content = { role, content: blocks.map(({ _content }) => _content) };
  }
}
