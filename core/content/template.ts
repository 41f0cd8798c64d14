import type { PromptBlock, PromptVariantContent } from './prompt-content';
import { templateParts } from './template-variables';
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

/** A prompt's template, ready to be filled in. */
export interface Template {
  readonly variables: ReadonlySet<string>;
  fill(variables: PromptVariables): CompiledPrompt;
  /** For a request: nothing joined, nothing left out. */
  fillBlocks(variables: PromptVariables): FilledBlocks;
}

/**
 * Plain replacement of `{{variable}}`, of declared variables only and in one pass: a value that itself looks like
 * `{{other}}` stays as it is.
 *
 * @param declared whether the content declares its variables; a fallback does not, there each `{{name}}` is one
 */
export function template({ templateConfiguration: { text, chat } }: PromptVariantContent, declared = true): Template {
  const variables = new Set((text ?? chat).inputVariables?.map(({ name }) => name));
  const textFiller = (source: string) => {
    const parts = templateParts(source);
    const names: string[] = [];
    // What stands before each variable, and at last what stands after them.
    const texts = [parts[0] as string];
    for (let index = 1; index < parts.length; index += 2) {
      const [name, text] = [parts[index] as string, parts[index + 1] as string];
      if (!declared) variables.add(name);
      if (variables.has(name)) {
        names.push(name);
        texts.push(text);
      } else texts[names.length] += `{{${name}}}${text}`;
    }
    return (values: PromptVariables) => {
      let filled = texts[0] as string;
      for (let index = 0; index < names.length; index++) {
        filled += (values[names[index] as string] as string) + (texts[index + 1] as string);
      }
      return filled;
    };
  };
  const filler = (blocks: readonly PromptBlock[] = []) => {
    const fills = blocks.map((block) => (block.text === undefined ? block : textFiller(block.text)));
    return (values: PromptVariables): PromptBlock[] =>
      fills.map((fill) => (typeof fill === 'function' ? { text: fill(values) } : fill));
  };
  if (text) {
    const fill = textFiller(text.text);
    const { cachePoint } = text;
    const fillBlocks = (values: PromptVariables): FilledBlocks => {
      const content: PromptBlock[] = [{ text: fill(values) }, ...(cachePoint ? [{ cachePoint }] : [])];
      return { system: [], messages: [{ role: 'user', content }] };
    };
    return { variables, fill, fillBlocks };
  }
  const system = filler(chat.system);
  const messages = chat.messages.map(({ role, content }) => ({ role, fill: filler(content) }));
  return {
    variables,
    fill: (values) => ({
      system: joined(system(values)),
      messages: messages.map(({ role, fill }) => ({ role, content: joined(fill(values)) })),
    }),
    fillBlocks: (values) => ({
      system: system(values),
      messages: messages.map(({ role, fill }) => ({ role, content: fill(values) })),
    }),
  };
}

function joined(blocks: readonly PromptBlock[]): string {
  return blocks.flatMap(({ text }) => text ?? []).join('\n');
}
