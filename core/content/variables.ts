import { RegistryError } from '../registry-error';
import type { RegistryErrorCode } from '../registry-error-codes';
import type { PromptInputVariable } from './prompt-content';

/** Values of a prompt's variables. Bedrock takes text only. */
export type PromptVariables = { readonly [name: string]: string };

/**
 * @param declared the prompt's variables; undefined while its content is not known, then only the values are checked
 * @throws RegistryError `InvalidVariable`, `MissingVariable`, `UnknownVariable`
 */
export function checkVariables(
  promptName: string,
  variables: PromptVariables,
  declared: readonly PromptInputVariable[] | undefined,
): void {
  for (const name of Object.keys(variables)) {
    if (typeof variables[name] !== 'string') {
      const found = typeof variables[name];
      throw mistake('InvalidVariable', promptName, name, `must be a string, found ${found}; convert it`, declared);
    }
    if (declared?.every((variable) => variable.name !== name)) {
      throw mistake('UnknownVariable', promptName, name, 'is unknown; remove or rename it', declared);
    }
  }
  if (!declared) return;
  for (const { name } of declared) {
    if (!Object.hasOwn(variables, name))
      throw mistake('MissingVariable', promptName, name, 'is missing; pass it', declared);
  }
}

function mistake(
  code: RegistryErrorCode,
  promptName: string,
  name: string,
  fix: string,
  declared: readonly PromptInputVariable[] | undefined,
): RegistryError {
  const known = declared ? `; declared: ${declared.map(({ name }) => name)}` : '';
  return new RegistryError(code, `${promptName}: variable ${name} ${fix}${known}`);
}
