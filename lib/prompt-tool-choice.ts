import type { PromptToolChoice as ToolChoiceContent } from '../core/content/prompt-content';

/** Which of its tools the model has to ask for. */
export class PromptToolChoice {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'PromptToolChoice';

  /** The model decides whether it asks for a tool, which is also what it does without any choice. */
  public static auto(): PromptToolChoice {
    return new PromptToolChoice({ auto: {} });
  }

  /** The model must ask for one of the tools. */
  public static any(): PromptToolChoice {
    return new PromptToolChoice({ any: {} });
  }

  /** The model must ask for this tool, which must be among the prompt's. */
  public static tool(name: string): PromptToolChoice {
    return new PromptToolChoice({ tool: { name } });
  }

  /** @internal */
  public readonly _content: ToolChoiceContent;

  private constructor(content: ToolChoiceContent) {
    this._content = content;
  }
}
