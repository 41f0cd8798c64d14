import type { CompiledChat, CompiledPrompt } from '../core/content/template';
import type { PromptVariables } from '../core/content/variables';

/** What is known of one prompt at compile time; `prompt-registry types` writes these from the prompt files. */
export interface PromptType {
  readonly type: 'TEXT' | 'CHAT';
  readonly variables: PromptVariables;
}

/** Any prompt, any variables. */
export type UntypedPrompts = Record<string, PromptType>;

export type VariablesOf<P, N extends keyof P> = P[N] extends { variables: infer V extends PromptVariables }
  ? V
  : PromptVariables;

/** What `compile` answers: a string if the prompt is known to be TEXT, either if nothing is known. */
export type CompiledOf<P, N extends keyof P> = P[N] extends { type: 'TEXT' }
  ? string
  : P[N] extends { type: 'CHAT' }
    ? CompiledChat
    : CompiledPrompt;
