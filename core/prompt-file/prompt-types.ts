import type { PromptVariantContent } from '../content/prompt-content';
import { RegistryError } from '../registry-error';

/** A parsed prompt file, as far as its types go. */
export interface TypedPrompt {
  readonly name: string;
  readonly variant: PromptVariantContent;
}

/**
 * TypeScript types of the variables of each prompt, for `new PromptClient<Prompts>(…)`: with them an unknown prompt, a
 * missing variable and a misspelt one do not type-check. All variables are strings, as Bedrock takes nothing else.
 *
 * The text is the same whatever the order of the prompts and of their variables.
 *
 * @throws RegistryError `DuplicatePrompt`
 */
export function promptTypes(prompts: readonly TypedPrompt[]): string {
  const byName = new Map(prompts.map((prompt) => [prompt.name, prompt.variant]));
  if (byName.size < prompts.length) {
    const twice = prompts.find(({ name }, index) => prompts.findIndex((other) => other.name === name) < index);
    throw new RegistryError(
      'DuplicatePrompt',
      `two prompt files are named ${JSON.stringify(twice?.name)}; each prompt of a registry needs a name of its own`,
    );
  }
  const members = [...byName.keys()].sort().map((name) => `  ${literal(name)}: ${promptType(byName.get(name))};`);
  return ['/* Written by `prompt-registry types` from the prompt files; do not edit. */', 'export interface Prompts {']
    .concat(members, '}', '')
    .join('\n');
}

function promptType(variant: PromptVariantContent | undefined): string {
  const template = variant?.templateConfiguration.text ?? variant?.templateConfiguration.chat;
  const names = (template?.inputVariables ?? []).map(({ name }) => name).sort();
  const variables = names.map((name) => `${literal(name)}: string`).join('; ');
  return `{ type: '${variant?.templateType}'; variables: ${variables ? `{ ${variables} }` : 'Record<string, never>'} }`;
}

function literal(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
