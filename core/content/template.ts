import type { CachePoint, PromptBlock, PromptInputVariable, PromptVariantContent } from './prompt-content';
import { filledText, type TextParts, textParts } from './text-parts';
import type { PromptVariables } from './variables';

/** What `compile` makes of a CHAT prompt; the text of a message's blocks is joined by line feeds. */
export interface CompiledChat {
  /** '' if the prompt has none. */
  readonly system: string;
  readonly messages: { readonly role: 'user' | 'assistant'; readonly content: string }[];
}

/** Text of a TEXT prompt, or system and messages of a CHAT prompt. */
export type CompiledPrompt = string | CompiledChat;

/** A prompt's blocks, filled in, with its cache points where they stand. */
export interface FilledBlocks {
  readonly system: PromptBlock[];
  readonly messages: { role: 'user' | 'assistant'; content: PromptBlock[] }[];
}

/** A text to fill in, or a block that stays as it is. */
type Block = TextParts | PromptBlock;

/**
 * A prompt's template, ready to be filled in.
 *
 * Plain replacement of `{{variable}}`, of declared variables only and in one pass: a value that itself looks like
 * `{{other}}` stays as it is. A class, since a client keeps one for each version.
 */
export class Template {
  /** Each of them needs a value. */
  readonly variables: readonly PromptInputVariable[];
  readonly #text: TextParts | undefined;
  readonly #cachePoint: CachePoint | undefined;
  readonly #system: readonly Block[] | undefined;
  readonly #messages: readonly { readonly role: 'user' | 'assistant'; readonly blocks: readonly Block[] }[] | undefined;

  /** @param isDeclared whether the content declares its variables; a fallback does not, there each `{{name}}` is one */
  constructor({ templateConfiguration: { text, chat } }: PromptVariantContent, isDeclared: boolean) {
    const declared = (text ?? chat).inputVariables ?? [];
    const variables = isDeclared ? declared : [...declared];
    const ready = (blocks: readonly PromptBlock[] = []) =>
      blocks.map((block) => (block.text === undefined ? block : textParts(block.text, variables, isDeclared)));
    this.variables = variables;
    this.#text = text && textParts(text.text, variables, isDeclared);
    this.#cachePoint = text?.cachePoint;
    this.#system = chat && ready(chat.system);
    this.#messages = chat?.messages.map(({ role, content }) => ({ role, blocks: ready(content) }));
  }

  fill(values: PromptVariables): CompiledPrompt {
    if (this.#text) return filledText(this.#text, values);
    const { system, messages } = this.fillBlocks(values);
    return {
      system: joined(system),
      messages: messages.map(({ role, content }) => ({ role, content: joined(content) })),
    };
  }

  /** For a request: nothing joined, nothing left out. */
  fillBlocks(values: PromptVariables): FilledBlocks {
    const filled = (blocks: readonly Block[] = []) =>
      blocks.map((block) => (Array.isArray(block) ? { text: filledText(block, values) } : (block as PromptBlock)));
    const text = this.#text && [this.#text, ...(this.#cachePoint ? [{ cachePoint: this.#cachePoint }] : [])];
    const messages = this.#messages ?? [{ role: 'user' as const, blocks: text }];
    return {
      system: filled(this.#system),
      messages: messages.map(({ role, blocks }) => ({ role, content: filled(blocks) })),
    };
  }
}

/** @param isDeclared whether the content declares its variables; a fallback does not, there each `{{name}}` is one */
export function template(variant: PromptVariantContent, isDeclared = true): Template {
  return new Template(variant, isDeclared);
}

function joined(blocks: readonly PromptBlock[]): string {
  return blocks.flatMap(({ text }) => text ?? []).join('\n');
}
