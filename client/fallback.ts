import type { PromptVariantContent } from '../core/prompt-content';
import type { PromptContent } from './content-store';
import { template } from './template';

/** A prompt of last resort, written where it is used; a string is its text. `{{name}}` marks a variable. */
export interface PromptFallback {
  /** A TEXT prompt … */
  readonly text?: string;
  /** … or a CHAT prompt. */
  readonly messages?: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
  /** Only with `messages`. */
  readonly system?: string;
  /** Model id or ARN, needed by `converse` and `run`: a fallback has no version that could name it. */
  readonly model?: string;
  readonly inference?: {
    readonly temperature?: number;
    readonly topP?: number;
    readonly maxTokens?: number;
    readonly stopSequences?: string[];
  };
}

export function fallbackContent(fallback: string | PromptFallback): PromptContent {
  const { text, system, messages, model, inference } = typeof fallback === 'string' ? { text: fallback } : fallback;
  const block = (text = '') => [{ text }];
  const chat = messages && {
    system: block(system),
    messages: messages.map(({ role, content }) => ({ role, content: block(content) })),
  };
  const variant: PromptVariantContent = {
    modelId: model,
    inferenceConfiguration: inference && { text: inference },
    templateType: chat ? 'CHAT' : 'TEXT',
    templateConfiguration: chat ? { chat } : { text: { text: text ?? '' } },
  };
  return { variant, template: template(variant, false) };
}
