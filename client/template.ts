import type { PromptBlock, PromptVariantContent } from '../core/prompt-content';
import { templateParts } from '../core/template-variables';
import type { PromptVariables } from './variables';

/** What `compile` makes of a CHAT prompt; the text of a message's blocks is joined by line feeds. */
export interface CompiledChat {
  /** '' if the prompt has none. */
  readonly system: string;
  readonly messages: { readonly role: 'user' | 'assistant'; readonly content: string }[];
}

/** Text of a TEXT prompt, or system and messages of a CHAT prompt. */
export type CompiledPrompt = string | CompiledChat;

/** A prompt's template, ready to be filled in. */
export interface Template {
  readonly variables: ReadonlySet<string>;
  fill(variables: PromptVariables): CompiledPrompt;
}

/**
 * Plain replacement of `{{variable}}`, of declared variables only and in one pass: a value that itself looks like
 * `{{other}}` stays as it is.
 *
 * @param declared whether the content declares its variables; a fallback does not, there each `{{name}}` is one
 */
export function template({ templateConfiguration: { text, chat } }: PromptVariantContent, declared = true): Template {
  const variables = new Set((text ?? chat).inputVariables?.map(({ name }) => name));
  const filler = (blocks: readonly PromptBlock[] = []) => {
    const parts = templateParts(blocks.flatMap(({ text }) => text ?? []).join('\n'));
    if (!declared) for (let index = 1; index < parts.length; index += 2) variables.add(parts[index] as string);
    return (values: PromptVariables) => {
      let filled = parts[0] as string;
      for (let index = 1; index < parts.length; index += 2) {
        const name = parts[index] as string;
        filled += (variables.has(name) ? values[name] : `{{${name}}}`) + (parts[index + 1] as string);
      }
      return filled;
    };
  };
  if (text) return { variables, fill: filler([text as PromptBlock]) };
  const system = filler(chat.system);
  const messages = chat.messages.map(({ role, content }) => ({ role, fill: filler(content) }));
  return {
    variables,
    fill: (values) => ({
      system: system(values),
      messages: messages.map(({ role, fill }) => ({ role, content: fill(values) })),
    }),
  };
}
