import type { PromptBlock as BlockContent } from '../core/content/prompt-content';
import { portableText } from '../core/text/portable-text';

/** A piece of a message or of the system text: a text, or the end of what the model may cache. */
export class PromptBlock {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'PromptBlock';

  /** A text of 1 to 200,000 characters; `{{name}}` marks a variable. Line ends count as `\n`. */
  public static text(text: string): PromptBlock {
    return new PromptBlock({ text: portableText(text) });
  }

  /**
   * Lets the model keep what stands before this point, so that later calls need not process it again.
   *
   * Models differ in how many they take and in how long the text before must be; the others refuse the call.
   *
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
   */
  public static cachePoint(): PromptBlock {
    return new PromptBlock({ cachePoint: { type: 'default' } });
  }

  /** @internal */
  public readonly _content: BlockContent;

  private constructor(content: BlockContent) {
    this._content = content;
  }
}
