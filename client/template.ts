import type { PromptBlock, PromptVariantContent } from '../core/prompt-content';
import { RegistryError } from '../core/registry-error';
import type { PromptVariables } from './variables';

/** What `compile` makes of a CHAT prompt; the text of a message's blocks is joined by line feeds. */
export interface CompiledChat {
  /** '' if the prompt has none. */
  readonly system: string;
  readonly messages: { readonly role: 'user' | 'assistant'; readonly content: string }[];
}

/** Text of a TEXT prompt, or system and messages of a CHAT prompt. */
export type CompiledPrompt = string | CompiledChat;

/** A prompt's template, taken apart once so that filling it in is one pass. */
export interface Template {
  readonly variables: ReadonlySet<string>;
  fill(variables: PromptVariables): CompiledPrompt;
}

/**
 * Plain replacement of `{{variable}}`, of declared variables only and in one pass: a value that itself looks like
 * `{{other}}` stays as it is.
 *
 * @param declared whether the content declares its variables; a fallback does not, there each `{{name}}` is one
 * @throws RegistryError `UnsupportedTemplate`
 */
export function template(variant: PromptVariantContent, declared = true): Template {
  const { text, chat } = variant.templateConfiguration;
  const inputVariables = (text ?? chat)?.inputVariables ?? [];
  const variables = new Set(inputVariables.map(({ name }) => name));
  const parts = (source: string) => split(source, declared ? variables : undefined, variables);
  if (text) {
    const filled = parts(text.text);
    return { variables, fill: (values) => join(filled, values) };
  }
  if (!chat) {
    throw new RegistryError(
      'UnsupportedTemplate',
      `a template must be TEXT or CHAT, found ${variant.templateType}; update cdk-prompt-registry`,
    );
  }
  const system = parts(textOf(chat.system));
  const messages = chat.messages.map(({ role, content }) => ({ role, parts: parts(textOf(content)) }));
  return {
    variables,
    fill: (values) => ({
      system: join(system, values),
      messages: messages.map(({ role, parts }) => ({ role, content: join(parts, values) })),
    }),
  };
}

/** Text and names of variables by turns, text first. */
function split(source: string, known: ReadonlySet<string> | undefined, found: Set<string>): string[] {
  const parts = [''];
  let end = 0;
  for (const match of source.matchAll(/\{\{\s*([0-9a-zA-Z_-]+)\s*\}\}/g)) {
    const name = match[1] as string;
    if (known && !known.has(name)) continue;
    found.add(name);
    parts[parts.length - 1] += source.slice(end, match.index);
    parts.push(name, '');
    end = match.index + match[0].length;
  }
  parts[parts.length - 1] += source.slice(end);
  return parts;
}

function join(parts: readonly string[], values: PromptVariables): string {
  let text = parts[0] as string;
  for (let index = 1; index < parts.length; index += 2) {
    text += (values[parts[index] as string] as string) + parts[index + 1];
  }
  return text;
}

function textOf(blocks: readonly PromptBlock[] | undefined): string {
  return (blocks ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n');
}
