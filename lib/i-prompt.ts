import type { PromptAlias, PromptAliasOptions } from './prompt-alias';
import type { PromptVersion } from './prompt-version';
import type { ReleasablePrompt } from './releasable-prompt';

/** A prompt of a registry. */
export interface IPrompt extends ReleasablePrompt {
  /** The version that holds the present content. @default - the prompt is not published from here */
  readonly currentVersion?: PromptVersion;

  /** Defines an alias of this prompt, such as `STAGING` or `PROD`. */
  addAlias(aliasName: string, options?: PromptAliasOptions): PromptAlias;
}
