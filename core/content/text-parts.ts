import type { PromptInputVariable } from './prompt-content';
import { templateParts } from './template-variables';
import type { PromptVariables } from './variables';

/** A text ready to be filled in: by turns what stands as it is, and the name of a variable. */
export type TextParts = readonly string[];

/**
 * @param variables the declared ones, which alone are replaced
 * @param isDeclared if not, each `{{name}}` is a variable, and is added to `variables`
 */
export function textParts(source: string, variables: PromptInputVariable[], isDeclared: boolean): TextParts {
  const found = templateParts(source);
  const parts = [found[0] as string];
  for (let index = 1; index < found.length; index += 2) {
    const [name, text] = [found[index] as string, found[index + 1] as string];
    if (!isDeclared && variables.every((variable) => variable.name !== name)) variables.push({ name });
    const declared = variables.find((variable) => variable.name === name);
    // The name as declared and not as found: so it is in memory once.
    if (declared) parts.push(declared.name, text);
    else parts[parts.length - 1] += `{{${name}}}${text}`;
  }
  // A copy has no room for further parts.
  return parts.slice();
}

export function filledText(parts: TextParts, values: PromptVariables): string {
  let filled = parts[0] as string;
  for (let index = 1; index < parts.length; index += 2) {
    filled += (values[parts[index] as string] as string) + (parts[index + 1] as string);
  }
  return filled;
}
