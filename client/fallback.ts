import type { PromptVariantContent } from '../core/content/prompt-content';
import { template } from '../core/content/template';
import type { PromptContent } from './content-store';

/**
 * A prompt of last resort, written where it is used: its text, or a whole variant as `GetPrompt` answers it. Each
 * `{{name}}` is a variable. To be sent to Bedrock it needs a `modelId`: no version names one.
 */
export type PromptFallback = string | PromptVariantContent;

export function fallbackContent(fallback: PromptFallback | undefined): PromptContent | undefined {
  if (fallback === undefined) return undefined;
  const variant: PromptVariantContent =
    typeof fallback === 'string'
      ? { templateType: 'TEXT', templateConfiguration: { text: { text: fallback } } }
      : fallback;
  return { variant, template: template(variant, false) };
}
